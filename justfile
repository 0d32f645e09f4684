# Commands for developers of ptbterm; `just` alone lists them. Activate the virtual environment first.

_default:
    @just --list --unsorted

# Install the package, editable, with everything that the tests need
setup:
    pip install -e '.[test]'

# Run all tests but the slow ones
test *arguments:
    pytest {{arguments}}

# Run the fast tests: none that starts a process, opens a screen or takes seconds
quick *arguments:
    pytest -m "not process and not slow" {{arguments}}

# Run the slow tests: minutes of training, fuzzing, killed processes
slow *arguments:
    pytest -m slow {{arguments}}

# Lint, format, types, import contracts: what CI checks besides the tests
check:
    ruff check .
    ruff format --check .
    mypy
    lint-imports

# Fix what ruff can fix
fix:
    ruff check --fix .
    ruff format .

# Write docs/reference/ from the program, and run the examples of docs/
docs:
    python -m scripts.reference
    pytest tests/docs

# Make the pictures in assets/ (minutes; trains the demo model); `just pictures tour failed` makes some of them
pictures *names:
    python -m scripts.pictures {{names}}

# Time training steps against the textbook program, on the folder of a corpus
bench corpus *arguments:
    python -m benchmarks.steps {{corpus}} {{arguments}}

# Build the wheel and the source archive into dist/
build:
    python -m hatchling build

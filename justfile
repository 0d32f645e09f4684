# Recipes of the work on ptbterm; `just` alone lists them. Each runs in the activated environment.

_default:
    @just --list --unsorted

# Install the package, editable, with everything that the tests need
setup:
    pip install -e '.[test]'

# Run the suite
test *arguments:
    pytest {{arguments}}

# Run the inner loop: no test that starts processes or trains for minutes
quick *arguments:
    pytest -m "not process and not slow" {{arguments}}

# Run the tests that train for minutes, fuzz and kill
slow *arguments:
    pytest -m slow {{arguments}}

# Lint, format, types, import contracts: what CI checks beside the tests
check:
    ruff check .
    ruff format --check .
    mypy
    lint-imports

# Mend what ruff can mend
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

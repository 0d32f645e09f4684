"""Compare what two versions of ptbterm compute, bit for bit, on this machine.

    python -m scripts.compare_behavior OLD NEW

OLD and NEW are checkouts with a virtual environment in `.venv`, or Python executables that can import ptbterm.
Both train, evaluate, score, generate and so on from an invented text, with one thread and with two. Events,
checkpoints and outputs for programs must be equal in every bit; of text for people only the numbers are compared,
so that its wording can change. Only command lines and the files of runs are used, nothing inside the package.

Settings that give NEW the behavior of OLD after an intended change: `--new-set KEY=VALUE`. Exits with 1 on any
difference.
"""

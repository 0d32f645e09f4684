"""The command: compares, prints a line for each case, and exits with 1 on a difference."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from scripts import compare_behavior
from scripts.compare_behavior.cases import Case, all_cases
from scripts.compare_behavior.differences import compare
from scripts.compare_behavior.program import Program
from scripts.compare_behavior.served import Done


def main() -> None:
    """Compare, print a line a case, exit with 1 on a difference."""
    parser = argparse.ArgumentParser(
        description=compare_behavior.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", metavar="OLD", help="checkout or Python executable")
    parser.add_argument("new", metavar="NEW", help="checkout or Python executable")
    parser.add_argument(
        "--new-set", metavar="KEY=VALUE", action="append", default=[], help="setting for NEW; repeatable"
    )
    parser.add_argument("--only", metavar="TEXT", default="", help="only cases with TEXT in their name")
    parser.add_argument("--threads", type=int, choices=(1, 2), help="only with this number of threads")
    parser.add_argument("--list", action="store_true", help="list the cases and exit")
    options = parser.parse_args()
    cases = [case for case in all_cases() if options.only in case.name]
    if options.list:
        print("\n".join(case.name for case in cases))
        return
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ptbterm-compare-") as folder:
        different = sum(
            compare_all(cases, threads, options, Path(folder).resolve() / str(threads))
            for threads in ([options.threads] if options.threads else [1, 2])
        )
    print(f"{different or 'no'} differing cases, {time.monotonic() - started:.0f} s")
    sys.exit(bool(different) or not cases)


def compare_all(cases: Sequence[Case], threads: int, options: argparse.Namespace, folder: Path) -> int:
    """Run the cases with that number of threads, print the equal ones, return how many differ."""
    old = Program(options.old, folder / "old", threads, ())
    new = Program(options.new, folder / "new", threads, options.new_set)
    different = 0
    for case in cases:
        if threads in case.threads:
            started = time.monotonic()
            findings = compare(case, old, new, run_both(case, old, new, together=threads == 1))
            different += bool(findings.differences)
            print(f"{threads}  {case.name:40} {time.monotonic() - started:4.1f} s  {findings}", flush=True)
            for difference in findings.differences:
                print(f"     {difference}", flush=True)
    for program in (old, new):
        program.close()
    return different


def run_both(case: Case, old: Program, new: Program, *, together: bool) -> list[list[Done]]:
    """Run a case on both; one after the other where each has threads for all processors."""
    if together:
        for program in (old, new):
            program.start(case)
        return [program.results() for program in (old, new)]
    results = []
    for program in (old, new):
        program.start(case)
        results.append(program.results())
    return results


if __name__ == "__main__":
    main()

"""The long kill sweep. `make sweep`, or: tools/sweep.py --mails 300 --seconds 90 --seed 7

Starts the product in a temporary home, sends marked mails to it, kills random processes of it at random moments, and
looks whether every promise was kept. Prints a table; exit code 1 when a promise was broken.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from tests.reliability.sweep import Sweep, sweep  # noqa: E402  # the tests are no package that is installed


def main() -> int:
    """Run one sweep and print its outcome; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=300, help="how many mails (300)")
    parser.add_argument("--seconds", type=float, default=90.0, help="over how many seconds they come (90)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000, help="what the dice are thrown from")
    parser.add_argument("--mood", type=float, default=0.06, help="share of trouble made by the server outside (0.06)")
    parser.add_argument("--keep", action="store_true", help="keep the home and the log for a look")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="otklik-sweep-"))
    print(
        f"sweep of {arguments.mails} mails in {arguments.seconds:.0f} s, --seed {arguments.seed}, in {folder}",
        flush=True,
    )
    outcome = sweep(Sweep(arguments.mails, arguments.seconds, arguments.seed, arguments.mood), folder)
    for name, value in outcome.figures.items():
        print(f"  {name:<46} {value}")
    for line in outcome.wrong:
        print(f"BROKEN  {line}")
    print("every promise was kept" if not outcome.wrong else f"{len(outcome.wrong)} kinds of broken promises")
    if not (arguments.keep or outcome.wrong):
        shutil.rmtree(folder)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

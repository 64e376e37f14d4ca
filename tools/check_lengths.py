"""No file of ours is longer than a person reads in one sitting: 400 lines."""

import sys
from pathlib import Path

LIMIT = 400
ROOT = Path(__file__).resolve().parent.parent
PLACES = ("src", "tests", "tools")
KINDS = {".py", ".html", ".css", ".js"}
# Made by others or by a machine.
FOREIGN = {"vendor", "migrations", "node_modules", "__pycache__"}


def main() -> int:
    """Name the files that are too long; 1 when there are any."""
    files = (path for place in PLACES for path in (ROOT / place).rglob("*") if path.suffix in KINDS)
    ours = (path for path in files if not FOREIGN & set(path.relative_to(ROOT).parts))
    counted = ((len(path.read_text(encoding="utf-8").splitlines()), path.relative_to(ROOT)) for path in ours)
    long = sorted((lines, path) for lines, path in counted if lines > LIMIT)
    for lines, path in long:
        print(f"{path}: {lines} lines; {LIMIT} is the limit", file=sys.stderr)
    return 1 if long else 0


if __name__ == "__main__":
    sys.exit(main())

"""No file of ours is longer than a person reads in one sitting, 400 lines; no line of a template is wider than 160."""

import sys
from pathlib import Path

LIMIT = 400
# Of templates only: ruff and the style sheets' tool keep the width of the others.
WIDTH = 160
ROOT = Path(__file__).resolve().parent.parent
PLACES = ("src", "tests", "tools")
KINDS = {".py", ".html", ".css", ".js"}
# Made by others or by a machine.
FOREIGN = {"vendor", "migrations", "node_modules", "__pycache__"}


def too_wide(path: Path) -> list[int]:
    """Numbers of a template's lines that are wider than WIDTH; the bodies of mails as plain text have their own."""
    if path.suffix != ".html" or "templates" not in path.parts:
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if len(line) > WIDTH]


def main() -> int:
    """Name the files that are too long and the lines that are too wide; 1 when there are any."""
    files = (path for place in PLACES for path in (ROOT / place).rglob("*") if path.suffix in KINDS)
    ours = [path for path in files if not FOREIGN & set(path.relative_to(ROOT).parts)]
    counted = ((len(path.read_text(encoding="utf-8").splitlines()), path.relative_to(ROOT)) for path in ours)
    long = sorted((lines, path) for lines, path in counted if lines > LIMIT)
    for lines, path in long:
        print(f"{path}: {lines} lines; {LIMIT} is the limit", file=sys.stderr)
    wide = sorted((path.relative_to(ROOT), number) for path in ours for number in too_wide(path))
    for path, number in wide:
        print(f"{path}:{number}: wider than {WIDTH} characters", file=sys.stderr)
    return 1 if long or wide else 0


if __name__ == "__main__":
    sys.exit(main())

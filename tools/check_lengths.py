"""Check that no file of ours has more than 400 lines and no line of a template more than 160 characters."""

import sys
from pathlib import Path

LIMIT = 400
# For templates only: ruff and tools/stylesheets.py check the others.
WIDTH = 160
ROOT = Path(__file__).resolve().parent.parent
PLACES = ("src", "tests", "tools")
KINDS = {".py", ".html", ".css", ".js"}
# Vendored or generated.
FOREIGN = {"vendor", "migrations", "node_modules", "__pycache__"}


def too_wide(path: Path) -> list[int]:
    """Return the numbers of a template's lines wider than WIDTH. Plain-text mail templates are not checked."""
    if path.suffix != ".html" or "templates" not in path.parts:
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if len(line) > WIDTH]


def main() -> int:
    """Print the files that are too long and the lines that are too wide; return 1 if there are any."""
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

"""Style sheets in their one form: one declaration a line, made by cssbeautifier.

stylesheets.py format   writes ours again
stylesheets.py check    names those that are not in their form; 1 when there are any
"""

import sys
from pathlib import Path

import cssbeautifier

PACKAGES = Path(__file__).resolve().parent.parent / "src" / "otklik"
OPTIONS = cssbeautifier.default_options()
OPTIONS.indent_size = 2
OPTIONS.end_with_newline = True


def main(act: str) -> int:
    """Format or check all style sheets except the vendored ones."""
    changed = []
    for path in sorted(PACKAGES.glob("*/static/**/*.css")):
        if "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        formatted = cssbeautifier.beautify(text, OPTIONS)
        if formatted != text:
            changed.append(path)
            if act == "format":
                path.write_text(formatted, encoding="utf-8")
    if act == "format":
        return 0
    for path in changed:
        print(f"{path.relative_to(PACKAGES)}: not in its form; run: make format", file=sys.stderr)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

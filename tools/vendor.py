"""Fetches the pinned front-end packages with the npm client and lays out the few files we serve.

Run by hand when a version changes: `.venv/bin/python tools/vendor.py`. The result is committed, so neither
an installation nor a test needs npm. Packages are named only; npm's own
configuration says where they come from.

Tabler stays on 1.0.0: from 1.1 on it colours everything with `color-mix()`, later with `light-dark()`,
which the last browsers for Windows 7 and 8 do not know, and the people we serve still use them.
"""

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/otklik/ui/static/vendor"

# Names of Tabler's icons that pages use, one a line ("-filled" for the filled drawing).
ICONS = (Path(__file__).parent / "icons.txt").read_text(encoding="utf-8").split()

# Removes from Tabler's sheet what no page uses (tools/purge.cjs); the removed classes are listed in dropped.txt.
PURGE = "purgecss@8.0.0"
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")

SPRITE_HEAD = '<svg xmlns="http://www.w3.org/2000/svg">\n'
SOURCE_MAP = re.compile(r"\s*(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S*)\s*$")


@dataclass(frozen=True)
class Package:
    """One npm package: the files to take (source in the package -> name here) and the digest that npm must report."""

    name: str
    version: str
    licence: str
    integrity: str
    files: dict[str, str]
    why: str

    @property
    def folder(self) -> str:
        """The directory under `vendor/`: the name without the scope's punctuation."""
        return self.name.removeprefix("@").replace("/", "-").removesuffix(".org")


PACKAGES = (
    Package(
        "@tabler/core",
        "1.0.0",
        "MIT",
        "sha512-uFmv6f8TAaW2JaGwzjT1LfK+TjmBQSTCoznCMdV5uur4cv4TtJlV8Hh1Beu55YX0svMtOQ0Xts7tYv/+qBEcfA==",
        {"dist/css/tabler.min.css": "tabler.min.css", "LICENSE": "LICENSE"},
        "look: Bootstrap 5 components, light and dark",
    ),
    Package(
        "@tabler/icons",
        "3.51.0",
        "MIT",
        "sha512-0pinvPZz7YeX+OSfxuEAbnEPWbocVXW5iU8h5lh41pYG8sZuQfpWECC980lxOT0clGIcNGn8xsBr+zKaRGdA/g==",
        {"LICENSE": "LICENSE"},
        "the icons named in tools/icons.txt as one SVG sprite",
    ),
    Package(
        "htmx.org",
        "2.0.11",
        "0BSD",
        "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"},
        "fragments over the wire",
    ),
    Package(
        "idiomorph",
        "0.7.4",
        "0BSD",
        "sha512-uCdSpLo3uMfqOmrwXTpR1k/sq4sSmKC7l4o/LdJOEU+MMMq+wkevRqOQYn3lP7vfz9Mv+USBEqPvi0XhdL9ENw==",
        {"dist/idiomorph-ext.min.js": "idiomorph-ext.min.js", "LICENSE": "LICENSE"},
        "a fresh fragment changes only what differs: focus, open folds and frames stay as they are",
    ),
)


def main() -> None:
    """Replace the vendored directories and write the two listings. Raises SystemExit if a digest differs."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            _lay_out(package, _unpacked(package, Path(folder)))
        print(f"{package.name} {package.version}")
    _write_listings()


def _unpacked(package: Package, folder: Path) -> Path:
    """Download one package by name and version; return its unpacked root."""
    answer = subprocess.run(
        ["npm", "pack", f"{package.name}@{package.version}", "--json", "--silent"],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    reports = json.loads(answer.stdout)
    report = reports[0] if isinstance(reports, list) else next(iter(reports.values()))
    if report["integrity"] != package.integrity:
        raise SystemExit(f"{package.name} {package.version}: {report['integrity']} is not what is pinned")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def _lay_out(package: Package, source: Path) -> None:
    target = TARGET / package.folder
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for origin, name in package.files.items():
        text = (source / origin).read_text(encoding="utf-8")
        # Without this the manifest storage would look for the source map, which is not served.
        (target / name).write_text(SOURCE_MAP.sub("\n", text), encoding="utf-8")
    if package.name == "@tabler/core":
        _purge(target / "tabler.min.css")
    if package.name == "@tabler/icons":
        (target / "sprite.svg").write_text(_sprite(source / "icons"), encoding="utf-8")


def _purge(sheet: Path) -> None:
    """Remove unused rules from the sheet; write the removed classes to `dropped.txt` beside it."""
    before = _classes(sheet)
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "exec", "--yes", f"--package={PURGE}", "--", "purgecss", "--config", "tools/purge.cjs"]
        command += ["--css", str(sheet), "--output", folder]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        shutil.copyfile(Path(folder) / sheet.name, sheet)
    gone = sorted(before - _classes(sheet))
    (sheet.parent / "dropped.txt").write_text("\n".join(gone) + "\n", encoding="utf-8")


def _classes(sheet: Path) -> set[str]:
    """Return the classes in the sheet's rules, unescaped."""
    text = re.sub(r"url\([^)]*\)|\{[^{}]*\}", "{}", sheet.read_text(encoding="utf-8"))
    return set(CLASS.findall(text.replace("\\", "")))


def _sprite(icons: Path) -> str:
    symbols = (f'<symbol id="{name}" viewBox="0 0 24 24">{_shapes(icons, name)}</symbol>\n' for name in ICONS)
    return SPRITE_HEAD + "".join(symbols) + "</svg>\n"


def _shapes(icons: Path, name: str) -> str:
    """Return an icon's shapes without the outer element and the invisible bounding box."""
    filled = name.endswith("-filled")
    path = icons / ("filled" if filled else "outline") / f"{name.removesuffix('-filled')}.svg"
    inner = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert inner, name
    shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", inner[1])
    shapes = re.sub(r"\s+", " ", shapes).strip()
    return f'<g fill="currentColor" stroke="none">{shapes}</g>' if filled else shapes


def _write_listings() -> None:
    rows = [_row(package) for package in PACKAGES]
    (TARGET / "vendor.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    lines = [
        "# What is vendored here",
        "",
        "Made by `tools/vendor.py`; do not edit. Licences lie beside the files.",
        "",
        "| package | version | licence | files | for |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        files = ", ".join(f"`{name}`" for name in row["files"])
        lines.append(f"| {row['name']} | {row['version']} | {row['licence']} | {files} | {row['why']} |")
    (TARGET / "VENDOR.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(package: Package) -> dict[str, object]:
    folder = TARGET / package.folder
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "integrity": package.integrity,
        "files": [f"{package.folder}/{path.name}" for path in sorted(folder.iterdir())],
        "why": package.why,
    }


if __name__ == "__main__":
    main()

"""Translations: compile them, check that Russian is whole, add what is new.

    messages.py compile   .po -> .mo beside it, where the .mo is older (needs no gettext)
    messages.py check     fails on a text without Russian, a doubtful or left-over entry, a broken placeholder
    messages.py update    adds the texts that no file has yet to the file of their package, untranslated

Django merges the files of all packages into one catalogue, so a text may stand in the file of any package, once.
Texts are found by Django's own makemessages, which needs xgettext (Debian: gettext).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "src" / "otklik"
LANGUAGE = "ru"
PLURALS = 3
_PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|%[sd]|\{[a-z_0-9]*\}")
Key = tuple[str, str]


def files() -> Iterator[Path]:
    """Yield every translation file."""
    yield from sorted(PACKAGES.glob("*/locale/*/LC_MESSAGES/*.po"))


def compile_all() -> int:
    """Write each .mo file that is missing or older than its .po file."""
    for path in files():
        target = path.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
            aside = target.with_suffix(f".mo{os.getpid()}")
            polib.pofile(str(path)).save_as_mofile(str(aside))
            aside.replace(target)
    return 0


def check() -> int:
    """Print every defect of the translations; return 1 if there is any."""
    problems = [problem for path in files() for problem in _problems(path)] + list(_disagreements())
    template = _extract()
    if template is None:
        print("messages: xgettext is missing, so texts without an entry were not looked for", file=sys.stderr)
        if os.environ.get("CI") == "true":
            problems.append("xgettext is missing, and CI=true allows no skipped check")
    else:
        problems += _differences(template)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def update() -> int:
    """Add new texts to the file of the package where they are first used. Returns 1 without xgettext."""
    template = _extract()
    if template is None:
        print("messages: xgettext is missing (Debian: gettext)", file=sys.stderr)
        return 1
    known = {_key(entry) for path in files() for entry in polib.pofile(str(path))}
    for entry in template:
        if _key(entry) not in known:
            package = Path(entry.occurrences[0][0]).parts[0]
            _add(PACKAGES / package / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po", entry)
    return 0


def _add(path: Path, entry: polib.POEntry) -> None:
    if path.exists():
        catalogue = polib.pofile(str(path), wrapwidth=110)
    else:
        path.parent.mkdir(parents=True)
        catalogue = polib.POFile(wrapwidth=110)
        catalogue.metadata = dict(polib.pofile(str(next(files()))).metadata)
    catalogue.append(entry)
    catalogue.save(str(path))
    print(f"{path.relative_to(ROOT)}: {entry.msgid!r}")


def _problems(path: Path) -> Iterator[str]:
    where = path.relative_to(ROOT)
    for entry in polib.pofile(str(path)):
        what = f"{where}:{entry.linenum}: {entry.msgid!r}"
        if entry.obsolete or entry.fuzzy:
            yield f"{what} is {'left over' if entry.obsolete else 'doubtful (fuzzy)'}"
        translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if not all(translations) or (entry.msgid_plural and len(translations) != PLURALS):
            yield f"{what} has no translation" if not any(translations) else f"{what} lacks a plural form"
        elif not all(_same_placeholders(entry, text) for text in translations):
            yield f"{what} and its translation have different placeholders"


def _same_placeholders(entry: polib.POEntry, text: str) -> bool:
    """Return whether the translation uses the same placeholders; a plural form may omit the number where the form
    implies it."""
    theirs = set(_PLACEHOLDER.findall(text))
    ours = set(_PLACEHOLDER.findall(entry.msgid)) | set(_PLACEHOLDER.findall(entry.msgid_plural or ""))
    return theirs <= ours if entry.msgid_plural else theirs == ours


def _disagreements() -> Iterator[str]:
    seen: dict[Key, tuple[str, Path]] = {}
    for path in files():
        for entry in polib.pofile(str(path)):
            translation = entry.msgstr or str(sorted(entry.msgstr_plural.items()))
            first, where = seen.setdefault(_key(entry), (translation, path))
            if first != translation:
                yield f"{path.relative_to(ROOT)}: {entry.msgid!r} is translated otherwise in {where.relative_to(ROOT)}"


def _differences(template: polib.POFile) -> list[str]:
    wanted = {_key(entry): entry for entry in template}
    known = {_key(entry): path for path in files() for entry in polib.pofile(str(path)) if not entry.obsolete}
    missing = [
        f"{entry.occurrences[0][0]}: {entry.msgid!r} has no entry; run: .venv/bin/python tools/messages.py update"
        for key, entry in wanted.items()
        if key not in known
    ]
    unused = [
        f"{path.relative_to(ROOT)}: {key[1]!r} is used nowhere" for key, path in known.items() if key not in wanted
    ]
    return missing + unused


def _extract() -> polib.POFile | None:
    """Return every text of the code and the templates, or None without xgettext."""
    if shutil.which("xgettext") is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "otklik"
        shutil.copytree(PACKAGES, copy, ignore=shutil.ignore_patterns("locale", "vendor", "__pycache__", "migrations"))
        (copy / "locale").mkdir()
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "-l", LANGUAGE, "-e", "py,html,txt", "-v", "0"],
            cwd=copy,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
            check=True,
        )
        return polib.pofile(str(copy / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"))


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


if __name__ == "__main__":
    acts = {"compile": compile_all, "check": check, "update": update}
    if len(sys.argv) != 2 or sys.argv[1] not in acts:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(acts[sys.argv[1]]())

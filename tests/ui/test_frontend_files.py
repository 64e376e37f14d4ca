"""Rules for every template, style sheet and script, and for colours."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from otklik.ui.templatetags.otklik_ui import icon_names

SOURCE = Path(__file__).resolve().parents[2] / "src" / "otklik"
VENDOR = SOURCE / "ui/static/vendor"


def files(*suffixes: str) -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in suffixes and VENDOR not in path.parents and path.is_file():
            yield path


def pages() -> Iterator[Path]:
    """Yield templates of pages. Mail templates are separate: mail programs only support inline styles."""
    for path in files(".html"):
        if "templates" in path.parts and not {"mail", "mails"} & set(path.relative_to(SOURCE).parts[2:]):
            yield path


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


FORBIDDEN_IN_PAGES = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "an event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "script evaluated by htmx": r"\b(?:hx-on|hx-vals\s*=\s*[\"']js:|hx-vars)\b",
    "an address for scripts": r"javascript:",
    "a blank after a sign, which its link underlines": r"<a (?![^>]*class=\"btn)[^>]*>\{% icon [^%]*%\}\s",
    "a file of another host": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
}


def test_what_is_morphed_brings_the_extension_itself() -> None:
    """An ancestor's does not count: the form may be gone from the page when htmx looks for it, and the answer would be
    put inside its target."""
    found = []
    for path in pages():
        text = path.read_text(encoding="utf-8")
        for swap in re.finditer('hx-swap="morph', text):
            tag = text[text.rfind("<", 0, swap.start()) : text.find(">", swap.end())]
            found += [name(path)] * ('hx-ext="morph"' not in tag)
    assert found == []


def excused(path: Path, what: str) -> bool:
    """Return whether it is the sandboxed frame around a received mail, whose own policy allows styles and no script."""
    return path.name in {"mail_frame.html", "mail_preview.html"} and what.startswith("a style")


@pytest.mark.parametrize("path", list(pages()), ids=name)
def test_pages_carry_no_inline_code_and_no_foreign_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    forbidden = {what: pattern for what, pattern in FORBIDDEN_IN_PAGES.items() if not excused(path, what)}
    found = [what for what, pattern in forbidden.items() if re.search(pattern, text, re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize("path", list(files(".css", ".js")), ids=name)
def test_scripts_and_sheets_reach_no_other_host_and_evaluate_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    assert not re.search(r"\beval\(|new Function\(|\.innerHTML\b|document\.write|@import", text)
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("path", list(files(".html", ".svg")), ids=name)
def test_templates_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_page_uses_a_class_that_was_taken_out_of_tabler() -> None:
    gone = set((VENDOR / "tabler-core/dropped.txt").read_text(encoding="utf-8").split())
    own = set(re.findall(r"\.([a-zA-Z][\w-]*)", " ".join(path.read_text(encoding="utf-8") for path in files(".css"))))
    for path in pages():
        said = re.findall(r'class="([^"]*)"', re.sub(r"{[{%].*?[%}]}", " ", path.read_text(encoding="utf-8")))
        used = {word for words in said for word in words.split()} & (gone - own)
        assert not used, f"{path.name}: {used}; run tools/vendor.py, which brings them back"
    assert "accordion-button" in gone and "btn-primary" not in gone


def test_rules_catch_what_they_forbid() -> None:
    bad = {
        "a style attribute": '<p style="color:red">',
        "a style element": "<style>",
        "an inline script": "<script>alert(1)</script>",
        "an event attribute": "<a onclick='x()'>",
        "script evaluated by htmx": '<a hx-on:click="x">',
        "an address for scripts": '<a href="javascript:x">',
        "a blank after a sign, which its link underlines": '<a href="/x">{% icon "x" %} Words</a>',
        "a file of another host": '<link href="https://example.org/x.css">',
    }
    assert bad.keys() == FORBIDDEN_IN_PAGES.keys()
    for what, html in bad.items():
        assert re.search(FORBIDDEN_IN_PAGES[what], html)
        assert not re.search(FORBIDDEN_IN_PAGES[what], '<script src="/x.js" defer></script><p class="a" data-on="b">')


def test_named_icons_and_static_files_exist() -> None:
    missing = []
    for path in files(".html"):
        text = path.read_text(encoding="utf-8")
        icons = re.findall(r"{%\s*icon\s+[\"']([^\"']+)[\"']", text)
        statics = re.findall(r"{%\s*static\s+[\"']([^\"']+)[\"']", text)
        missing += [f"{name(path)}: icon {icon}" for icon in icons if icon not in icon_names()]
        missing += [f"{name(path)}: static {file}" for file in statics if finders.find(file) is None]
    assert missing == []


def test_vendored_files_are_listed_with_their_licences() -> None:
    rows = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    listed = {file for row in rows for file in row["files"]}
    there = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*/*") if path.is_file()}
    assert listed == there
    for row in rows:
        assert any(file.endswith("LICENSE") for file in row["files"]), row["name"]
        assert row["integrity"].startswith("sha512-")
        assert row["version"] in (VENDOR / "VENDOR.md").read_text(encoding="utf-8")


def test_files_can_be_collected_for_the_real_server(tmp_path: Path) -> None:
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    assert "otklik/base.css" in manifest
    assert (tmp_path / "otklik/error.css").exists()


def test_what_pages_share_is_fully_translated() -> None:
    catalogues = [polib.pofile(str(SOURCE / room / "locale/ru/LC_MESSAGES/django.po")) for room in ("core", "ui")]
    known = {entry.msgid for catalogue in catalogues for entry in catalogue if entry.translated()}
    used = set()
    for path in (SOURCE / "ui/templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'{%\s*translate "([^"]+)"', text))
        for inner in re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", text, re.DOTALL):
            words = re.sub(r"\s*\n\s*", " ", inner.partition("{% plural %}")[0].strip())  # as `trimmed` reads it
            used.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", words))
    assert used - known == set()
    assert len(used) > 30


# Colours ------------------------------------------------------------------------------------------
TEXT = 4.5
SHAPE = 3.0
PAIRS = [
    *[("ink", ground, TEXT) for ground in ("ground", "surface", "surface-2", "accent-soft", "internal-bg", "held-bg")],
    *[
        ("ink-soft", ground, TEXT)
        for ground in ("ground", "surface", "surface-2", "accent-soft", "internal-bg", "held-bg")
    ],
    *[
        ("accent", ground, TEXT)
        for ground in ("ground", "surface", "surface-2", "accent-soft", "internal-bg", "held-bg")
    ],
    *[("tblr-link-color", ground, TEXT) for ground in ("ground", "surface", "accent-soft", "internal-bg", "held-bg")],
    *[(f"{kind}-ink", f"{kind}-bg", TEXT) for kind in ("new", "progress", "waiting", "done", "internal", "held")],
    *[("danger", ground, TEXT) for ground in ("ground", "surface")],
    ("waiting-ink", "surface", TEXT),
    ("#ffffff", "tblr-primary", TEXT),
    ("#241a00", "internal-line", TEXT),
    *[("line-strong", ground, SHAPE) for ground in ("surface",)],
    *[("focus", ground, SHAPE) for ground in ("ground", "surface", "accent-soft")],
    ("internal-line", "internal-bg", 1.8),
    ("held-line", "held-bg", SHAPE),
]


def colours(theme: str) -> dict[str, str]:
    sheet = (SOURCE / "ui/static/otklik/base.css").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        if '[data-bs-theme="light"]' in selector or (theme == "dark" and '[data-bs-theme="dark"]' in selector):
            found |= dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\s*;", body))
    return found


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_colours_can_be_read(theme: str, ink: str, ground: str, least: float) -> None:
    known = colours(theme)
    assert contrast(known.get(ink, ink), known[ground]) >= least


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert round(contrast("#000", "#ffffff"), 1) == 21.0
    assert round(contrast("#777777", "#fff"), 2) == 4.48

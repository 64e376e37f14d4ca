"""Bundles of style sheets and scripts."""

import os
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from otklik.config import bundles


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_every_file_of_a_bundle_exists_and_is_in_it() -> None:
    for name, files in bundles.BUNDLES.items():
        made = Path(str(finders.find(name))).read_text(encoding="utf-8")
        for file in files:
            text = Path(str(finders.find(file))).read_text(encoding="utf-8")
            last = text[-400:].split("}")[-2]
            assert bare(last) in bare(made), (name, file)


def test_a_changed_sheet_makes_the_bundle_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = tmp_path / "a.css"
    sheet.write_text("/* why */\n.a {  color: red; }\n", encoding="utf-8")
    monkeypatch.setattr(bundles, "BUNDLES", {"bundles/a.css": ("a.css",)})
    monkeypatch.setattr(finders, "find", lambda _name: str(sheet))
    finder = bundles.Bundles()
    made = Path(finder.find("bundles/a.css"))
    assert made.read_text(encoding="utf-8") == ".a{color: red;}"
    before = made.stat().st_mtime_ns
    assert bundles.Bundles().find("bundles/a.css", find_all=True) == [str(made)]
    assert made.stat().st_mtime_ns == before
    sheet.write_text(".b { color: red; }", encoding="utf-8")
    os.utime(sheet, ns=(1, 1))
    assert ".b{" in Path(finder.find("bundles/a.css")).read_text(encoding="utf-8")
    made.unlink()
    assert finder.find("bundles/a.css") == str(made) and made.exists()
    assert finder.find("bundles/other.css") == []


def test_who_follows_the_system_gets_the_dark_rules_without_a_script() -> None:
    made = bundles.with_system_dark(
        '.a{x:1}[data-bs-theme="dark"] .a,body[data-bs-theme=dark] [data-bs-theme=light] .a{x:2}'
    )
    assert made.endswith("@media (prefers-color-scheme:dark){[data-theme=auto] .a{x:2}}") and made.startswith(
        ".a{x:1}["
    )

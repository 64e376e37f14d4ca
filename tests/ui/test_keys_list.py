"""The list of keys that «?» opens."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

import otklik

TEMPLATES = Path(otklik.__file__).parent.rglob("templates/**/*.html")


def test_every_key_that_presses_something_is_in_it() -> None:
    pressed = {key for path in TEMPLATES for key in re.findall(r'data-hotkey="Key(\w)"', path.read_text())}
    told = set(re.findall(r"<kbd>(\w)</kbd>", render_to_string("otklik/_keys.html")))
    assert {"Z", "C", "U"} <= pressed and pressed <= told


def test_the_document_names_every_key(request: pytest.FixtureRequest) -> None:
    text = (request.config.rootpath / "docs" / "keyboard.md").read_text()
    named = set(
        re.findall(r"\b[A-Z]\b", "".join(line.split("|")[2] for line in text.splitlines() if line.startswith("|")))
    )
    assert set(re.findall(r"<kbd>(\w)</kbd>", render_to_string("otklik/_keys.html"))) <= named

"""The list of keys that «?» opens."""

import re
from pathlib import Path

from django.template.loader import render_to_string

import otklik

TEMPLATES = Path(otklik.__file__).parent.rglob("templates/**/*.html")


def test_every_key_that_presses_something_is_in_it() -> None:
    pressed = {key for path in TEMPLATES for key in re.findall(r'data-hotkey="Key(\w)"', path.read_text())}
    told = set(re.findall(r"<kbd>(\w)</kbd>", render_to_string("otklik/_keys.html")))
    assert {"Z", "C", "U"} <= pressed and pressed <= told

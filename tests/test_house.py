"""The drawn picture of the house, the text it is made from, and the rules that keep it are one."""

import re
import tomllib
from pathlib import Path

from tools.house import PICTURE, TEXT, drawn, floors

ROOT = Path(__file__).parents[1]


def test_the_picture_is_made_from_the_text_as_it_stands() -> None:
    assert PICTURE.read_text("utf-8") == drawn(floors(TEXT.read_text("utf-8"))), "run tools/house.py"


def test_the_text_lists_the_floors_that_imports_keep_to() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (rule["layers"] for rule in rules if rule["type"] == "layers")
    listed = [floor.packages for floor in floors(TEXT.read_text("utf-8"))]
    assert listed == [tuple(re.split(r" [|:] ", layer)) for layer in layers]

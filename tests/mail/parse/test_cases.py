"""Our own mails, each a file beside what must be read out of it."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from otklik.mail.parse import parse
from otklik.mail.parse.batch import as_dict

CASES = Path(__file__).parents[1] / "cases"


def _words(value: str) -> list[str]:
    """Text regardless of where its lines and spaces are."""
    return unicodedata.normalize("NFC", value).split()


def _bounce(parsed: Any) -> dict[str, str]:
    assert parsed.bounce is not None
    first = parsed.bounce.recipients[0]
    return {
        "recipient": first.address,
        "status": first.status,
        "original_message_id": parsed.bounce.original_message_id,
    }


@pytest.mark.parametrize("path", sorted(CASES.glob("*.eml")), ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    parsed = parse(path.read_bytes())
    found = as_dict(parsed)
    for key, value in expected.items():
        if key == "bounce":
            assert _bounce(parsed) == value
        elif key in {"text", "reply_text"}:
            assert _words(found[key]) == _words(value)
        else:
            assert found[key] == value, key


def test_every_case_says_what_it_expects() -> None:
    mails = {path.stem for path in CASES.glob("*.eml")}
    assert len(mails) > 200
    assert mails == {path.stem for path in CASES.glob("*.json")}


def test_lists_tables_and_links_of_html_stay_readable() -> None:
    parsed = parse((CASES / "html_layout.eml").read_bytes())
    assert parsed.text.split("\n")[:2] == ["Кабинет\t12", "Этаж\t3"]
    assert "* раз\n* два" in parsed.text
    assert "1. первый\n2. второй" in parsed.text
    assert "инструкцию <https://portal.example/x>" in parsed.text
    assert "portal.example <" not in parsed.text

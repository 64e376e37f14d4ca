"""The product's regular expressions mean the same in every supported Python version."""

from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from tests.linear import modules, uses

_ONE = {sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY}
_EXPRESSIONS = {use.name: use.pattern for module in modules("otklik") for use in uses(module)}


def _cannot_stop_midway(items: Any) -> bool:
    """Return whether the items are single characters, one possessive repetition of them, or a choice of such."""
    if len(items) == 1 and items[0][0] is sre.BRANCH:
        return all(_cannot_stop_midway(choice) for choice in items[0][1][1])
    if len(items) == 1 and items[0][0] is sre.POSSESSIVE_REPEAT:
        return all(op in _ONE for op, _ in items[0][1][2])
    return all(op in _ONE for op, _ in items)


def _unsafe(items: Any) -> list[str]:
    found = list[str]()
    for op, value in items:
        if op is sre.POSSESSIVE_REPEAT and not _cannot_stop_midway(value[2]):
            found.append(str(value[2]))
        for part in value if isinstance(value, tuple) else (value,):
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    found += _unsafe(inner)
    return found


@pytest.mark.parametrize("name", sorted(_EXPRESSIONS))
def test_no_possessive_repetition_of_what_can_stop_midway(name: str) -> None:
    """Before Python 3.11.5 (Debian 12 has 3.11.2) such a repetition ends after the part that did not match:
    https://github.com/python/cpython/issues/106052."""
    expression = _EXPRESSIONS[name]
    assert _unsafe(_parser.parse(expression.pattern, expression.flags)) == []


def test_the_rule_finds_what_goes_wrong() -> None:
    for wrong in (r"(?:(?!')[\s\S])*+'", r"(?:\[[^\]]{1,60}\])++", r"(?:=\s*+x)?+", r"a(b(?:c|de*f)*+)"):
        assert _unsafe(_parser.parse(wrong)), wrong
    for right in (r"[^']*+", r"(?:25)*+", r"(?:[^\"\\]|\\.)*+", r"(?:[a-z]++|\d\d)*+"):
        assert not _unsafe(_parser.parse(right)), right

"""Conditional fields: which are asked, depending on other answers. Enforced here; scripts only hide them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from otklik.desks.models import Field


def asked_keys(rows: Sequence[Field], answer_of: Callable[[str], Any]) -> set[str]:
    """Return the keys of the fields to show, given the answers so far (`answer_of`, in stored form).

    A field that depends on one that is not shown is not shown either, nor are fields that depend on each other.
    """
    by_key = {field.key: field for field in rows}
    is_asked: dict[str, bool] = {}

    def asked(key: str) -> bool:
        if key not in is_asked:
            is_asked[key] = False  # breaks cycles
            is_asked[key] = key in by_key and _asked(by_key[key])
        return is_asked[key]

    def _asked(field: Field) -> bool:
        return all(asked(key) and holds(values, answer_of(key)) for key, values in field.conditions)

    return {field.key for field in rows if asked(field.key)}


def holds(values: Sequence[Any], answer: Any) -> bool:
    """Return whether the answer is one of the values; with no values, whether there is an answer."""
    if answer in (None, "", [], False):
        return False
    if not values:
        return True
    given = answer if isinstance(answer, list) else [answer]
    return bool({_plain(given_value) for given_value in given} & {_plain(wanted_value) for wanted_value in values})


def would_circle(rows: Mapping[str, Sequence[str]], key: str, condition_key: str) -> bool:
    """Return whether making `key` depend on `condition_key` creates a cycle. `rows`: key -> keys it depends on."""
    seen, waiting = set[str](), [condition_key]
    while waiting:
        waiting_key = waiting.pop()
        if waiting_key == key:
            return True
        if waiting_key not in seen:
            seen.add(waiting_key)
            waiting += rows.get(waiting_key, ())
    return False


def _plain(value: Any) -> str:
    return "yes" if value is True else str(value)

"""What is wrong with a text of the filter language: a sentence that names the place."""

import difflib
from collections.abc import Iterable

from otklik.core.errors import UnableTo
from otklik.core.search_text import variants
from otklik.tickets.jql.refusals import JqlRefusal


class BadJql(UnableTo):
    """The query has a syntax error or an unknown name. `at`: the offset in the text, from 0."""

    def __init__(self, refusal: JqlRefusal, *, at: int, **values: object) -> None:
        super().__init__(refusal, **values)
        self.at = at

    def call_field(self, name: str, written: str) -> None:
        """Where the message names the field as `name`, name it as written in the query."""
        if self.values.get("field") == name:
            self.values["field"] = written

    def place(self, text: str) -> tuple[int, int]:
        """Return line and column of the error in the text, both from 1."""
        before = text[: self.at]
        return before.count("\n") + 1, self.at - (before.rfind("\n") + 1) + 1


def unknown_value(field: str, word: str, known: Iterable[str], *, at: int) -> BadJql:
    """The error for a value that the field does not have, with the most similar known one if there is any."""
    near = _nearest(word, known)
    if near:
        return BadJql(JqlRefusal.VALUE_UNKNOWN_NEAR, at=at, field=field, word=word, near=near)
    return BadJql(JqlRefusal.VALUE_UNKNOWN, at=at, field=field, word=word)


def unknown_group(word: str, known: Iterable[str], *, at: int) -> BadJql:
    """The error for a group that is unknown, with the most similar known name if there is one."""
    near = _nearest(word, known)
    if near:
        return BadJql(JqlRefusal.GROUP_UNKNOWN_NEAR, at=at, word=word, near=near)
    return BadJql(JqlRefusal.GROUP_UNKNOWN, at=at, word=word)


def unknown_link(word: str, known: Iterable[str], *, at: int) -> BadJql:
    """The error for a link that is unknown, with the most similar known name if there is one."""
    near = _nearest(word, known)
    if near:
        return BadJql(JqlRefusal.LINK_UNKNOWN_NEAR, at=at, word=word, near=near)
    return BadJql(JqlRefusal.LINK_UNKNOWN, at=at, word=word)


def unknown_organization(word: str, known: Iterable[str], *, at: int) -> BadJql:
    """The error for an organization that is unknown, with the most similar known name if there is one."""
    near = _nearest(word, known)
    if near:
        return BadJql(JqlRefusal.ORGANIZATION_UNKNOWN_NEAR, at=at, word=word, near=near)
    return BadJql(JqlRefusal.ORGANIZATION_UNKNOWN, at=at, word=word)


def unknown_person(word: str, known: Iterable[str], *, at: int) -> BadJql:
    """The error for a person who is unknown, with the most similar known name if there is one."""
    near = _nearest(word, known)
    if near:
        return BadJql(JqlRefusal.PERSON_UNKNOWN_NEAR, at=at, word=word, near=near)
    return BadJql(JqlRefusal.PERSON_UNKNOWN, at=at, word=word)


def unknown_field(word: str, known: Iterable[str], *, at: int) -> BadJql:
    """The error for an unknown field, with the most similar known name if there is one."""
    near = _nearest(word, known)
    if near:
        return BadJql(JqlRefusal.FIELD_UNKNOWN_NEAR, at=at, word=word, near=near)
    return BadJql(JqlRefusal.FIELD_UNKNOWN, at=at, word=word)


def unknown_function(word: str, known: Iterable[str], *, at: int) -> BadJql:
    """The error for an unknown function, with the most similar known name if there is one."""
    near = _nearest(word, known)
    if near:
        return BadJql(JqlRefusal.FUNCTION_UNKNOWN_NEAR, at=at, word=word, near=near)
    return BadJql(JqlRefusal.FUNCTION_UNKNOWN, at=at, word=word)


def _nearest(word: str, known: Iterable[str]) -> str:
    """Return the most similar known name, also as typed in the other keyboard layout; "" if none is similar."""
    names = {name.casefold(): name for name in known}
    near = [
        (difflib.SequenceMatcher(None, name, typed).ratio(), name)
        for typed in dict.fromkeys((word.casefold(), *variants(word)))
        for name in difflib.get_close_matches(typed, names, 1)
    ]
    return names[max(near)[1]] if near else ""

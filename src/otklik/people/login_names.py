"""The name by which scripts, filters and forms refer to a person: the login name, else the mail address (ADR 96)."""

import re

from otklik.people.addresses import BadAddress, canonical
from otklik.people.models import Person
from otklik.people.queries import person_by_address

LONGEST = 150
# Without "@", so that no login can equal somebody's mail address.
_LOGIN = re.compile(rf"[^\s@\x00-\x1f\x7f]{{1,{LONGEST}}}")


def is_login(text: str) -> bool:
    """Return whether the text is a valid login name."""
    return _LOGIN.fullmatch(text) is not None and text.isprintable()


def person_named(text: str) -> Person | None:
    """Return the person with this login or mail address, ignoring case; None if there is none. One indexed query."""
    typed = text.strip()
    if "@" not in typed:
        return Person.objects.filter(login__iexact=typed).first() if typed else None
    try:
        return person_by_address(canonical(typed))
    except BadAddress:
        return None

"""The name by which scripts, filters and forms refer to a person: the login name, else the mail address (ADR 96)."""

import re

from otklik.people.addresses import BadAddress, canonical
from otklik.people.models import Person
from otklik.people.queries import person_by_address

LONGEST = 150
# Without "@": what has one is an address, so that no login can be taken for somebody's address.
_LOGIN = re.compile(rf"[^\s@\x00-\x1f\x7f]{{1,{LONGEST}}}")


def is_login(text: str) -> bool:
    """Whether the text can be an own login."""
    return _LOGIN.fullmatch(text) is not None and text.isprintable()


def person_named(text: str) -> Person | None:
    """Whom a login or a mail address names; in any case of letters. One indexed query."""
    typed = text.strip()
    if "@" not in typed:
        return Person.objects.filter(login__iexact=typed).first() if typed else None
    try:
        return person_by_address(canonical(typed))
    except BadAddress:
        return None

"""Tokens for what a page shows of who else is on its tickets; the page's polls bring them back."""

import zlib
from collections.abc import Mapping, Sequence

from otklik.tickets.presence import Present


def token_of(present: Sequence[Present]) -> str:
    """Return a token that changes whenever the line about these people would; "" for nobody."""
    return _token([(one.person, one.writes, one.name) for one in present])


def token_of_list(names: Mapping[int, Sequence[str]]) -> str:
    """Return a token that changes whenever the marks in a list would; "" for none. `names`: by ticket."""
    return _token(sorted((ticket, tuple(people)) for ticket, people in names.items()))


def _token(shown: Sequence[object]) -> str:
    return str(zlib.crc32(repr(shown).encode())) if shown else ""

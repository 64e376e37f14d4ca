"""What a page shows of who else is on a ticket, and a token for it that the page's polls bring back."""

import zlib
from collections.abc import Sequence

from otklik.tickets.presence import Present


def token_of(present: Sequence[Present]) -> str:
    """Return a token that changes whenever the line about these people would; "" for nobody."""
    shown = [(one.person, one.writes, one.name) for one in present]
    return str(zlib.crc32(repr(shown).encode())) if shown else ""

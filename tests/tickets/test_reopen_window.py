"""Until when a comment reopens a closed ticket."""

from datetime import timedelta

from otklik.tickets.reopen_window import closed_for_long, reopens_until
from tests.cast import START, Cast

SECOND = timedelta(seconds=1)


def test_words_reopen_until_the_last_moment(cast: Cast) -> None:
    assert reopens_until(cast.ticket) is None and not closed_for_long(cast.ticket, START + timedelta(days=9999))
    cast.ticket.closed_at = START
    until = START + timedelta(days=cast.ticket.desk.reopen_days)
    assert reopens_until(cast.ticket) == until
    assert not closed_for_long(cast.ticket, until) and closed_for_long(cast.ticket, until + SECOND)

"""`open_tickets` opens several tickets."""

import dataclasses

from otklik.people.actor import system
from otklik.tickets.commands.open import NewTicket, open_tickets
from otklik.tickets.content import Words
from tests.acting import LATER, refuses, tells
from tests.cast import Cast


def test_several_desks_get_their_next_numbers_in_order(cast: Cast) -> None:
    requests = [
        NewTicket(
            actor=system(), desk=desk, channel="portal", subject=f"{number}", words=Words("x"), requester=cast.anna
        )
        for number, desk in enumerate((cast.desk, cast.other_desk, cast.desk))
    ]
    with tells(*["ticket.opened"] * 3):
        tickets = open_tickets(requests=requests, at=LATER)
    assert [ticket.key for ticket in tickets] == ["ACCREDO-2", "OTHER-1", "ACCREDO-3"]
    assert [ticket.subject for ticket in tickets] == ["0", "1", "2"]
    assert all(ticket.messages.filter(opening=True).count() == 1 for ticket in tickets)


def test_one_that_cannot_be_opened_leaves_none_and_takes_no_number(cast: Cast) -> None:
    good = NewTicket(
        actor=system(), desk=cast.desk, channel="portal", subject="x", words=Words("x"), requester=cast.anna
    )
    bad = dataclasses.replace(good, request_type=cast.other_desk.request_types.all()[0])
    with refuses("ticket.type_of_other_desk"):
        open_tickets(requests=[good, bad], at=LATER)
    assert open_tickets(requests=[good], at=LATER)[0].key == "ACCREDO-2"

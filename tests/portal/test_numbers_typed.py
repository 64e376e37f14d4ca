"""A ticket's number typed into a search."""

from otklik.portal.queries import named_tickets
from tests.cast import Cast


def test_ab_44_a_number_finds_requests_of_whom_types_it_alone(cast: Cast) -> None:
    for text in ("ACCREDO-1", "1"):
        assert named_tickets(cast.anna, text) == named_tickets(cast.boris, text) == [cast.ticket.pk]
        assert named_tickets(cast.stranger, text) == named_tickets(cast.agent_elsewhere, text) == []

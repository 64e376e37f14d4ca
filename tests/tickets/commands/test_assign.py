"""`assign` assigns a ticket."""

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.fields import assign
from otklik.tickets.events import TicketAssigned
from otklik.tickets.models import Change
from otklik.tickets.timeline import events_of, with_facts, worded
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.test_take import LATER, take


def test_taking_somebody_off_names_who_it_was(cast: Cast) -> None:
    assign(**by(cast.lead), ticket=cast.ticket, assignee=cast.agent)
    assign(**by(cast.lead), ticket=cast.ticket, assignee=None)
    last = Change.objects.filter(ticket=cast.ticket).latest("id")
    assert (last.old, last.new, last.old_person, last.new_person) == (cast.agent.display_name, "", cast.agent, None)
    told = worded(cast.desk, with_facts(events_of(cast.ticket).filter(kind="ticket.assigned")))
    assert told[-1].typed == TicketAssigned(key=cast.ticket.key, assignee="", former=cast.agent.display_name)


def test_what_somebody_has_stays_theirs(cast: Cast) -> None:
    assign(actor=Actor(cast.lead, "agent"), at=LATER, ticket=cast.ticket, assignee=cast.lead)
    assert take(cast, cast.agent).assignee == cast.lead
    assert "assigned" not in Event.objects.latest("id").data


def test_a_member_of_the_desk_gets_the_ticket_and_getting_it_again_is_no_news(cast: Cast) -> None:
    with tells("ticket.assigned"):
        for _ in range(2):
            row = assign(**by(cast.agent), ticket=cast.ticket, assignee=cast.lead)
    assert row.assignee == cast.lead and row.version == cast.ticket.version + 1


def test_only_staff_give_a_ticket_and_only_to_staff(cast: Cast) -> None:
    for who, whom in (("anna", "agent"), ("agent_elsewhere", "agent"), ("agent", "anna"), ("agent", "agent_elsewhere")):
        with refuses("ticket.staff_only", "ticket.not_a_member"):
            assign(**by(getattr(cast, who)), ticket=cast.ticket, assignee=getattr(cast, whom))

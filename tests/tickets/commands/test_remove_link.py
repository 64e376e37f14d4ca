"""`remove_link` removes a link between tickets."""

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.links import remove_link
from otklik.tickets.models import Change, TicketLink
from tests.acting import refuses
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.test_links import by, link, other


def test_a_removed_link_is_told_of_and_gone_once(cast: Cast) -> None:
    made = link(cast, other(cast))
    remove_link(**by(cast), link=made)
    assert Event.objects.filter(kind="ticket.link_removed").count() == 2 and not TicketLink.objects.exists()
    assert Change.objects.filter(field="link:blocks:in", old="ACCREDO-1", new="").exists()
    with refused_as("core.gone"):
        remove_link(**by(cast), link=made)


def test_customers_and_other_desks_remove_none_and_other_links_stay(cast: Cast) -> None:
    second = other(cast)
    made, kept = link(cast, second), link(cast, second, "relates")
    for person in (cast.anna, cast.agent_elsewhere):
        with refuses("ticket.staff_only"):
            remove_link(**{**by(cast), "actor": Actor(person, "agent")}, link=made)
    remove_link(**by(cast), link=made)
    assert TicketLink.objects.get() == kept

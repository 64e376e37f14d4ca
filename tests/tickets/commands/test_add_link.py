"""`add_link` links two tickets."""

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.links import add_link
from otklik.tickets.models import TicketLink
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.test_links import LATER, by, link, other


def test_the_same_link_is_said_once_and_relating_has_no_direction(cast: Cast) -> None:
    second = other(cast)
    first, last = link(cast, second, "relates"), Event.objects.latest("id").pk
    again = add_link(**by(cast), source=second, target=cast.ticket, kind="relates")
    assert again == first and Event.objects.latest("id").pk == last
    assert add_link(**by(cast), source=second, target=cast.ticket, kind="blocks") != link(cast, second, "blocks")


def test_what_cannot_be_linked_is_refused(cast: Cast) -> None:
    elsewhere = other(cast, "other_desk")
    for target, kind in ((cast.ticket, "blocks"), (elsewhere, "blocks"), (other(cast), "likes")):
        with refused_as("ticket.linked_with_itself", "ticket.staff_only", "ticket.link_kind_unknown"):
            link(cast, target, kind)
        with refused_as("ticket.linked_with_itself", "ticket.request_of_other_desk", "ticket.link_kind_unknown"):
            add_link(actor=Actor(cast.admin, "agent"), at=LATER, source=cast.ticket, target=target, kind=kind)
    assert not TicketLink.objects.exists()


def test_each_kind_is_a_link_of_its_own(cast: Cast) -> None:
    second = other(cast)
    assert link(cast, second, "relates") != link(cast, second, "blocks")


def test_what_other_desks_have_plays_no_part(cast: Cast) -> None:
    second = other(cast)
    other(cast, "other_desk")
    assert link(cast, second).target == second

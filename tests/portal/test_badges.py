"""The counts in the header of the portal's pages, for every kind of reader."""

from datetime import timedelta

from otklik.desks.models import Status
from otklik.people.actor import Actor
from otklik.people.models import Organization, OrganizationMember, Person
from otklik.portal.badges import Badges, badges_of
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant, remove_participant
from otklik.tickets.content import Words
from otklik.tickets.models import Message, SharedOrganization
from otklik.tickets.read_marks import look, look_at_all, unseen_of
from tests.cast import START, Cast, as_
from tests.statement_caps import statements_at_most

LATER, EVEN_LATER = START + timedelta(hours=1), START + timedelta(hours=2)


def new_to(person: Person, cast: Cast) -> bool:
    """Return whether the ticket is unread; list and badge must agree."""
    marked = bool(unseen_of(person, [cast.ticket.pk]))
    assert badges_of(person).new == marked
    return marked


def answer(cast: Cast, kind: str = Message.Kind.PUBLIC, at: timedelta = timedelta(0)) -> None:
    comment(actor=Actor(cast.agent, "agent"), at=LATER + at, ticket=cast.ticket, words=Words("Готово."), kind=kind)


def test_everybody_has_their_own_numbers(cast: Cast) -> None:
    assert badges_of(cast.anna) == Badges(open=1, waiting=0, approvals=0, new=1, staff=False)
    assert badges_of(cast.boris) == Badges(open=0, waiting=0, approvals=0, new=1, staff=False)
    assert badges_of(cast.stranger) == Badges(open=0, waiting=0, approvals=0, new=0, staff=False)
    assert badges_of(cast.agent) == Badges(open=0, waiting=0, approvals=0, new=0, staff=True)
    assert badges_of(cast.admin).staff


def test_what_waits_and_what_is_closed(cast: Cast) -> None:
    by = Actor(cast.agent, "agent")
    cast.ticket.status = Status.objects.filter(desk=cast.desk, category=Status.Category.WAITING)[0]
    cast.ticket.save()
    ask_approval(actor=by, at=START, ticket=cast.ticket, people=[cast.lead], rule="all")
    assert (badges_of(cast.anna).open, badges_of(cast.anna).waiting, badges_of(cast.boris).waiting) == (1, 1, 0)
    assert (badges_of(cast.lead).approvals, badges_of(cast.anna).approvals) == (1, 0)
    cast.ticket.status = Status.objects.filter(desk=cast.desk, category=Status.Category.DONE)[0]
    cast.ticket.save()
    assert (badges_of(cast.anna).open, badges_of(cast.anna).waiting) == (0, 0)


def test_news_are_what_others_said_publicly_since_i_looked(cast: Cast) -> None:
    look(person=cast.anna, ticket=cast.ticket, at=START)
    assert not new_to(cast.anna, cast)
    answer(cast, Message.Kind.INTERNAL)
    assert not new_to(cast.anna, cast)
    comment(actor=Actor(cast.anna, "portal"), at=LATER, ticket=cast.ticket, words=Words("Это я."))
    assert not new_to(cast.anna, cast) and new_to(cast.boris, cast)
    answer(cast)
    assert new_to(cast.anna, cast)
    look_at_all(person=cast.anna, at=EVEN_LATER)
    assert not new_to(cast.anna, cast)


def test_who_left_the_request_hears_of_no_news(cast: Cast) -> None:
    boris = cast.ticket.participants.get(person=cast.boris)
    remove_participant(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, person=boris.person)
    answer(cast)
    assert badges_of(cast.boris).new == 0


def test_ab_48_who_joined_late_has_no_news_from_before(cast: Cast) -> None:
    joined = Actor(cast.agent, "agent")
    answer(cast)
    add_participant(actor=joined, at=EVEN_LATER, ticket=cast.ticket, person=cast.stranger)
    assert not new_to(cast.stranger, cast)
    clinic = Organization.objects.create(name="Клиника")
    OrganizationMember.objects.create(organization=clinic, person=cast.stranger)
    SharedOrganization.objects.create(ticket=cast.ticket, organization=clinic, added_at=START)
    assert new_to(cast.stranger, cast), "shared with the organisation, it is read from its beginning"


def test_the_numbers_cost_one_statement_whoever_looked_before(cast: Cast) -> None:
    badges_of(cast.anna)
    with statements_at_most("numbers in the header"):
        shown = badges_of(cast.boris)
    assert shown.open == 0


def test_an_empty_list_tells_of_what_its_quick_filter_counts_elsewhere(cast: Cast) -> None:
    """Of a participant's requests, while the list shows their own."""
    answer(cast)
    ask_approval(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[cast.boris], rule="all")
    for show, nothing in (("waiting", "Сейчас от вас ничего не ждут"), ("new", "Ничего нового")):
        page = as_(cast.boris).get(f"/servicedesk/customer/user/requests?show={show}").content.decode()
        assert nothing not in page and "В этом фильтре не найдено" in page
        assert f'href="/servicedesk/customer/user/requests?status=all&amp;reporter=all&amp;show={show}">' in page
        everywhere = f"/servicedesk/customer/user/requests?status=all&reporter=all&show={show}"
        assert "ACCREDO-1" in as_(cast.boris).get(everywhere).content.decode()

"""Shared data of a batch of mails is passed by value and counted before composing."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.core.batch_cache import remembering
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.notify.event_context import contexts
from otklik.notify.plan import plan, plan_mails
from otklik.notify.planning import planning_for
from otklik.people.actor import system
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from tests.cast import START, Cast
from tests.portal.helpers import inbound_mail

Events = list[Event]


@pytest.fixture(params=[False, True], ids=["alone", "in a batch"])
def batch(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run the tests with and without remembered reads."""
    if not request.param:
        yield
        return
    with remembering():
        yield


def opened(cast: Cast, person: Person, count: int) -> Events:
    """Create tickets by mail of one newcomer; return their events, not dispatched yet."""
    Event.objects.update(dispatched_at=timezone.now())
    for number in range(count):
        open_ticket(
            actor=system("mail"), at=START, desk=cast.desk, channel="mail", subject=f"x{number}", words=Words("x"),
            requester=person, inbound=inbound_mail(f"Subject: x{number}\r\n\r\nx".encode()),
        )  # fmt: skip
    return list(Event.objects.filter(kind="ticket.opened", dispatched_at=None).order_by("id"))


def newcomer(name: str) -> Person:
    return ensure_person(address=f"{name}@new.test", name=name, at=START)[0]


def test_a_newcomer_with_several_requests_is_invited_once(cast: Cast, batch: None) -> None:
    events = opened(cast, newcomer("vera"), 3)
    plan_mails(events, START)
    kinds = list(OutboundMail.objects.filter(recipient="vera@new.test").values_list("kind", flat=True))
    assert sorted(kinds) == ["accepted", "accepted", "accepted", "activation"]


def test_a_planning_knows_what_it_planned_before_a_table_does(cast: Cast, batch: None) -> None:
    person = newcomer("vera")
    told = contexts(opened(cast, person, 2))
    planning = planning_for(told, START)
    assert planning.invited == set()
    assert "activation" in {draft.mail.kind for draft in plan(told[0], planning)}
    assert planning.invited == {person.pk} and not OutboundMail.objects.filter(recipient=person.email).exists()
    assert "activation" not in {draft.mail.kind for draft in plan(told[1], planning)}


def test_a_later_planning_reads_what_an_earlier_one_wrote(cast: Cast, batch: None) -> None:
    first, second = opened(cast, newcomer("vera"), 2)
    for event in (first, second):
        plan_mails([event], START)
    assert OutboundMail.objects.filter(recipient="vera@new.test", kind="activation").count() == 1


def test_of_two_workers_that_would_invite_one_newcomer_the_second_waits(cast: Cast) -> None:
    """Neither sees the other's plan, and one duplicate invitation would fail the whole batch."""
    told = contexts(opened(cast, newcomer("vera"), 1))
    with CaptureQueriesContext(connection) as asked:
        planning_for(told, START)
    said = [query["sql"] for query in asked]
    waits = next(place for place, sql in enumerate(said) if "pg_advisory_xact_lock" in sql)
    assert waits < next(place for place, sql in enumerate(said) if "mail_outboundmail" in sql)

"""`hold_request` stores an anonymous request until it is confirmed."""

from datetime import timedelta

import pytest
from django.db import transaction

from otklik.people.models import Person
from otklik.people.tokens import digest_of
from otklik.tickets.commands.unconfirmed import SITE_HOURLY, hold_request, is_too_often
from otklik.tickets.models import Ticket, Unconfirmed
from tests.acting import LATER, tells
from tests.cast import START, Cast, build_cast
from tests.meanwhile import meanwhile


def held(cast: Cast) -> str:
    return hold_request(
        at=LATER, request_type=cast.desk.request_types.all()[0], address="vera@clinic.test", name="Вера",
        language="ru", subject="Вопрос", text="Когда?", answers={"floor": 2}, files=[],
    )  # fmt: skip


def test_nothing_but_the_waiting_words_exists_before_the_proof(cast: Cast) -> None:
    people, tickets = Person.objects.count(), Ticket.objects.count()
    with tells():
        secret = held(cast)
    row = Unconfirmed.objects.get()
    assert (row.subject, row.text, row.answers) == ("Вопрос", "Когда?", {"floor": 2})
    assert (row.digest, row.expires_at) == (digest_of(secret), LATER + timedelta(hours=24))
    assert (Person.objects.count(), Ticket.objects.count()) == (people, tickets)


def test_what_is_too_old_goes_on_the_way(cast: Cast) -> None:
    held(cast)
    Unconfirmed.objects.update(expires_at=START)
    held(cast)
    assert Unconfirmed.objects.count() == 1


def test_links_of_more_than_an_hour_ago_count_no_more_for_the_site(cast: Cast) -> None:
    kind = cast.desk.request_types.all()[0]
    for number in range(SITE_HOURLY):
        Unconfirmed.objects.create(
            digest=f"{number}", request_type=kind, address=f"p{number}@x{number}.test", answers={}, files=[],
            created_at=LATER, expires_at=LATER + timedelta(hours=24),
        )  # fmt: skip
    assert is_too_often("vera@clinic.test", LATER)
    assert not is_too_often("vera@clinic.test", LATER + timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_ab_22_of_two_links_at_once_to_different_mailboxes_the_second_is_counted(home: object) -> None:
    cast = build_cast()
    kind = cast.desk.request_types.all()[0]

    def hold(number: int) -> None:
        Unconfirmed.objects.create(
            digest=f"{number}", request_type=kind, address=f"p{number}@x{number}.test", answers={}, files=[],
            created_at=LATER, expires_at=LATER + timedelta(hours=24),
        )  # fmt: skip

    for number in range(SITE_HOURLY - 1):
        hold(number)

    def other() -> None:
        is_too_often("oleg@other.test", LATER)
        hold(SITE_HOURLY)

    with meanwhile(other) as seen, transaction.atomic():
        refused = is_too_often("vera@clinic.test", LATER)
    assert seen.waited
    assert refused

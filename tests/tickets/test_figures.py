"""Statistics shown to people: the usual first answer time, and ratings."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.first_response_time import DAYS, FEWEST, forget, usual_first_answer, was_answered
from otklik.tickets.models import Message, Rating, Ticket
from otklik.tickets.ratings import AVERAGE_DAYS, Average, average_of
from tests.cast import START, Cast

NOW = START + timedelta(days=60)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _anew() -> None:
    forget()


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Return the cast, whose own ticket is too old to count."""
    Ticket.objects.filter(pk=cast.ticket.pk).update(created_at=NOW - timedelta(days=DAYS + 20))
    return cast


def ticket(
    cast: Cast, hours: float | None, *, at: datetime = NOW - DAY * 5, desk: Desk | None = None, **more: Any
) -> Ticket:
    """Create a ticket of that time, answered `hours` later; None: never."""
    at_desk = desk or cast.desk
    number = 100 + Ticket.objects.count()
    values = {
        "desk": at_desk, "key": f"{at_desk.key}-{number}", "number": number, "channel": "mail", "subject": "x",
        "requester": cast.anna, "status": at_desk.statuses.order_by("position")[0],
        "priority": cast.ticket.priority, "created_at": at, "updated_at": at, "shown_at": at,
    }  # fmt: skip
    made = Ticket.objects.create(**{**values, **more})
    if hours is not None:
        answered(made, cast.agent, at + timedelta(hours=hours))
    return made


def answered(of: Ticket, by: Person, at: datetime, **more: Any) -> Message:
    values = {"side": "staff", "kind": "public", "text": "Ответ", "author": by, "created_at": at}
    return Message.objects.create(ticket=of, **{**values, **more})


def usual(cast: Cast) -> float | None:
    """Return the usual first answer time in hours."""
    forget()
    time = usual_first_answer(cast.desk, NOW)
    return None if time is None else time.total_seconds() / 3600


def test_it_is_the_median_of_those_answered_and_said_of_five_and_more(cast: Cast) -> None:
    for hours in (1, 2, 3, 100):
        ticket(cast, hours)
    assert FEWEST == 5 and usual(cast) is None
    ticket(cast, 4)
    assert usual(cast) == 3


def test_only_the_last_days_and_this_desk_count_and_no_calls(cast: Cast) -> None:
    for hours in (1, 2, 3, 4):
        ticket(cast, hours)
    ticket(cast, 9, at=NOW - timedelta(days=DAYS))
    ticket(cast, 9, desk=cast.other_desk)
    ticket(cast, 9, channel="phone")
    assert usual(cast) is None
    ticket(cast, 9, at=NOW - timedelta(days=DAYS) + timedelta(seconds=1))
    assert usual(cast) == 3


@pytest.mark.parametrize(
    "more", [{"kind": "internal"}, {"opening": True}, {"side": "customer"}, {"held": True, "author": None}]
)
def test_only_a_public_answer_of_the_staff_is_one(cast: Cast, more: dict[str, Any]) -> None:
    for hours in (1, 2, 3, 4):
        ticket(cast, hours)
    fifth = ticket(cast, None)
    message = answered(fifth, cast.agent, fifth.created_at + timedelta(hours=1), **more)
    assert usual(cast) is None and not was_answered(fifth)
    Message.objects.filter(pk=message.pk).update(
        kind="public", opening=False, side="staff", held=False, author=cast.agent
    )
    assert usual(cast) == 2 and was_answered(fifth)


def test_the_first_answer_counts(cast: Cast) -> None:
    for hours in (5, 5, 5, 5, 5):
        answered(made := ticket(cast, hours), cast.agent, made.created_at + timedelta(hours=50))
    assert usual(cast) == 5


def test_who_has_waited_longer_than_usual_counts_and_who_has_just_written_does_not(cast: Cast) -> None:
    for hours in (1, 2, 3, 4, 5):
        ticket(cast, hours)
    ticket(cast, None, at=NOW - timedelta(hours=2))
    assert usual(cast) == 3
    ticket(cast, None, at=NOW - timedelta(hours=30))
    assert usual(cast) == 3.5


def test_it_is_asked_once_in_a_while(cast: Cast) -> None:
    for hours in (1, 2, 3, 4, 5):
        ticket(cast, hours)
    assert usual_first_answer(cast.desk, NOW) == timedelta(hours=3)
    Message.objects.filter(ticket__desk=cast.desk).delete()
    assert usual_first_answer(cast.desk, NOW) == timedelta(hours=3)
    forget()
    assert usual_first_answer(cast.desk, NOW) is None


def rated(cast: Cast, score: int, at: datetime, desk: Desk | None = None) -> None:
    Rating.objects.create(ticket=ticket(cast, None, desk=desk), person=cast.anna, score=score, rated_at=at)


def test_the_average_is_of_the_last_days_of_this_desk(cast: Cast) -> None:
    since = NOW - timedelta(days=AVERAGE_DAYS)
    assert average_of(cast.desk, NOW) == Average(None, 0)
    rated(cast, 5, since)
    rated(cast, 1, since - timedelta(seconds=1))
    rated(cast, 1, NOW, cast.other_desk)
    assert average_of(cast.desk, NOW) == Average(5.0, 1)
    rated(cast, 4, NOW)
    rated(cast, 4, NOW)
    assert average_of(cast.desk, NOW) == Average(4.3, 3)

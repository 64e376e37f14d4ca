"""The count of mails spent on a mailbox, in both branches of what counts."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from otklik.mail.models import OutboundMail
from otklik.notify.mail_budget import STRANGER_DAY, Spent
from tests.cast import START, Cast

NOW = START + timedelta(days=5)
HIM = "stranger@far.test"


def sent(ticket: int = 1, causer: int | None = 7, *, to: str = HIM, ago: timedelta = timedelta(hours=1)) -> None:
    number = OutboundMail.objects.count()
    values: dict[str, Any] = {
        "recipient": to, "box": to, "sender": "accredo@desk.test", "kind": "comment", "cause": f"{number}",
        "subject": "s", "text": "t", "message_id": f"{number}@desk.test", "retry_at": NOW, "created_at": NOW - ago,
        "ticket_id": ticket, "caused_by": causer, "budget": "far.test",
    }  # fmt: skip
    OutboundMail.objects.create(**values)


def enough(ticket: int = 1, causer: int = 7, to: str = HIM) -> bool:
    return Spent(NOW).had_enough(to, causer=causer, ticket_id=ticket)


def test_nobody_had_anything(cast: Cast) -> None:
    assert not enough()


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ({}, True),
        ({"causer": 8}, True),  # whoever caused it
        ({"causer": None}, False),  # an agent's mail is none of a customer
        ({"ticket": 2}, False),
        ({"to": "other@far.test"}, False),
        ({"ago": timedelta(hours=23, minutes=59)}, True),
        ({"ago": timedelta(hours=24, seconds=1)}, False),
    ],
)
def test_one_mail_a_day_of_one_request(cast: Cast, mail: dict[str, Any], expected: bool) -> None:
    sent(**mail)
    assert enough() is expected


def test_so_many_a_day_of_one_customer_on_all_requests(cast: Cast) -> None:
    for number in range(STRANGER_DAY - 1):
        sent(ticket=10 + number)
    sent(ticket=50, causer=8)
    sent(ticket=51, causer=None)
    sent(ticket=52, ago=timedelta(hours=25))
    assert not enough()
    sent(ticket=60)
    assert enough() and not enough(causer=8)


def test_a_plus_address_is_the_same_mailbox(cast: Cast) -> None:
    sent()
    assert enough(to="stranger+shop@far.test")


def test_what_is_planned_counts_like_what_was_written(cast: Cast) -> None:
    spent = Spent(NOW)
    spent.add(HIM, 7, 1)
    assert spent.had_enough(HIM, causer=9, ticket_id=1)
    assert not spent.had_enough(HIM, causer=7, ticket_id=2)
    for number in range(STRANGER_DAY - 1):
        spent.add(HIM, 7, 10 + number)
    assert spent.had_enough(HIM, causer=7, ticket_id=2) and not spent.had_enough(HIM, causer=8, ticket_id=2)
    anew = Spent(NOW)
    anew.add(HIM, None, 1)
    assert not anew.had_enough(HIM, causer=7, ticket_id=1)


LIMITS = ("address_hour", "address_day", "domain_hour", "site_hour", "customer_hour", "customer_day")


@pytest.mark.parametrize("limit", LIMITS)
def test_each_budget_counts_what_is_planned_and_what_was_written(cast: Cast, limit: str, settings: Settings) -> None:
    """One limit of three with all others out of reach; one mail exists, two are planned together."""
    for name in LIMITS:
        setattr(settings, f"BUDGET_{name.upper()}", 3 if name == limit else 1000)
    sent(ago=timedelta(hours=2) if limit.endswith("day") else timedelta(minutes=2))
    spent = Spent(NOW)
    for ticket in (2, 3):
        assert spent.exceeded(HIM, 7) == ""
        spent.add(HIM, 7, ticket)
    assert spent.exceeded(HIM, 7) == limit.partition("_")[0]

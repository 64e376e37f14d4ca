"""Rate limits of mails per kind and mailbox: the last one allowed and the first one refused."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from otklik.core.errors import UnableTo
from otklik.mail.models import Mailbox, OutboundMail
from otklik.notify import account_adapter, mail_budget
from otklik.notify.account_mails import reset_mail
from otklik.notify.commands import accounts, addresses
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from tests.cast import START, Cast
from tests.refusing import refused_as

VERA = "vera@clinic.test"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def vera(cast: Cast) -> Person:
    cache.clear()
    return ensure_person(address=VERA, name="Вера", at=START)[0]


def invited(cast: Cast, vera: Person, at: Any) -> None:
    with suppress(UnableTo):
        accounts.invite(actor=Actor(cast.agent, "agent"), at=at, person=vera)


KINDS: dict[str, Callable[[Cast, Person, Any], object]] = {
    "reset": lambda cast, vera, at: reset_mail(vera, "https://x.test", at),
    "invitation": invited,
    "no code for staff": lambda cast, vera, at: accounts.tell_no_code(person=vera, address=VERA, at=at),
    "sign-up": lambda cast, vera, at: accounts.ask_to_sign_up(address=VERA, name="Вера", at=at),
    "further address": lambda cast, vera, at: addresses.ask_for_address(
        actor=Actor(cast.anna, "portal"), at=at, person=cast.anna, address=VERA
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_ab_32_one_mail_of_a_kind_a_minute_and_five_a_day(cast: Cast, vera: Person, kind: str) -> None:
    def count_after(passed: timedelta) -> int:
        KINDS[kind](cast, vera, START + passed)
        return OutboundMail.objects.filter(recipient=VERA).count()

    assert [count_after(passed) for passed in (timedelta(0), 0.9 * MINUTE, 1.1 * MINUTE)] == [1, 1, 2]
    assert [count_after(number * HOUR) for number in range(1, 6)] == [3, 4, 5, 5, 5]
    assert count_after(25 * HOUR) == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_ab_32_of_many_who_ask_at_the_same_moment_one_has_a_mail_sent(cast: Cast, vera: Person, kind: str) -> None:
    """Whoever sends the form many times at once must not get around the count."""
    together = threading.Barrier(5)

    def ask() -> None:
        try:
            together.wait(30)
            with transaction.atomic():
                KINDS[kind](cast, vera, START)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert OutboundMail.objects.filter(recipient=VERA).count() == 1


def test_ab_29_what_is_answered_to_a_mail_about_an_account_is_read_by_no_desk(cast: Cast, vera: Person) -> None:
    for hour, wanted in enumerate(["no-reply@desk.test", "noreply@desk.test", "nobody-reads-this@desk.test", ""]):
        mail = reset_mail(vera, "https://x.test", START + hour * HOUR)
        assert mail is not None and (mail.sender.partition("@")[2], mail.reply_to) == ("desk.test", wanted)
        if wanted:
            Mailbox.objects.create(address=wanted, created_at=START)


def test_ab_32_a_mailed_code_goes_once_a_minute(cast: Cast, vera: Person) -> None:
    for _again in range(3):
        account_adapter.code_mail(vera, VERA, "1234-5678")
    assert OutboundMail.objects.filter(recipient=VERA).count() == 1


def test_ab_29_no_secret_goes_to_an_address_of_ours(cast: Cast) -> None:
    ours = ensure_person(address="accredo@desk.test", name="Служба", at=START)[0]
    reset_mail(ours, "https://x.test", START)
    accounts.ask_to_sign_up(address="accredo+x@desk.test", name="x", at=START)
    with refused_as("notify.support_address"):
        accounts.invite(actor=Actor(cast.agent, "agent"), at=START, person=ours)
    assert not OutboundMail.objects.filter(recipient__startswith="accredo").exists()


def test_ab_90_fifty_sign_ups_an_hour_on_the_whole_site(cast: Cast) -> None:
    for number in range(51):
        accounts.ask_to_sign_up(address=f"x{number}@clinic.test", name="x", at=START)
    assert OutboundMail.objects.filter(kind="sign_up").count() == 50
    accounts.ask_to_sign_up(address="later@clinic.test", name="x", at=START + 61 * MINUTE)
    assert OutboundMail.objects.filter(kind="sign_up").count() == 51


def test_ab_90_links_to_ten_further_addresses_a_day_for_one_person(cast: Cast) -> None:
    def ask(who: Person, number: int, at: Any = START) -> str:
        return addresses.ask_for_address(
            actor=Actor(who, "portal"), at=at, person=who, address=f"{who.pk}-{number}@x.test"
        )

    for number in range(10):
        ask(cast.anna, number % 5, START + number * 2 * MINUTE)
    with refused_as("notify.too_many_links"):
        ask(cast.anna, 7, START + HOUR)
    assert ask(cast.boris, 7, START + HOUR)
    assert ask(cast.anna, 7, START + 2 * DAY)


def mail(number: int, *, to: str = VERA, ago: timedelta = timedelta(0), causer: int | None = None) -> None:
    OutboundMail.objects.create(
        recipient=to, box=to, budget=to.partition("@")[2], sender="accredo@desk.test", kind="comment",
        cause=f"{number} {to} {ago}", subject="s", text="t", message_id=f"{number}-{to}-{ago}", created_at=START - ago,
        retry_at=START, caused_by=causer,
    )  # fmt: skip


# The budget that is three, what counts against it, and what does not.
BUDGETS: dict[str, tuple[str, str, dict[str, Any], list[dict[str, Any]]]] = {
    "address in an hour": ("ADDRESS_HOUR", "address", {}, [{"to": "b@clinic.test"}, {"ago": 1.1 * HOUR}]),
    "address in a day": ("ADDRESS_DAY", "address", {"ago": 2 * HOUR}, [{"to": "b@clinic.test"}, {"ago": 25 * HOUR}]),
    "domain": ("DOMAIN_HOUR", "domain", {"to": "b@clinic.test"}, [{"to": "b@x.test"}, {"ago": 1.1 * HOUR}]),
    "site": ("SITE_HOUR", "site", {"to": "b@x.test"}, [{"ago": 1.1 * HOUR}]),
    "customer in an hour": ("CUSTOMER_HOUR", "customer", {"to": "b@x.test", "causer": 7}, [
        {"to": "b@x.test", "causer": 8}, {"to": "b@x.test", "causer": 7, "ago": 1.1 * HOUR}]),
    "customer in a day": ("CUSTOMER_DAY", "customer", {"to": "b@x.test", "causer": 7, "ago": 2 * HOUR}, [
        {"to": "b@x.test", "causer": 8}, {"to": "b@x.test", "causer": 7, "ago": 25 * HOUR}]),
}  # fmt: skip


@pytest.mark.parametrize("name", BUDGETS)
def test_ab_90_a_budget_is_full_at_its_number_and_by_what_it_is_about(
    cast: Cast, vera: Person, settings: Settings, name: str
) -> None:
    for other in ("ADDRESS_HOUR", "ADDRESS_DAY", "DOMAIN_HOUR", "SITE_HOUR", "CUSTOMER_HOUR", "CUSTOMER_DAY"):
        setattr(settings, f"BUDGET_{other}", 1000)
    setting, full, counts, others = BUDGETS[name]
    setattr(settings, f"BUDGET_{setting}", 3)
    for number in range(5):
        for one in others:
            mail(number, **one)
    for number in range(10, 12):
        mail(number, **counts)
    assert mail_budget.Spent(START).exceeded(VERA, 7) == ""
    mail(12, **counts)
    assert mail_budget.Spent(START).exceeded(VERA, 7) == full
    assert mail_budget.Spent(START).exceeded(VERA, None) == ("" if full == "customer" else full)
    assert mail_budget.mail_will_stay_away(address=VERA, by=Person(pk=7), at=START)
    Person.objects.filter(pk=vera.pk).update(heard_at=START)
    assert not mail_budget.mail_will_stay_away(address=VERA, by=Person(pk=7), at=START)


def test_ab_88_one_stranger_gets_one_mail_of_a_request_and_three_a_day_by_one_customer(cast: Cast) -> None:
    def enough(ticket: int, causer: int = 7, at: timedelta = timedelta(0)) -> bool:
        return mail_budget.Spent(START + at).had_enough(VERA, causer=causer, ticket_id=ticket)

    for number in range(3):
        assert not enough(number)
        mail(number, causer=7)
        OutboundMail.objects.filter(caused_by=7, ticket_id=None).update(ticket_id=number)
        assert enough(number) and enough(number, causer=8)
    assert enough(99) and not enough(99, causer=8) and not enough(99, at=25 * HOUR)

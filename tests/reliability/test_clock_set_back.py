"""A clock set back by an hour delays nothing."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core.retry_schedule import WAITS
from otklik.desks.models import ApprovalRule, Desk
from otklik.intake import process
from otklik.journal.models import Event
from otklik.mail.claims import claim
from otklik.mail.dkim_check import may_be_processed
from otklik.mail.imap import account_thread
from otklik.mail.models import ImapAccount, InboundMail, OutboundMail
from otklik.notify import mail_budget
from otklik.notify.account_mails import is_too_often
from otklik.notify.digest import digest_next
from otklik.notify.models import DigestEntry
from otklik.people.actor import Actor
from otklik.people.commands.own_data import ask_for_export
from otklik.people.login_throttle import is_held, may_guess
from otklik.people.models import DataExport
from otklik.privacy.exports import export_next
from otklik.tickets.commands import unconfirmed
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.pending import State, hold_reply
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, PendingReply, Unconfirmed
from otklik.tickets.pumps.approval_reminders import remind_next
from otklik.tickets.pumps.pending_replies import release_next
from otklik.worker import dispatch
from tests.cast import Cast
from tests.intake.test_poison import store
from tests.mail.test_compose import row
from tests.postoffice import letter
from tests.refusing import refused_as

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def held(cast: Cast, at: datetime, due_at: datetime, *, scheduled: bool = False) -> PendingReply:
    return hold_reply(
        actor=Actor(cast.agent, "agent"),
        at=at,
        ticket=cast.ticket,
        words=Words("x"),
        due_at=due_at,
        scheduled=scheduled,
    )


def test_a_reply_in_its_seconds_for_undoing_goes(cast: Cast, now: datetime) -> None:
    reply = held(cast, now + HOUR, now + HOUR + 10 * SECOND)
    assert release_next(now)
    reply.refresh_from_db()
    assert reply.state == State.SENT


def test_a_reply_just_written_and_one_for_a_chosen_time_wait(cast: Cast, now: datetime) -> None:
    held(cast, now, now + 10 * SECOND)
    held(cast, now + HOUR, now + 3 * HOUR, scheduled=True)
    assert not release_next(now + 5 * SECOND)


@pytest.mark.parametrize("tries", range(1, len(WAITS) + 1))
def test_a_reply_that_failed_is_tried_again(cast: Cast, now: datetime, tries: int) -> None:
    reply = held(cast, now - HOUR, now - HOUR)
    rest = PendingReply.objects.filter(pk=reply.pk)
    rest.update(attempts=tries, retry_at=now + WAITS[tries - 1])
    assert not release_next(now)
    rest.update(retry_at=now + HOUR + WAITS[tries - 1])
    assert release_next(now)


def test_a_reminder_that_failed_is_tried_again_but_none_that_was_given_up(cast: Cast, now: datetime) -> None:
    Desk.objects.update(approval_reminder_days=1)
    asked = now - timedelta(days=3)
    approval = ask_approval(
        actor=Actor(cast.agent, "agent"), at=asked, ticket=cast.ticket, people=[cast.boris], rule=ApprovalRule.ONE
    )
    rest = Approval.objects.filter(pk=approval.pk)
    rest.update(attempts=1, retry_at=now + MINUTE)
    assert not remind_next(now)
    rest.update(retry_at=now + HOUR + MINUTE, failed_at=now)
    assert not remind_next(now)
    rest.update(failed_at=None)
    assert remind_next(now)


def taken_up(now: datetime) -> int:
    with transaction.atomic():
        return len(process._claim(0, now, None, ()))


def test_a_received_mail_that_failed_is_read_again(people: Cast, now: datetime) -> None:
    mail = store(letter())
    rest = InboundMail.objects.filter(pk=mail.pk)
    for tries, seconds in ((0, 5), (1, 5), (2, 30), (7, 30)):
        rest.update(attempts=tries, retry_at=now + seconds * SECOND)
        assert not taken_up(now)
        rest.update(retry_at=now + HOUR + seconds * SECOND)
        assert taken_up(now)


def test_a_received_mail_waits_for_no_signature_longer_than_else(
    people: Cast, now: datetime, settings: Settings
) -> None:
    settings.DKIM_CHECK = True
    mail = InboundMail.objects.filter(pk=store(letter()).pk)
    mail.update(received_at=now)
    assert not mail.filter(may_be_processed(now)).exists()
    mail.update(received_at=now + HOUR)
    assert mail.filter(may_be_processed(now)).exists()


@pytest.mark.parametrize(("tries", "rest"), [(1, 10), (9, 2560), (10, 3600), (40, 3600)])
def test_the_reactions_to_an_event_are_tried_again(cast: Cast, now: datetime, tries: int, rest: int) -> None:
    event = Event.objects.latest("id")
    mine = Event.objects.filter(pk=event.pk)
    mine.update(dispatched_at=None, attempts=tries, retry_at=now + rest * SECOND)
    assert not dispatch._claim(now, event.pk, ())
    mine.update(retry_at=now + (rest + 3600) * SECOND)
    assert dispatch._claim(now, event.pk, ())


def test_an_archive_that_failed_is_made_and_may_be_asked_for_anew(cast: Cast, home: Path, now: datetime) -> None:
    mine = Actor(cast.anna, "portal")
    ask_for_export(actor=mine, at=now + HOUR, person=cast.anna)
    with refused_as("person.export_under_way"):
        ask_for_export(actor=mine, at=now + HOUR + MINUTE, person=cast.anna)
    ask_for_export(actor=mine, at=now, person=cast.anna)
    rest = DataExport.objects.filter(person=cast.anna)
    rest.update(attempts=1, retry_at=now + MINUTE)
    assert not export_next()
    rest.update(retry_at=now + HOUR + MINUTE)
    assert export_next()


def test_a_daily_mail_that_failed_is_tried_again(cast: Cast, now: datetime) -> None:
    entry = DigestEntry.objects.create(person=cast.anna, event_id=1, template="comment", due_at=now + HOUR)
    assert not digest_next(), "it is meant for that hour"
    mine = DigestEntry.objects.filter(pk=entry.pk)
    mine.update(attempts=1, due_at=timezone.now() + MINUTE)
    assert not digest_next()
    mine.update(due_at=timezone.now() + HOUR + MINUTE)
    assert digest_next()


def test_no_daily_mail_waits_for_longer_than_a_day(cast: Cast, now: datetime) -> None:
    DigestEntry.objects.create(person=cast.anna, event_id=1, template="comment", due_at=now + 40 * HOUR)
    assert digest_next()


def test_a_mailbox_that_failed_is_looked_at(now: datetime) -> None:
    account = ImapAccount(retry_at=now + 5 * MINUTE, last_error_at=now)
    assert 290 < account_thread._rest_left(account) <= 300
    account = ImapAccount(retry_at=now + HOUR + 5 * MINUTE, last_error_at=now + HOUR)
    assert account_thread._rest_left(account) == 0


@pytest.mark.parametrize("column", ["created_at", "last_attempt_at", "again_at", "claimed_until"])
def test_a_mail_to_be_sent_goes(db: None, now: datetime, column: str) -> None:
    values = {"created_at": now - MINUTE, "retry_at": now - SECOND}
    if column == "claimed_until":
        mail = row(**values, claimed_until=now + MINUTE)
    else:
        mail = row(**{**values, "retry_at": now + HOUR + MINUTE})
    assert not claim(now)
    OutboundMail.objects.filter(pk=mail.pk).update(**{column: now + HOUR + MINUTE})
    assert [one.pk for one in claim(now)] == [mail.pk]


def test_limits_of_mails_do_not_count_them(db: None, now: datetime) -> None:
    address = "anna@clinic.test"
    for _ in range(3):
        row(recipient=address, box=address, budget="clinic.test", kind="sign_up", created_at=now + HOUR)
    spent = mail_budget.Spent(now)
    spent.read([address])
    assert (spent.site, spent.hours[address], spent.days[address]) == (0, 0, 0)
    assert not is_too_often(address, "sign_up", now)
    row(recipient=address, box=address, budget="clinic.test", kind="sign_up", created_at=now + SECOND)
    assert is_too_often(address, "sign_up", now), "the clocks of two machines differ a little"
    spent = mail_budget.Spent(now)
    spent.read([address])
    assert (spent.site, spent.hours[address], spent.days[address]) == (1, 1, 1)


@pytest.fixture
def asked(cast: Cast, now: datetime) -> str:
    Unconfirmed.objects.create(
        digest="d", request_type=cast.desk.request_types.all()[0], address="a@b.test", created_at=now,
        expires_at=now + HOUR,
    )  # fmt: skip
    return "a@b.test"


def test_limits_of_links_do_not_count_them(asked: str, now: datetime) -> None:
    assert unconfirmed.is_too_often(asked, now + SECOND)
    assert not unconfirmed.is_too_often(asked, now - HOUR)


def test_who_guessed_wrong_waits_no_hour_more_and_gets_no_more_guesses(db: None, now: datetime) -> None:
    def guesses(at: datetime) -> int:
        return sum(may_guess(kind="password", whose="person 1", at=at) for _ in range(9))

    assert guesses(now + HOUR) == 5
    assert not is_held(kind="password", whose="person 1", at=now)
    assert guesses(now) == 1, "one, not a whole burst"
    assert is_held(kind="password", whose="person 1", at=now)
    assert guesses(now + 6 * MINUTE) >= 1

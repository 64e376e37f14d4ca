"""One row that always fails blocks no queue: the others continue, and it is reported."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.cli.doctor_checks import _given_up
from otklik.core.models import Submission
from otklik.core.retry_schedule import WAITS
from otklik.desks.models import ApprovalRule, Desk
from otklik.intake.process import _MAILS, process_next
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify.digest import _DIGESTS, digest_next
from otklik.notify.models import DigestEntry
from otklik.people.actor import Actor
from otklik.people.commands.own_data import ask_for_export
from otklik.people.models import DataExport, Person
from otklik.privacy.exports import _ARCHIVES, export_next
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.pending import State, hold_reply
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Message, PendingReply, Ticket, Unconfirmed
from otklik.tickets.pumps import approval_reminders
from otklik.tickets.pumps.approval_reminders import _REMINDERS, remind_next
from otklik.tickets.pumps.pending_replies import _REPLIES, release_next
from otklik.worker.cleanup import tidy
from otklik.worker.dispatch import _EVENTS, dispatch_next
from otklik.worker.failed_rows import failed_rows, try_again
from otklik.worker.unused_files import SHELVES, UnusedFiles
from tests.cast import START, Cast, as_
from tests.postoffice import put_mail

LONG = timedelta(days=3)


def another(cast: Cast) -> Ticket:
    return open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=cast.desk, channel="portal", subject="x", words=Words("x"),
        requester=cast.anna,
    )  # fmt: skip


def held(cast: Cast, ticket: Ticket, text: str) -> PendingReply:
    return hold_reply(
        actor=Actor(cast.agent, "agent"),
        at=START,
        ticket=ticket,
        words=Words(text),
        due_at=START + timedelta(minutes=1),
    )


def warned(client: Client) -> bool:
    """Return whether /healthz warns of given-up work; it must not report it as a problem."""
    said = json.loads(client.get("/healthz").content)
    assert not any("given up" in one or "fail" in one for one in said["problems"])
    return any("given up" in one or "reactions" in one for one in said["warnings"])


def test_a_reply_that_cannot_go_stops_no_other_and_stays_back_in_the_end(
    cast: Cast, client: Client, settings: Settings
) -> None:
    settings.METRICS_TOKEN = "a token of some length"
    bad, good = held(cast, cast.ticket, "ПЛОХОЙ"), held(cast, another(cast), "ХОРОШИЙ")
    PendingReply.objects.filter(pk=bad.pk).update(files=[{"name": "a", "bogus": 1}])
    at = START + timedelta(minutes=5)
    assert release_next(at) and release_next(at) and not release_next(at)
    good.refresh_from_db()
    assert good.state == State.SENT and not warned(client)
    for _ in WAITS:
        at += LONG
        assert release_next(at) and not release_next(at)
    bad.refresh_from_db()
    assert (bad.state, bad.text, bad.attempts) == (State.STOPPED, "ПЛОХОЙ", len(WAITS) + 1)
    assert warned(client) and failed_rows()["replies"] == 1
    assert (
        b"otklik_replies_given_up 1.0"
        in client.get("/metrics", headers={"authorization": f"Bearer {settings.METRICS_TOKEN}"}).content
    )
    (finding,) = _given_up()
    assert "1 replies" in finding.seen and finding.remedy
    _seen_and_mended_by_its_author(cast, bad)
    assert not warned(client) and not any(failed_rows().values())


def _seen_and_mended_by_its_author(cast: Cast, bad: PendingReply) -> None:
    mine = as_(cast.agent)
    assert "ошибка в программе" in mine.get("/browse/ACCREDO-1").content.decode()
    assert mine.get("/projects/ACCREDO/outbox").status_code == 200
    assert mine.post(f"/browse/ACCREDO-1/replies/{bad.pk}/now").status_code == 302
    assert not Message.objects.filter(text="ПЛОХОЙ").exists()
    assert mine.post(f"/browse/ACCREDO-1/replies/{bad.pk}/undo").status_code == 302
    assert "ПЛОХОЙ" in mine.get(f"/browse/ACCREDO-1?draft={bad.pk}").content.decode()
    refused = mine.post("/browse/ACCREDO-1/reply", {"comment": "ПЛОХОЙ", "draft": bad.pk, "keep": "0"})
    assert refused.status_code == 422 and "ПЛОХОЙ" in refused.content.decode()


@contextmanager
def refusing(table: str, when: str, state: str = "22023") -> Iterator[None]:
    """Make the database reject rows of this table for which the condition on NEW (or OLD) holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF {when} THEN"
            f" RAISE EXCEPTION 'poisoned' USING ERRCODE = '{state}'; END IF; RETURN COALESCE(NEW, OLD); END$$"
        )
        cursor.execute(
            f"CREATE TRIGGER poison BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION poison()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER poison ON {table}")
        cursor.execute("DROP FUNCTION poison()")


def test_a_mail_that_cannot_be_worked_off_rests_a_while_and_comes_again(people: Cast) -> None:
    mail = put_mail()
    with refusing("tickets_ticket", "TG_OP = 'INSERT'"):
        assert process_next()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("waiting", 1) and "poisoned" in mail.error
    assert mail.retry_at is not None and mail.retry_at > timezone.now()
    assert not process_next()
    InboundMail.objects.update(retry_at=timezone.now())
    assert process_next()
    mail.refresh_from_db()
    assert (mail.state, mail.fate) == ("filed", "request")


def test_an_approval_nobody_can_be_reminded_of_stops_no_other(cast: Cast, client: Client) -> None:
    Desk.objects.update(approval_reminder_days=1)
    bad, good = (
        ask_approval(
            actor=Actor(cast.agent, "agent"), at=START, ticket=ticket, people=[cast.boris], rule=ApprovalRule.ONE
        )
        for ticket in (cast.ticket, another(cast))
    )
    at = START + LONG
    with refusing("journal_event", f"NEW.kind = 'ticket.approval_reminded' AND NEW.data->>'approval' = '{bad.pk}'"):
        assert remind_next(at) and remind_next(at) and not remind_next(at)
        assert list(Event.objects.filter(kind="ticket.approval_reminded").values_list("data__approval", flat=True)) == [
            good.pk
        ]
        for _ in WAITS:
            at += LONG
            assert remind_next(at) and not remind_next(at)
    bad.refresh_from_db()
    assert bad.reminded_at is None and bad.failed_at is not None
    assert warned(client) and failed_rows()["reminders"] == 1
    Approval.objects.filter(pk=bad.pk).update(state=Approval.State.WITHDRAWN, settled_at=START)
    assert not warned(client)


@pytest.mark.parametrize(
    "meanwhile", [{"reminded_at": START}, {"state": "withdrawn", "settled_at": START}, {"failed_at": START}]
)
def test_an_approval_that_another_worker_saw_to_since_it_was_looked_up_is_left_alone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, meanwhile: dict[str, Any]
) -> None:
    Desk.objects.update(approval_reminder_days=1)
    asked = ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[cast.boris], rule=ApprovalRule.ONE
    )
    looked_up = list(approval_reminders._due(START + LONG, ()))
    assert looked_up == [asked.pk]
    monkeypatch.setattr(approval_reminders, "_due", lambda _now, _but: looked_up)
    Approval.objects.update(**meanwhile)
    assert not remind_next(START + LONG)
    Approval.objects.update(reminded_at=None, state="pending", settled_at=None, failed_at=None)
    assert remind_next(START + LONG)


def test_an_event_that_cannot_be_reacted_to_stops_no_other_and_is_given_up(cast: Cast, client: Client) -> None:
    Event.objects.update(dispatched_at=timezone.now())
    for ticket in (cast.ticket, another(cast)):
        words = Words("Ответ")
        comment(actor=Actor(cast.agent, "agent"), at=START, ticket=ticket, words=words)
    bad, good = Event.objects.filter(kind="ticket.commented", dispatched_at=None)
    with refusing("mail_outboundmail", f"TG_OP = 'INSERT' AND NEW.ticket_id = {cast.ticket.pk}"):
        for _ in Event.WAITS:
            assert dispatch_next() and not dispatch_next()
            Event.objects.filter(pk=bad.pk).update(retry_at=timezone.now())
        assert OutboundMail.objects.filter(cause__startswith=f"event:{good.pk} ").exists()
        assert dispatch_next()
        bad.refresh_from_db()
        assert (bad.attempts, bad.retry_at, bad.dispatched_at) == (len(Event.WAITS) + 1, None, None)
        assert bad.failed_at is not None and "poisoned" in bad.error and not dispatch_next()
    assert warned(client) and failed_rows()["events"] == 1 and not dispatch_next(), "a given up event is left alone"
    assert try_again("events", timezone.now()) == 1
    assert dispatch_next() and OutboundMail.objects.filter(cause__startswith=f"event:{bad.pk} ").exists()
    assert not warned(client) and try_again("events", timezone.now()) == 0


def test_trouble_of_the_machine_gives_no_event_up(cast: Cast) -> None:
    Event.objects.exclude(pk=Event.objects.filter(kind="ticket.opened").latest("id").pk).update(dispatched_at=START)
    with refusing("mail_outboundmail", "TG_OP = 'INSERT'", _OVERLOADED):
        for _ in range(len(Event.WAITS) + 2):
            assert dispatch_next()
            Event.objects.update(retry_at=None)
    assert dispatch_next() and not Event.objects.filter(dispatched_at=None).exists()


def test_an_event_that_fails_again_and_again_is_told(cast: Cast, client: Client) -> None:
    Event.objects.filter(pk=Event.objects.latest("id").pk).update(attempts=2, dispatched_at=None)
    assert not warned(client)
    Event.objects.filter(pk=Event.objects.latest("id").pk).update(attempts=3)
    assert warned(client)


def test_what_cannot_be_removed_keeps_nothing_else_from_being_removed(cast: Cast) -> None:
    old = timezone.now() - timedelta(days=400)
    Submission.objects.create(mark="a" * 64, at=old)
    Unconfirmed.objects.create(
        digest="d", request_type=cast.desk.request_types.all()[0], address="a@b.test", created_at=old, expires_at=old
    )
    with refusing("core_submission", "true"):
        tidy(timezone.now())
        assert Submission.objects.count() == 1
    assert not Unconfirmed.objects.exists()


def test_a_shelf_that_cannot_be_looked_through_keeps_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def sweep(shelf: str, _at: object) -> None:
        seen.append(shelf)
        raise OSError("an unreadable shelf")

    monkeypatch.setattr("otklik.worker.unused_files.sweep", sweep)
    files = UnusedFiles()
    for _ in range(2):
        files._not_before = 0.0
        with pytest.raises(OSError, match="shelf"):
            files.step()
    assert seen == list(SHELVES[:2])


def _replies(cast: Cast) -> tuple[str, list[int], Callable[[], bool], Any]:
    rows = [held(cast, cast.ticket, "ПЛОХОЙ"), held(cast, another(cast), "ХОРОШИЙ")]
    done = PendingReply.objects.filter(state=State.SENT)
    return "tickets_pendingreply", [row.pk for row in rows], lambda: release_next(START + timedelta(minutes=5)), done


def _reminders(cast: Cast) -> tuple[str, list[int], Callable[[], bool], Any]:
    Desk.objects.update(approval_reminder_days=1)
    rows = [
        ask_approval(
            actor=Actor(cast.agent, "agent"), at=START, ticket=ticket, people=[cast.boris], rule=ApprovalRule.ONE
        )
        for ticket in (cast.ticket, another(cast))
    ]
    done = Approval.objects.exclude(reminded_at=None)
    return "tickets_approval", [row.pk for row in rows], lambda: remind_next(START + LONG), done


def _exports(cast: Cast) -> tuple[str, list[int], Callable[[], bool], Any]:
    rows = [
        ask_for_export(actor=Actor(person, "portal"), at=timezone.now(), person=person)
        for person in (cast.anna, cast.boris)
    ]
    return "people_dataexport", [row.pk for row in rows], export_next, DataExport.objects.exclude(ready_at=None)


def _daily_mails(cast: Cast) -> tuple[str, list[int], Callable[[], bool], Any]:
    event, due = Event.objects.latest("id"), timezone.now() - timedelta(minutes=1)
    rows = [
        DigestEntry.objects.create(person=person, event_id=event.pk, template="comment", due_at=due)
        for person in (cast.anna, cast.boris)
    ]
    gone = Person.objects.filter(pk__in=[cast.anna.pk, cast.boris.pk]).exclude(
        pk__in=DigestEntry.objects.values("person")
    )
    return "notify_digestentry", [row.pk for row in rows], digest_next, gone


def _events(cast: Cast) -> tuple[str, list[int], Callable[[], bool], Any]:
    Event.objects.update(dispatched_at=timezone.now())
    for ticket in (cast.ticket, another(cast)):
        comment(actor=Actor(cast.agent, "agent"), at=START, ticket=ticket, words=Words("Ответ"))
    rows = Event.objects.filter(dispatched_at=None).order_by("id")
    pks = list(rows.values_list("pk", flat=True))
    return "journal_event", pks, dispatch_next, Event.objects.filter(pk__in=pks).exclude(dispatched_at=None)


def _mails_in(_cast: Cast) -> tuple[str, list[int], Callable[[], bool], Any]:
    rows = [put_mail(), put_mail(b"other words")]
    return "mail_inboundmail", [row.pk for row in rows], process_next, InboundMail.objects.filter(state="filed")


@pytest.mark.parametrize("queue", [_replies, _reminders, _exports, _daily_mails, _events, _mails_in])
def test_a_row_of_which_no_failed_try_can_be_noted_stops_no_other(
    people: Cast, home: Path, queue: Callable[[Cast], tuple[str, list[int], Callable[[], bool], Any]]
) -> None:
    table, rows, step, done = queue(people)
    with refusing(table, f"TG_OP <> 'INSERT' AND OLD.id = {rows[0]}"):
        for _ in range(len(rows) + 1):
            step()
        assert not step(), "it is not tried again and again"
        assert done.count() == len(rows) - 1
    for passed_over in (_REPLIES, _REMINDERS, _ARCHIVES, _DIGESTS, _EVENTS, *_MAILS):
        passed_over.passed_over.clear()
    assert step() and done.count() == len(rows)


_OVERLOADED = "53300"


def _a_reply(cast: Cast) -> tuple[str, Callable[[], bool], Callable[[], Any]]:
    row, at = held(cast, cast.ticket, "Ответ"), START + timedelta(minutes=5)
    found = PendingReply.objects.filter(pk=row.pk)
    return "tickets_message", lambda: release_next(at), lambda: found.values_list("attempts", "retry_at").get()


def _a_reminder(cast: Cast) -> tuple[str, Callable[[], bool], Callable[[], Any]]:
    Desk.objects.update(approval_reminder_days=1)
    asked = ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[cast.boris], rule=ApprovalRule.ONE
    )
    found = Approval.objects.filter(pk=asked.pk)
    values = found.values_list("attempts", "failed_at")
    return "journal_event", lambda: remind_next(START + LONG), values.get


def _an_export(cast: Cast) -> tuple[str, Callable[[], bool], Callable[[], Any]]:
    row = ask_for_export(actor=Actor(cast.anna, "portal"), at=timezone.now(), person=cast.anna)
    found = DataExport.objects.filter(pk=row.pk)
    return "mail_outboundmail", export_next, lambda: found.values_list("attempts", "retry_at", "failed_at").get()


def _a_daily_mail(cast: Cast) -> tuple[str, Callable[[], bool], Callable[[], Any]]:
    event, due = Event.objects.latest("id"), timezone.now() - timedelta(minutes=1)
    entry = DigestEntry.objects.create(person=cast.anna, event_id=event.pk, template="comment", due_at=due)
    found = DigestEntry.objects.filter(pk=entry.pk)
    return "notify_digestentry", digest_next, lambda: found.values_list("attempts", "failed_at").get()


def _old_marks(_cast: Cast) -> tuple[str, Callable[[], bool], Callable[[], Any]]:
    Submission.objects.create(mark="a" * 64, at=timezone.now() - timedelta(days=400))
    return "core_submission", lambda: tidy(timezone.now()) is None, lambda: 0


@pytest.mark.parametrize("queue", [_a_reply, _a_reminder, _an_export, _a_daily_mail, _old_marks])
def test_trouble_of_the_database_is_no_failed_try(
    cast: Cast, home: Path, queue: Callable[[Cast], tuple[str, Callable[[], bool], Callable[[], Any]]]
) -> None:
    table, step, tries = queue(cast)
    before = tries()
    # What counts tries changes the queue's own row, which is let pass.
    with refusing(table, "TG_OP <> 'UPDATE'", _OVERLOADED), pytest.raises(OperationalError), transaction.atomic():
        step()
    assert tries() == before

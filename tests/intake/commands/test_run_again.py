"""`run_again` runs a mail through the intake again."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.intake.commands.reprocess import run_again
from otklik.intake.process import process_next
from otklik.mail.models import InboundMail
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.intake.test_apply import by, fresh, held_mail, reconcile
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as


def test_a_mail_that_cannot_be_read_now_is_not_run_again_and_loses_nothing(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    InboundMail.objects.filter(pk=row.pk).update(raw=b"", raw_removed_at=timezone.now())
    with refused_as("intake.original_gone"):
        run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).state == "held" and Message.objects.filter(inbound=row, held=True).exists()


def test_run_again_begins_with_all_its_tries_and_at_once(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    InboundMail.objects.filter(pk=row.pk).update(attempts=2, retry_at=timezone.now() + timedelta(days=1))
    with CaptureQueriesContext(connection) as asked:
        run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    assert any("pg_notify" in one["sql"] and "inbox" in one["sql"] for one in asked)
    now = fresh(row)
    assert (now.state, now.attempts, now.retry_at, now.ticket_id) == ("waiting", 0, None, None)
    assert process_next() and fresh(row).fate == "held_comment"
    assert Message.objects.filter(inbound=row).count() == 1


def test_run_again_twice_makes_no_double(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).state == "waiting" and not Message.objects.filter(inbound=row).exists()
    with refused_as("intake.still_waiting"):
        run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    run_all()
    assert fresh(row).fate == "held_comment" and Message.objects.filter(inbound=row).count() == 1
    run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    run_all()
    assert Message.objects.filter(inbound=row).count() == 1 and people.ticket.messages.count() == 4
    assert not process_next()
    reconcile()


def test_run_again_heals_an_unreadable_mail(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="z@clinic.test", text="Здравствуйте"))
    # As if the parser of that day had stumbled over it.
    InboundMail.objects.filter(pk=row.pk).update(state="failed", fate="unreadable", error="Traceback", settled_at=START)
    first = Ticket.objects.get(key=row.ticket_key)
    run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    run_all()
    first.refresh_from_db()
    row = fresh(row)
    assert (row.state, row.fate, row.error) == ("filed", "request", "") and row.ticket_key != first.key
    assert first.status.is_done and Message.objects.filter(inbound=row).count() == 1
    with refused_as("intake.not_to_run_again"):
        run_again(actor=by(people.agent), at=timezone.now(), mail=row)


def test_other_mails_stay_as_they_are(people: Cast, sink: Sink) -> None:
    other = inject(letter(sender="z@clinic.test", text="Здравствуйте"))
    run_again(actor=by(people.agent), at=timezone.now(), mail=held_mail(people))
    now = fresh(other)
    assert (now.state, now.fate, now.ticket_key) == ("filed", "request", other.ticket_key) and now.ticket_key

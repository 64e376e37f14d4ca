"""Outgoing mail over a day of outage (RL-24) and under 300 automatic replies (RL-28)."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail import deliver
from otklik.mail.models import InboundMail, OutboundMail
from tests.cast import Cast
from tests.intake.test_decisions import signed
from tests.intake.test_poison import store
from tests.mail.test_compose import row
from tests.postoffice import Sink, letter, run_all, running_sink

# More tickets than are sent together.
TICKETS, MAILS_EACH = 12, 3
MINUTE = dt.timedelta(minutes=1)


def one_minute(at: dt.datetime) -> dt.datetime:
    """Run a minute of the delivery pump, whose pauses are a minute at most; return the next minute."""
    deliver._local.rest_until = 0.0
    while deliver.deliver_next(at):
        pass
    return at + MINUTE


def first_due() -> dt.datetime:
    """Return when the first mail that waits for no other is retried; the pump finds nothing before."""
    heads = OutboundMail.objects.filter(subject="0", state="queued")
    due: dt.datetime = heads.order_by("retry_at").values_list("retry_at", flat=True)[0]
    return due


@pytest.mark.slow
def test_rl_24_the_mail_server_is_away_for_a_day(transactional_db: None, settings: Settings, free_port: int) -> None:
    # Within one transaction the rows' thousands of old versions could not be cleared away.
    settings.OUTGOING = f"smtp://127.0.0.1:{free_port}"
    deliver.forget()
    began = at = timezone.now()
    for number in range(TICKETS * MAILS_EACH):
        key, step = number % TICKETS, number // TICKETS
        row(recipient=f"p{key}@x.test", ticket_id=key + 1, subject=f"{step}", created_at=at, retry_at=at)
    while at < began + dt.timedelta(days=1):
        at = max(one_minute(at), first_due())
    assert set(OutboundMail.objects.values_list("state", flat=True)) == {"queued"}
    with running_sink(settings) as sink:
        back = at
        while OutboundMail.objects.filter(state="queued").exists() and at < back + dt.timedelta(hours=2):
            at = one_minute(at)
        for key in range(TICKETS):
            assert [mail.subject for mail in sink.to(f"p{key}@x.test")] == ["0", "1", "2"]
        assert len(sink.taken) == TICKETS * MAILS_EACH
    rows = OutboundMail.objects.all()
    assert {mail.state for mail in rows} == {"sent"}
    assert max(mail.attempts for mail in rows) <= 40
    assert all(mail.sent_at is not None and back <= mail.sent_at <= back + dt.timedelta(hours=1) for mail in rows)


NOTES: tuple[dict[str, str], ...] = (
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-replied; owner-email=anna@clinic.test"},
    {"Auto_Submitted": "auto-generated", "Precedence": "auto_reply"},
    {"X_Autoreply": "yes"},
    {"X_Autorespond": "Отпуск"},
    {"X_Auto_Response_Suppress": "All", "subject": "Automatic reply: отпуск"},
    {"subject": "Автоматический ответ: ACCREDO-1 Не открывается протокол"},
    {"subject": "Автоответ: я в отпуске"},
    {"subject": "Out of Office: ACCREDO-1"},
    {"subject": "Automatische Antwort: ACCREDO-1"},
    {"subject": "Réponse automatique : ACCREDO-1"},
    {"subject": "Автоматична відповідь: ACCREDO-1"},
)


def test_rl_28_three_hundred_out_of_office_notes(people: Cast, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    ticket = people.ticket
    ticket.refresh_from_db()
    status, told = ticket.status_id, OutboundMail.objects.count()
    address = signed(people.anna, ticket)
    for number in range(300):
        note = letter(text=f"Меня нет до понедельника. {number}", **NOTES[number % len(NOTES)])
        store(note, to=address)
    run_all()
    fates = InboundMail.objects.values_list("fate", "ticket_key").distinct()
    assert set(fates) == {("auto_reply", "ACCREDO-1")}
    assert InboundMail.objects.count() == 300
    ticket.refresh_from_db()
    assert (ticket.status_id, ticket.messages.count()) == (status, 3)
    assert not sink.taken and OutboundMail.objects.count() == told


@pytest.mark.parametrize("note", NOTES)
def test_rl_28_an_out_of_office_note_opens_nothing_and_is_not_answered(
    people: Cast, sink: Sink, note: dict[str, str]
) -> None:
    run_all()
    sink.taken.clear()
    mail = store(letter(sender="ivan@clinic.test", **note))
    run_all()
    mail.refresh_from_db()
    assert not sink.taken, mail.fate

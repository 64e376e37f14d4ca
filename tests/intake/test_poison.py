"""Mail that breaks the parser stays visible and blocks nothing (RL-10)."""

import errno
import signal
import threading

import pytest
from django.db import OperationalError
from django.utils import timezone

from otklik.core import blobs
from otklik.intake import parse_workers, process
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from otklik.mail.parse.child_process import UnableToParse
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.postoffice import Sink, letter, run_all


def store(raw: bytes, to: str = "") -> InboundMail:
    box = Mailbox.objects.get(address="accredo@desk.test")
    return accept(
        raw=raw, mailbox=box, transport="smtp", envelope_from="evil@x.test", envelope_to=to, at=timezone.now()
    )


def poison(kind: int) -> bytes:
    """Return a mail that broke Python's own parser (AB-93)."""
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1500))
    return (
        b"From: " + b"(" * 20_000 + b"\n\nx",
        nested.encode(),
        b"From: a@b.test\nContent-Type: text/plain; charset=punycode\n\n" + b"x-" * 100_000,
        b"From: a@b.test\nContent-Type: text/plain; charset=utf-8\0\n\nx",
        b"From: a@b.test\nSubject: =?utf-8?q?x=0D=0ABcc:_z@z.test?=\n\nx",
        b"From: a@b.test\nContent-Type: text/html\n\n" + b"<div>" * 60_000,
        b"To: " + b"," * 50_000 + b"\nFrom: a@b.test\n\nx",
        bytes(range(256)) * 100,
        b"From: a@b.test\nContent-Transfer-Encoding: base64\n\n\xff\xff=\n",
        b"\0" * 1000,
    )[kind]


def test_rl_10_poison_among_good_mails(people: Cast, sink: Sink) -> None:
    for number in range(10):
        store(poison(number))
        store(letter(sender=f"good{number}@clinic{number}.test", text=f"хорошее {number}"))
    run_all()
    assert InboundMail.objects.filter(state="waiting").count() == 0
    assert Ticket.objects.count() == 1 + 20
    for number in range(10):
        assert (
            Ticket.objects.get(requester__email=f"good{number}@clinic{number}.test").messages.get().text
            == f"хорошее {number}"
        )
        assert any(m.subject.endswith("Запрос принят") for m in sink.to(f"good{number}@clinic{number}.test"))


def test_rl_10_unreadable_becomes_a_ticket_with_the_original(
    people: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(mail: InboundMail) -> None:
        raise UnableToParse("the reading process died on this mail")

    run_all()
    sink.taken.clear()
    raw = letter(text="нечитаемое")
    row = store(raw)
    with monkeypatch.context() as patch:
        patch.setattr(process, "read", refuse)
        run_all()
    row.refresh_from_db()
    ticket = Ticket.objects.get(pk=row.ticket_id)
    assert (row.state, row.fate, row.reason) == ("failed", "unreadable", "the reading process died on this mail")
    assert (ticket.subject, ticket.requester, ticket.sender_unverified) == ("Не удалось прочитать письмо", None, True)
    original = ticket.messages.get().attachments.get()
    assert original.name.endswith(".eml") and blobs.read(original.digest) == raw
    assert not sink.taken


def test_rl_10_three_tries_then_visible(people: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("сломалось")

    row = store(letter())
    monkeypatch.setattr(process, "do_all", fail)
    for attempt in (1, 2, 3):
        InboundMail.objects.filter(pk=row.pk).update(retry_at=None)
        run_all()
        row.refresh_from_db()
        assert (row.attempts, row.state) == (attempt, "failed" if attempt == 3 else "waiting")
        assert "сломалось" in row.error
    assert row.fate == "unreadable" and Ticket.objects.filter(pk=row.ticket_id).exists()


def test_rl_10_the_death_of_the_reading_process_is_not_held_against_the_mail(
    people: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse_workers._Alert, "until", 0.0)
    row = store(letter(sender="ivan@clinic.test", text="невиновное"))
    parse_workers._READERS[0].parse(b"Subject: x\n\nx")
    child = parse_workers._READERS[0]._process
    assert child is not None
    child.send_signal(signal.SIGSTOP)
    threading.Timer(0.5, child.kill).start()
    assert process.process_next()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 1)
    InboundMail.objects.update(retry_at=None)
    run_all()
    row.refresh_from_db()
    assert (row.state, row.fate) == ("filed", "request")


@pytest.mark.parametrize(
    "trouble", [OSError(errno.ENOSPC, "No space left on device"), OperationalError("the connection is lost")]
)
def test_rl_11_trouble_of_the_machine_is_not_held_against_the_mail(
    people: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    row = store(letter(text="подождёт"))

    def fail(*_: object) -> None:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(process, "do_all", fail)
        for _ in range(10):
            InboundMail.objects.filter(pk=row.pk).update(retry_at=None)
            run_all()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0) and str(trouble.args[-1]) in row.error
    InboundMail.objects.filter(pk=row.pk).update(retry_at=None)
    run_all()
    row.refresh_from_db()
    assert row.state == "filed"


def test_a_failed_try_rests_and_lets_others_pass(people: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = store(letter(text="плохое")), store(letter(text="хорошее"))
    right = process.read

    def read(mail: InboundMail) -> object:
        if mail.pk == bad.pk:
            raise RuntimeError("не сейчас")
        return right(mail)

    monkeypatch.setattr(process, "read", read)
    run_all()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("waiting", "filed")
    assert bad.retry_at is not None and bad.retry_at > timezone.now()

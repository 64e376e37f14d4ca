"""Outgoing mail: signature, return address, delay, attempts, refusing addresses."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from email.parser import BytesParser
from email.policy import default

import dkim
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.mail import deliver, dkim_sign, late_mail_throttle, suppressed_addresses
from otklik.mail.compose import compose
from otklik.mail.models import AddressTrouble, DkimKey, OutboundMail
from otklik.mail.suppressed_addresses import clear
from otklik.mail.verp import return_path, returned_mail
from tests.mail.test_compose import row
from tests.postoffice import Sink, running_sink
from tests.refusing import refused_as


def run(at: dt.datetime | None = None) -> None:
    while deliver.deliver_next(at):
        pass


@pytest.fixture(autouse=True)
def fresh() -> None:
    dkim_sign.forget()


@pytest.mark.parametrize("algorithm", ["rsa", "ed25519"])
def test_mail_is_signed_and_the_signature_holds(sink: Sink, algorithm: str) -> None:
    dkim_sign.make_key(domain="desk.test", selector="s1", algorithm=algorithm, at=timezone.now())
    row(subject="Не печатает", unsubscribe="https://desk.test/u")
    run()
    raw = sink.taken[0].raw
    (name, value) = dkim_sign.record_of(dkim_sign.all_signers()[0])

    def dns(asked: bytes, timeout: int = 5) -> bytes:
        assert asked.decode().rstrip(".") == name == "s1._domainkey.desk.test"
        return value.encode()

    assert dkim.verify(raw, dnsfunc=dns)
    assert b"list-unsubscribe-post" in raw.partition(b"b=")[0]
    assert not dkim.verify(raw.replace("Привет".encode(), b"x").replace(b"Date: ", b"Date:  x"), dnsfunc=dns)
    added = raw.replace(b"From: ", b"From: Evil <e@e.test>\r\nFrom: ", 1)
    assert not dkim.verify(added, dnsfunc=dns)


def test_two_keys_two_signatures_and_other_domains_none(sink: Sink) -> None:
    for algorithm in ("rsa", "ed25519"):
        dkim_sign.make_key(domain="desk.test", selector=algorithm, algorithm=algorithm, at=timezone.now())
    row()
    row(sender="x@other.test", cause="2", message_id="<2@x>", recipient="b@x.test")
    run()
    assert sink.to("anna@clinic.test")[0].raw.count(b"DKIM-Signature") == 2
    assert b"DKIM-Signature" not in sink.to("b@x.test")[0].raw
    assert "PRIVATE" not in DkimKey.objects.get(selector="rsa").private
    with refused_as("mail.dkim_selector_taken"):
        dkim_sign.make_key(domain="desk.test", selector="rsa", algorithm="rsa", at=timezone.now())


def test_a_key_of_the_settings(db: None, settings: Settings, sink: Sink) -> None:
    settings.DKIM_KEY, settings.DKIM_DOMAIN, settings.DKIM_SELECTOR = dkim_sign._new_rsa(), "desk.test", "own"
    row()
    run()
    assert b"s=own;" in sink.taken[0].raw


def test_a_broken_key_stops_no_mail(db: None, settings: Settings, sink: Sink) -> None:
    settings.DKIM_KEY = "no key"
    row()
    run()
    assert len(sink.taken) == 1 and b"DKIM-Signature" not in sink.taken[0].raw


def test_rl_27_the_return_address_is_one_mail_s_own(sink: Sink) -> None:
    mail = row()
    run()
    address = sink.taken[0].sender
    assert (
        address == return_path(mail) and address.startswith(f"accredo+b{mail.pk}-") and address.endswith("@desk.test")
    )
    assert returned_mail(address) == mail.pk == returned_mail(address.upper())
    forged = address.replace(f"b{mail.pk}-", f"b{mail.pk + 1}-")
    assert returned_mail(forged) is None and returned_mail("accredo@desk.test") is None
    assert returned_mail("accredo+b1-@desk.test") is None


def test_return_addresses_can_be_switched_off(db: None, settings: Settings) -> None:
    settings.VERP = False
    assert return_path(row()) == "accredo@desk.test"
    settings.VERP = True
    assert return_path(row(sender=f"{'long' * 10}@desk.test")) == f"{'long' * 10}@desk.test"


def test_rl_24_a_late_mail_says_so_in_both_forms(db: None) -> None:
    written = dt.datetime(2026, 11, 21, 11, 25, tzinfo=dt.UTC)
    late = row(created_at=written, html="<html><body style='x'><p>Привет</p></body></html>", language="ru")
    for at, says in ((written + dt.timedelta(hours=11), False), (written + dt.timedelta(hours=13), True)):
        mail = BytesParser(policy=default).parsebytes(compose(late, at))
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        for part in (text, html):
            words = str(part.get_content())  # type: ignore[union-attr]
            assert ("Доставлено с задержкой: письмо написано 21 ноября 2026 14:25" in words) is says
    english = row(created_at=written, language="en", cause="2", message_id="<2@x>")
    shown = BytesParser(policy=default).parsebytes(compose(english, written + dt.timedelta(days=1)))
    assert "Delivered late" in str(shown.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_rl_24_what_piled_up_goes_at_a_walk_and_new_mail_overtakes(sink: Sink, settings: Settings) -> None:
    settings.LATE_PER_MINUTE = 3
    now = timezone.now()
    for number in range(7):
        row(recipient=f"p{number}@x.test", created_at=now - dt.timedelta(hours=2))
    row(recipient="new@x.test")
    run(now)
    assert len(sink.taken) == 4 and sink.to("new@x.test")
    run(now + dt.timedelta(seconds=30))
    assert len(sink.taken) == 4
    run(now + dt.timedelta(seconds=61))
    run(now + dt.timedelta(seconds=122))
    assert len(sink.taken) == 8


def test_rl_24_all_workers_walk_together(sink: Sink, settings: Settings) -> None:
    settings.LATE_PER_MINUTE = 10
    now = timezone.now()

    def worker() -> int:
        try:
            with transaction.atomic():
                granted = late_mail_throttle.take(4, now)
                # Others ask while this one has not committed yet.
                time.sleep(0.1)
                return granted
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        granted = [pool.submit(worker) for _ in range(5)]
        assert sorted(one.result(30) for one in granted) == [0, 0, 2, 4, 4]
    with transaction.atomic():
        assert late_mail_throttle.take(4, now + dt.timedelta(seconds=59)) == 0
        assert late_mail_throttle.take(4, now + dt.timedelta(seconds=61)) == 4


def test_attempts_are_kept_with_their_words(sink: Sink) -> None:
    sink.answer("RCPT", "451 4.2.0 busy", "550 5.2.2 full")
    mail = row(ticket_id=7, ticket_key="ACCREDO-7")
    run()
    OutboundMail.objects.update(retry_at=timezone.now())
    run()
    assert list(mail.tries.order_by("id").values_list("outcome", "answer")) == [
        ("later", "451 4.2.0 busy"),
        ("refused", "550 5.2.2 full"),
    ]
    event = Event.objects.get(kind="mail.undelivered")
    assert event.subject_id == 7 and event.data["address"] == "anna@clinic.test"
    assert AddressTrouble.objects.get().hard == 1 and AddressTrouble.objects.get().stopped_at is None


def test_rl_26_an_address_that_is_gone_gets_nothing_more_until_it_is_cleared(sink: Sink) -> None:
    sink.answer("RCPT", "550 5.1.1 no such user", to="gone@x.test")
    row(recipient="gone@x.test")
    run()
    row(recipient="gone@x.test", cause="2", message_id="<2@x>")
    row(recipient="gone@x.test", cause="3", message_id="<3@x>", sensitive=True)
    run()
    states = list(OutboundMail.objects.order_by("id").values_list("state", flat=True))
    assert states == ["failed", "stopped", "failed"]  # what has power over an account is always tried
    sink.answer("RCPT", "250 OK", to="gone@x.test")
    assert clear("gone@x.test", timezone.now())
    run()
    assert len(sink.to("gone@x.test")) == 1 and not AddressTrouble.objects.exists()
    assert not clear("gone@x.test", timezone.now())


def test_rl_26_other_refusals_stop_an_address_at_the_third_in_a_week(sink: Sink) -> None:
    sink.answer("RCPT", "550 mailbox unavailable")
    for number in range(4):
        row(recipient="a@x.test", cause=str(number), message_id=f"<{number}@x>")
        run()
    assert list(OutboundMail.objects.order_by("id").values_list("state", flat=True)) == [*["failed"] * 3, "stopped"]
    sink.answer("DATA", "552 5.3.4 too big")
    sink.answer("RCPT", "250 OK", to="b@x.test")
    for number in range(4):
        row(recipient="b@x.test", cause=f"b{number}", message_id=f"<b{number}@x>")
        run()
    assert not AddressTrouble.objects.filter(address="b@x.test").exists()


def test_rl_25_trouble_with_a_stopped_address_costs_no_other_mail(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    sink.answer("RCPT", "550 5.1.1 no such user", to="gone@x.test")
    row(recipient="gone@x.test")
    run()
    monkeypatch.setattr(suppressed_addresses, "note_stopped", broken)
    row(cause="2", message_id="<2@x>")
    row(recipient="gone@x.test", cause="3", message_id="<3@x>")
    run()
    sent, waits = OutboundMail.objects.order_by("id")[1:]
    assert (sent.state, len(sink.to("anna@clinic.test"))) == ("sent", 1)
    assert waits.state == "queued" and "division by zero" in waits.answer
    monkeypatch.undo()
    run(waits.retry_at)
    assert list(OutboundMail.objects.order_by("id").values_list("state", flat=True)) == ["failed", "sent", "stopped"]


def test_rl_30_an_address_beyond_ascii(db: None, settings: Settings) -> None:
    with running_sink(settings, enable_SMTPUTF8=True) as able:
        row(recipient="анна@xn--e1aybc.test")
        run()
        assert able.taken[0].recipients == ["анна@xn--e1aybc.test"]
        assert "To: анна@xn--e1aybc.test\r\n".encode() in able.taken[0].raw
    with running_sink(settings, enable_SMTPUTF8=False) as unable:
        row(recipient="анна@xn--e1aybc.test", cause="2", message_id="<2@x>")
        row(recipient="b@x.test", cause="3", message_id="<3@x>")
        run()
        assert len(unable.taken) == 1
        failed = OutboundMail.objects.get(state="failed")
        assert "letters beyond ASCII" in failed.answer and not AddressTrouble.objects.exists()


def test_ab_87_a_list_header_cannot_be_smuggled(db: None) -> None:
    for url in ("https://x.test/a\r\nBcc: z@z.z", "https://x.test/>, <mailto:z@z.z", "http://x.test/a", "javascript:1"):
        assert b"List-Unsubscribe" not in compose(row(unsubscribe=url)) and b"Bcc" not in compose(row(unsubscribe=url))

"""Delivery: retries, refusals, server failures (RL-23 to RL-30), TLS (AB-99)."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core.env import BadSetting
from otklik.mail import deliver, smtp_connection
from otklik.mail.deliver import deliver_next, retry_after
from otklik.mail.models import OutboundMail
from otklik.mail.outgoing_server import parse_outgoing
from tests.mail.test_compose import row
from tests.postoffice import Sink, running_sink
from tests.worker.test_poisoned_rows import refusing


def run() -> None:
    while deliver_next():
        pass


def due() -> None:
    """Make all queued mails due now."""
    OutboundMail.objects.filter(state="queued").update(retry_at=timezone.now())
    deliver._local.rest_until = 0.0


def states() -> dict[str, str]:
    return dict(OutboundMail.objects.values_list("recipient", "state"))


def test_rl_25_only_the_recipient_who_was_put_off_is_tried_again(sink: Sink) -> None:
    for name in "abc":
        row(recipient=f"{name}@x.test")
    sink.answer("RCPT", "451 4.7.1 greylisted, come again", "250 OK", to="b@x.test")
    run()
    assert states() == {"a@x.test": "sent", "b@x.test": "queued", "c@x.test": "sent"}
    waiting = OutboundMail.objects.get(recipient="b@x.test")
    assert "greylisted" in waiting.answer and waiting.attempts == 1
    assert dt.timedelta(seconds=50) < waiting.retry_at - timezone.now() <= dt.timedelta(seconds=60)
    due()
    run()
    assert [len(sink.to(f"{name}@x.test")) for name in "abc"] == [1, 1, 1]


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_rl_26_a_permanent_refusal_is_final_and_in_words(sink: Sink, stage: str) -> None:
    row(recipient="bad@x.test", cause="1")
    sink.answer(stage, "550 5.1.1 no such user", "250 OK")
    run()
    row(recipient="good@x.test", cause="2", message_id="<2@x>")
    run()
    assert states() == {"bad@x.test": "failed", "good@x.test": "sent"}
    assert OutboundMail.objects.get(recipient="bad@x.test").answer == "550 5.1.1 no such user"


def test_rl_26_a_wrong_password_is_not_the_customer_s_fault(sink: Sink) -> None:
    row()
    sink.answer("MAIL", "530 5.7.0 Authentication required")
    run()
    mail = OutboundMail.objects.get()
    assert mail.state == "queued" and "530" in mail.answer


def test_rl_30_one_broken_mail_among_many(sink: Sink) -> None:
    for number in range(30):
        row(recipient="not an address" if number == 7 else f"p{number}@x.test")
    run()
    assert len(sink.taken) == 29
    broken = OutboundMail.objects.get(state="failed")
    assert "not one address" in broken.answer


def test_rl_30_a_row_that_cannot_be_written_makes_no_copies_of_others_nor_of_its_own_mail(sink: Sink) -> None:
    for name in "abcd":
        row(recipient=f"{name}@x.test")
    with refusing("mail_outboundmail", "TG_OP = 'UPDATE' AND OLD.recipient = 'b@x.test' AND NEW.state = 'sent'"):
        for _round in range(3):
            run()
            due()
            OutboundMail.objects.update(claimed_until=None)
    assert states() == {"a@x.test": "sent", "b@x.test": "queued", "c@x.test": "sent", "d@x.test": "sent"}
    assert [len(sink.to(f"{name}@x.test")) for name in "abcd"] == [1, 1, 1, 1]


def test_rl_30_what_follows_a_mail_that_cannot_be_written_down_goes(sink: Sink) -> None:
    first, second = (row(recipient="b@x.test", ticket_id=1) for _number in range(2))
    with refusing("mail_outboundmail", f"TG_OP = 'UPDATE' AND OLD.id = {first.pk} AND NEW.state = 'sent'"):
        run()
        due()
        run()
    assert len(sink.to("b@x.test")) == 2
    assert dict(OutboundMail.objects.values_list("pk", "state")) == {first.pk: "queued", second.pk: "sent"}


@pytest.mark.parametrize("delayed_by", ["", "policy"])
def test_rl_30_a_row_that_takes_no_change_holds_no_other_mail_up(sink: Sink, delayed_by: str) -> None:
    for name in "abcd":
        row(recipient=f"{name}@x.test", delayed_by=delayed_by if name == "b" else "", ticket_id=1)
    row(recipient="b@x.test", ticket_id=1)
    first = OutboundMail.objects.filter(recipient="b@x.test").earliest("id").pk
    with refusing("mail_outboundmail", f"TG_OP = 'UPDATE' AND OLD.id = {first}"):
        run()
    assert [len(sink.to(f"{name}@x.test")) for name in "abcd"] == [1, 1, 1, 1]
    assert list(OutboundMail.objects.exclude(state="sent").values_list("pk", "attempts")) == [(first, 0)]


def test_the_connection_is_used_again(sink: Sink) -> None:
    for number in range(20):
        row(recipient=f"p{number}@x.test")
    run()
    assert len(sink.taken) == 20 and sink.sessions == 1


def test_an_idle_connection_that_the_server_closed_costs_nothing(sink: Sink) -> None:
    row(recipient="a@x.test")
    run()
    sink.hang_up()
    row(recipient="b@x.test", cause="2", message_id="<2@x>")
    run()
    assert states() == {"a@x.test": "sent", "b@x.test": "sent"}
    assert OutboundMail.objects.get(recipient="b@x.test").attempts == 1


def test_rl_24_a_server_that_is_down_is_not_hammered(db: None, settings: Settings, free_port: int) -> None:
    settings.OUTGOING = f"smtp://127.0.0.1:{free_port}"
    deliver.forget()
    for number in range(10):
        row(recipient=f"p{number}@x.test")
    run()
    assert sum(OutboundMail.objects.values_list("attempts", flat=True)) == 1
    deliver._local.rest_until = 0.0
    run()
    assert sum(OutboundMail.objects.values_list("attempts", flat=True)) == 2
    assert deliver._local.pause == 20.0
    with running_sink(settings) as sink:
        due()
        run()
        assert len(sink.taken) == 10 and set(states().values()) == {"sent"}


def test_rl_24_five_days_of_trying(sink: Sink) -> None:
    steps = [retry_after(attempt) for attempt in range(1, 200)]
    assert [step.total_seconds() / 60 for step in steps[:6]] == [1, 5, 15, 30, 60, 60]
    sink.answer("RCPT", "450 4.2.1 not now")
    row(recipient="old@x.test", created_at=timezone.now() - dt.timedelta(days=5, minutes=1))
    row(recipient="new@x.test", cause="2", message_id="<2@x>", created_at=timezone.now() - dt.timedelta(days=4))
    run()
    assert states() == {"old@x.test": "failed", "new@x.test": "queued"}


def test_mails_of_one_ticket_keep_their_order(sink: Sink) -> None:
    for number in (1, 2, 3):
        row(recipient="a@x.test", ticket_id=7, subject=str(number))
    row(recipient="b@x.test", ticket_id=7)
    sink.answer("RCPT", "451 later", "250 OK", to="a@x.test")
    run()
    assert [len(sink.to("a@x.test")), len(sink.to("b@x.test"))] == [0, 1]
    due()
    run()
    assert [mail.subject for mail in sink.to("a@x.test")] == ["1", "2", "3"]


def test_a_silent_server_is_left(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_connection, "GREETING_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.OUTGOING = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        deliver.forget()
        row()
        run()
    mail = OutboundMail.objects.get()
    assert mail.state == "queued" and "timed out" in mail.answer


def test_without_a_server_everything_is_kept(db: None, settings: Settings) -> None:
    settings.OUTGOING = ""
    row(sensitive=True, delayed_by="some", delayed_since=timezone.now())
    for state in set(OutboundMail.State.values) - {"queued", "kept"}:
        row(state=state, cause=state, message_id=f"<{state}@x>")
    run()
    mail = OutboundMail.objects.get(state="kept")
    assert (mail.cause, mail.text) == ("test 0", "Привет!\nСтрока\n")
    assert (mail.delayed_by, mail.delayed_since) == ("", None), "nothing is in its way any more"


def test_ab_29_words_of_power_are_gone_once_sent(sink: Sink) -> None:
    row(recipient="a@x.test", sensitive=True, text="секрет", html="<p>секрет</p>")
    sink.answer("RCPT", "550 no", to="b@x.test")
    row(recipient="b@x.test", sensitive=True, text="секрет", cause="2", message_id="<2@x>")
    run()
    assert "секрет" in sink.to("a@x.test")[0].text
    assert set(OutboundMail.objects.values_list("text", "html")) == {("", "")}


def test_two_workers_send_each_mail_once(transactional_db: None, sink: Sink) -> None:
    for number in range(40):
        row(recipient=f"p{number}@x.test")

    def work() -> None:
        try:
            run()
        finally:
            deliver.forget()
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mail.recipients[0] for mail in sink.taken) == sorted(f"p{number}@x.test" for number in range(40))


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://x:99999", "smtp://x?tls=maybe", "smtp://x?other=1", "x"]
)
def test_a_bad_setting_is_said(url: str) -> None:
    with pytest.raises(BadSetting) as said:
        parse_outgoing(url)
    assert "pässword" not in str(said.value)


def test_ab_99_when_encryption_is_a_must() -> None:
    def must(url: str) -> bool:
        server = parse_outgoing(url)
        assert server is not None
        return server.must_encrypt

    assert must("smtp://u:p@mail.test") and must("smtps://mail.test") and must("smtp://127.0.0.1?tls=required")
    assert not must("smtp://mail.test") and not must("smtp://u:p@127.0.0.1") and not must("smtp://localhost:25")
    server = parse_outgoing("smtp://us%40er:p%3Aw@mail.test")
    assert server is not None and (server.user, server.password, server.port) == ("us@er", "p:w", 587)


def test_ab_99_no_starttls_no_mail(settings: Settings, sink: Sink) -> None:
    settings.OUTGOING += "?tls=required"
    row()
    run()
    assert OutboundMail.objects.get().state == "queued" and not sink.taken
    assert "STARTTLS" in OutboundMail.objects.get().answer and sink.attempts == []


@pytest.mark.parametrize("trusted", [True, False])
def test_ab_99_certificates_are_verified(
    db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    certificate, key = self_signed(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with running_sink(settings, tls_context=context) as sink:
        settings.OUTGOING = f"smtp://u:p@127.0.0.1:{sink.port}?tls=required"
        row()
        run()
        mail = OutboundMail.objects.get()
        assert mail.state == "queued"
        if trusted:
            assert "AUTH" in mail.answer or "auth" in mail.answer.lower()
        else:
            assert "certificate verify failed" in mail.answer.lower() and sink.attempts == []


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Return the paths of a certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private

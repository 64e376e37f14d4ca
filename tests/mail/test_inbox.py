"""Taking a mail: durable, once, in the right mailbox."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from otklik.mail.inbox import accept, digest_of, spellings
from otklik.mail.models import InboundMail, Mailbox
from otklik.mail.queries import mail_numbers
from tests.postoffice import letter


@pytest.fixture
def boxes(transactional_db: None) -> list[Mailbox]:
    return [Mailbox.objects.create(address=f"{name}@desk.test", created_at=timezone.now()) for name in "ab"]


def take(raw: bytes, box: Mailbox) -> InboundMail:
    return accept(raw=raw, mailbox=box, transport="smtp", envelope_from="x\0\udcff", envelope_to="y", at=timezone.now())


def test_ab_14_trace_headers_make_no_difference() -> None:
    mail = b"Subject: x\r\nDKIM-Signature: a\r\nMessage-ID: <1@x>\r\n\r\nReceived: body\r\n"
    traced = (
        b"Return-Path: <a>\r\nReceived: by x\r\n\tfor y\r\nARC-Seal: i=1\r\n"
        b"X-Spam-Status: No\r\nAuthentication-Results: z\r\n" + mail
    )
    assert digest_of(mail) == digest_of(traced) == digest_of(traced.replace(b"\r\n", b"\n"))
    for other in (
        mail.replace(b"Subject: x", b"Subject: y"),
        mail.replace(b"Signature: a", b"Signature: b"),
        mail.replace(b"Received: body", b""),
        mail.replace(b"<1@x>", b"<2@x>"),
    ):
        assert digest_of(other) != digest_of(mail)


def test_a_second_copy_is_counted(boxes: list[Mailbox]) -> None:
    raw = letter()
    one, two, other = take(raw, boxes[0]), take(b"Received: again\n" + raw, boxes[0]), take(raw, boxes[1])
    assert one.pk == two.pk != other.pk
    assert (two.copies, other.copies) == (2, 1)
    numbers = mail_numbers()
    assert (numbers.offered, numbers.copies, numbers.waiting) == (2, 1, 2)


def test_the_same_mail_by_many_connections_at_once(boxes: list[Mailbox]) -> None:
    raw, failed = letter(), []

    def run() -> None:
        try:
            take(raw, boxes[0])
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert InboundMail.objects.get().copies == 10


def test_it_never_hides_in_a_transaction_that_may_roll_back(boxes: list[Mailbox]) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        take(letter(), boxes[0])


def test_addresses_that_may_be_meant() -> None:
    assert spellings("a+b+c@x.test") == ["a+b+c@x.test", "a+b@x.test", "a@x.test"]
    assert len(spellings("+" * 60 + "@x.test")) <= 4

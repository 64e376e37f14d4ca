"""Accepting a mail: durable, once, in the right mailbox."""

import os
import threading
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from otklik.mail.inbox import AddressBook, Offered, accept, accept_all, digest_of, spellings
from otklik.mail.models import InboundMail, Mailbox
from otklik.mail.queries import mail_numbers
from tests.postoffice import letter


@pytest.fixture
def boxes(transactional_db: None) -> list[Mailbox]:
    return [Mailbox.objects.create(address=f"{name}@desk.test", created_at=timezone.now()) for name in "ab"]


def take(raw: bytes, box: Mailbox) -> InboundMail:
    return accept(raw=raw, mailbox=box, transport="smtp", envelope_from="x\0\udcff", envelope_to="y", at=timezone.now())


@pytest.mark.parametrize(
    "added",
    [
        "X-Forwarded-To: a@b.test",
        "X-MS-Exchange-Organization-SCL: -1",
        "DKIM-Signature: v=1; a=rsa-sha256; d=b.test; s=x;\r\n b=AAAA",
        "List-Id: <x.b.test>",
        "Resent-From: c@b.test",
        "Received-SPF: pass",
        "Errors-To: c@b.test",
        "Precedence: list",
        "Mailing-List: x",
        "X-Gm-Message-State: AAA",
        "ARC-Seal: i=1",
    ],
)
def test_ab_14_what_a_way_adds_makes_no_other_mail(added: str) -> None:
    mail = b"From: a@b.test\r\nMessage-ID: <1@b.test>\r\nSubject: x\r\n\r\nwords\r\n"
    other = mail.replace(b"Subject", added.encode() + b"\r\nSubject")
    assert digest_of(mail) == digest_of(other)
    assert digest_of(other.replace(b"words", b"other words")) != digest_of(mail)
    assert digest_of(other.replace(b"From: a", b"From: z")) != digest_of(mail)


def test_ab_14_trace_headers_make_no_difference() -> None:
    mail = b"Subject: x\r\nDKIM-Signature: a\r\nMessage-ID: <1@x>\r\n\r\nReceived: body\r\n"
    traced = (
        b"Return-Path: <a>\r\nReceived: by x\r\n\tfor y\r\nARC-Seal: i=1\r\n"
        b"X-Spam-Status: No\r\nAuthentication-Results: z\r\n" + mail
    )
    assert digest_of(mail) == digest_of(traced) == digest_of(traced.replace(b"\r\n", b"\n"))
    for other in (
        mail.replace(b"Subject: x", b"Subject: y"),
        mail.replace(b"Received: body", b""),
        mail.replace(b"<1@x>", b"<2@x>"),
    ):
        assert digest_of(other) != digest_of(mail)


def test_rl_08_a_second_copy_is_counted(boxes: list[Mailbox]) -> None:
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


def offered(raw: bytes, box: Mailbox) -> Offered:
    return Offered(raw, box, "smtp", "a@b.test", box.address, at=timezone.now())


def test_many_are_one_commit_and_each_gets_its_own_row(boxes: list[Mailbox]) -> None:
    raw = [letter(text=f"письмо {number}") for number in range(5)]
    known = take(raw[4], boxes[0])
    rows = accept_all([offered(raw[n], boxes[b]) for n, b in ((0, 0), (3, 1), (1, 0), (0, 1), (1, 0), (4, 0))])
    assert [bytes(row.raw) for row in rows] == [raw[0], raw[3], raw[1], raw[0], raw[1], raw[4]]
    assert [row.mailbox_id for row in rows] == [boxes[b].pk for b in (0, 1, 0, 1, 0, 0)]
    assert [row.copies for row in rows] == [1, 1, 2, 1, 2, 2]
    assert rows[2].pk == rows[4].pk and rows[5].pk == known.pk
    assert (rows[0].state, rows[0].fate, rows[0].attempts, rows[0].import_run_id) == ("waiting", "", 0, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT xmin::text) FROM mail_inboundmail WHERE copies = 1 OR digest <> %s", [known.digest]
        )
        assert cursor.fetchone() == (1,)


def test_copies_of_a_known_mail_are_all_counted_in_one_batch(boxes: list[Mailbox]) -> None:
    raw = letter()
    known = take(raw, boxes[0])
    rows = accept_all([offered(raw, boxes[0]) for _ in range(3)])
    assert {row.pk for row in rows} == {known.pk} and InboundMail.objects.get().copies == 4
    assert mail_numbers().copies == 3


def test_two_who_take_the_same_mails_in_opposite_orders_do_not_wait_for_one_another(boxes: list[Mailbox]) -> None:
    mails = [offered(letter(text=f"письмо {number}"), boxes[0]) for number in range(300)]
    together, failed = threading.Barrier(2), list[Exception]()

    def take_all(order: list[Offered]) -> None:
        try:
            together.wait(20)
            accept_all(order)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take_all, args=(order,)) for order in (mails, mails[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [] and set(InboundMail.objects.values_list("copies", flat=True)) == {2}
    assert InboundMail.objects.count() == 300


def test_when_one_cannot_be_stored_none_is(boxes: list[Mailbox]) -> None:
    gone = Mailbox.objects.create(address="gone@desk.test", created_at=timezone.now())
    Mailbox.objects.filter(pk=gone.pk).delete()
    with pytest.raises(IntegrityError):
        accept_all([offered(letter(), boxes[0]), offered(letter(), gone)])
    assert not InboundMail.objects.exists()


@pytest.fixture
def lax_server() -> Iterator[None]:
    """Turn synchronous_commit off, so that commits return before the data is on disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    yield
    connection.close()


def test_rl_04_it_waits_for_the_disk_whatever_the_server_is_told(boxes: list[Mailbox], lax_server: None) -> None:
    for _ in range(5):
        before, _flushed = _log_ends()
        take(b"Subject: x\r\n\r\n" + os.urandom(50_000).replace(b"\n", b""), boxes[0])
        _ends, flushed = _log_ends()
        assert flushed > before + 49_000


def _log_ends() -> tuple[int, int]:
    """Return the positions up to which the WAL is written and flushed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, pg_current_wal_flush_lsn() - '0/0'::pg_lsn")
        row = cursor.fetchone()
    return int(row[0]), int(row[1])


def test_an_address_book_knows_new_mailboxes_at_once(boxes: list[Mailbox]) -> None:
    book = AddressBook()
    assert book.recalled("a@desk.test") is None
    assert book.looked_up("A+x@desk.test") == boxes[0] == book.recalled("a+x+y@DESK.test")
    new = Mailbox.objects.create(address="a+x@desk.test", created_at=timezone.now())
    assert book.looked_up("a+x+y@desk.test") == new
    assert book.recalled("nobody@desk.test") is None is book.looked_up("not an address")


def test_addresses_that_may_be_meant() -> None:
    assert spellings("a+b+c@x.test") == ["a+b+c@x.test", "a+b@x.test", "a@x.test"]
    assert len(spellings("+" * 60 + "@x.test")) <= 4

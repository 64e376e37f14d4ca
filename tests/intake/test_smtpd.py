"""The SMTP and LMTP intake over real connections."""

import contextlib
import random
import re
import smtplib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core import disk_space
from otklik.intake import smtp_session
from otklik.intake.smtpd import serve
from otklik.intake.store_pool import Reception
from otklik.mail.inbox import Offered, mailbox_for
from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.postoffice import Sink, answer_to, letter, post, run_all, running_intake


def talk(port: int, data: bytes) -> list[bytes]:
    """Send the bytes at once and return the lines of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(data)
        answer = b""
        while piece := link.recv(65536):
            answer += piece
    return answer.splitlines()


def test_unknown_recipients_are_refused_and_known_ones_stored(people: Cast, intake: int) -> None:
    with smtplib.SMTP("127.0.0.1", intake) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] and smtp.has_extn("8bitmime") and smtp.has_extn("smtputf8")
        refused = smtp.sendmail("a@b.test", ["nobody@desk.test", "Accredo+abc@DESK.test", "x@y.test"], letter())
    assert {address: answer[0] for address, answer in refused.items()} == {"nobody@desk.test": 550, "x@y.test": 550}
    row = InboundMail.objects.get()
    assert (row.envelope_from, row.envelope_to, row.transport) == ("a@b.test", "Accredo+abc@DESK.test", "smtp")


def test_the_bytes_are_kept_as_they_came(people: Cast, intake: int) -> None:
    raw = (
        b"From: a@b.test\r\nSubject: \xcf\xf0\xe8\xe2\xe5\xf2\r\n\r\n.dot\r\n..two\r\n\xff\xfe\x00\r\n"
        + b"x" * 5000
        + b"\r\n"
    )
    post(intake, raw)
    assert bytes(InboundMail.objects.get().raw) == raw


def test_two_desks_in_one_mail_get_one_each(people: Cast, intake: int) -> None:
    with smtplib.SMTP("127.0.0.1", intake) as smtp:
        smtp.sendmail("a@b.test", ["accredo@desk.test", "other@desk.test", "accredo+x@desk.test"], letter())
    run_all(deliver_too=False)
    assert sorted(InboundMail.objects.values_list("ticket_key", flat=True)) == ["ACCREDO-2", "OTHER-1"]


def test_empty_return_path_is_taken(people: Cast, intake: int) -> None:
    post(intake, letter(), sender="")
    assert InboundMail.objects.get().envelope_from == "<>"


def test_a_mail_that_is_too_large_is_refused(people: Cast, intake: int, settings: Settings) -> None:
    settings.MAIL_SIZE_LIMIT = 100_000
    with smtplib.SMTP("127.0.0.1", intake) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] == "100000"
        smtp.mail("a@b.test")
        smtp.rcpt("accredo@desk.test")
        assert smtp.data(b"Subject: x\r\n\r\n" + b"y" * 150_000)[0] == 552
        assert smtp.mail("a@b.test", ["SIZE=200000"])[0] == 552
        smtp.sendmail("a@b.test", ["accredo@desk.test"], letter())
    assert InboundMail.objects.count() == 1


def test_ab_18_only_crlf_dot_crlf_ends_a_mail(people: Cast, intake: int) -> None:
    smuggled = b"MAIL FROM:<evil@x.test>\r\nRCPT TO:<other@desk.test>\r\nDATA\r\nFrom: evil@x.test\r\n\r\nsmuggled\r\n"
    head = b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<accredo@desk.test>\r\nDATA\r\nFrom: a@b.test\r\n\r\nhi"
    for number, end in enumerate((b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r"), 1):
        answers = talk(intake, head + str(number).encode() + end + smuggled + b".\r\nQUIT\r\n")
        assert [line[:3] for line in answers].count(b"354") == 1, end
        assert InboundMail.objects.count() == number
        assert b"smuggled" in bytes(InboundMail.objects.order_by("-id")[0].raw)
    assert not InboundMail.objects.filter(mailbox__address="other@desk.test").exists()


def test_several_commands_and_mails_may_be_said_at_once(people: Cast, intake: int) -> None:
    start = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<accredo@desk.test>\r\nRCPT TO:<nobody@desk.test>\r\nDATA\r\n"
    mails = b"".join(start + b"Subject: x\r\n\r\n%d\r\n.\r\n" % number for number in range(20))
    answers = [line[:3] for line in talk(intake, b"EHLO x\r\n" + mails + b"QUIT\r\n")]
    assert b"".join(answers[-101:]) == (b"250250550354250" * 20) + b"221"
    assert InboundMail.objects.count() == 20
    assert any(line.endswith(b"PIPELINING") for line in talk(intake, b"EHLO x\r\nQUIT\r\n"))


def test_every_answer_bears_a_status_code(people: Cast, intake: int) -> None:
    asked = b"VRFY x\r\nHELP\r\nHELP NOOP\r\n"
    said = b"DATA\r\nNOOP\r\nRSET\r\nRCPT TO:<x>\r\nMAIL\r\nFOO\r\nMAIL FROM:<a@b.test> SIZE=99999999\r\n"
    mail = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<nobody@desk.test>\r\nRCPT TO:<accredo@desk.test>\r\nDATA\r\nx\r\n.\r\n"
    answers = talk(intake, b"EHLO x\r\n" + asked + said + mail + b"QUIT\r\n")
    after = answers[[line.startswith(b"250 ") for line in answers].index(True) + 1 :]
    codes = [line.decode().split(" ")[:2] for line in after if not line.startswith(b"354")]
    assert len(codes) == 15
    assert [code for code, status in codes if re.fullmatch(rf"{code[0]}\.\d+\.\d+", status) is None] == []
    assert ["552", "5.3.4"] in codes


def codes_of_mails_at_once(port: int, recipients: list[str], prepare: Callable[[], object]) -> list[int]:
    """Send a mail to each recipient while the table is locked, so that all of them wait; return the codes."""
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(recipients)) as pool:
        links = [stack.enter_context(smtplib.SMTP("127.0.0.1", port)) for _ in recipients]
        for link, recipient in zip(links, recipients, strict=True):
            link.ehlo()
            link.mail("a@b.test")
            assert link.rcpt(recipient)[0] == 250
        prepare()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE mail_inboundmail IN EXCLUSIVE MODE")
            said = [pool.submit(link.data, letter(text=f"письмо {number}")) for number, link in enumerate(links)]
            time.sleep(1)
        return [answer.result(20)[0] for answer in said]


def test_mails_that_come_at_once_share_a_commit(people: Cast, intake: int) -> None:
    assert codes_of_mails_at_once(intake, ["accredo@desk.test"] * 12, lambda: None) == [250] * 12
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT xmin::text) FROM mail_inboundmail")
        # Two are being written when the others come.
        assert cursor.fetchone() == (12, 3)


@pytest.mark.parametrize(
    ("sizes", "commits"),
    [
        ([3 << 20, 1 << 20, 1, 1], [2, 2]),
        ([1, (4 << 20) - 1, 1], [2, 1]),
        ([9 << 20, 1, 9 << 20], [1, 1, 1]),
        ([1] * 250, [100, 100, 50]),
    ],
)
def test_a_commit_takes_a_hundred_mails_and_four_megabytes_but_always_one(
    people: Cast, sizes: list[int], commits: list[int]
) -> None:
    box, at = Mailbox.objects.get(address="accredo@desk.test"), timezone.now()
    with Reception() as reception:
        never: Any = None
        reception._waiting.extend((Offered(b"x" * size, box, "smtp", "", "", at=at), never) for size in sizes)
        assert [len(reception._taken()) for _ in commits] == commits and not reception._waiting


def test_one_that_cannot_be_stored_hurts_no_other_of_its_commit(people: Cast, intake: int) -> None:
    gone = Mailbox.objects.create(address="gone@desk.test", created_at=timezone.now())
    recipients = ["gone@desk.test" if number == 7 else "accredo@desk.test" for number in range(12)]
    codes = codes_of_mails_at_once(intake, recipients, Mailbox.objects.filter(pk=gone.pk).delete)
    assert codes == [250] * 7 + [451] + [250] * 4
    assert InboundMail.objects.count() == 11


def test_an_empty_mail_and_one_without_headers_are_mails(people: Cast, intake: int) -> None:
    start = b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<accredo@desk.test>\r\nDATA\r\n"
    for body in (b".\r\n", b"..\r\n.\r\n", b"x\r\n.\r\n"):
        assert any(line.startswith(b"250 2.6.0") for line in talk(intake, start + body + b"QUIT\r\n"))
    assert [bytes(row.raw) for row in InboundMail.objects.order_by("id")] == [b"", b".\r\n", b"x\r\n"]
    run_all(deliver_too=False)
    assert InboundMail.objects.filter(state="filed").count() == 3 and Ticket.objects.count() == 4


def test_lmtp_answers_for_each_recipient(people: Cast, home: Path) -> None:
    with running_intake(lmtp=True) as port, smtplib.LMTP("127.0.0.1", port) as lmtp:
        lmtp.ehlo()
        lmtp.mail("a@b.test")
        assert [lmtp.rcpt(to)[0] for to in ("accredo@desk.test", "none@desk.test", "other@desk.test")] == [
            250,
            550,
            250,
        ]
        assert lmtp.data(letter())[0] == 250
        assert lmtp.getreply()[0] == 250
    assert sorted(InboundMail.objects.values_list("transport", flat=True)) == ["lmtp", "lmtp"]


def test_rl_11_a_full_disk_is_a_reason_to_come_again(
    people: Cast, intake: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_space, "LOW_WATER", 1 << 60)
    monkeypatch.setattr(disk_space, "LOW_SHARE", 2.0)
    with smtplib.SMTP("127.0.0.1", intake) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.sendmail("a@b.test", ["accredo@desk.test"], letter())
    assert refused.value.recipients["accredo@desk.test"][0] == 452


def test_rl_12_when_the_database_goes_the_sender_keeps_the_mail(people: Cast, intake: int) -> None:
    with smtplib.SMTP("127.0.0.1", intake) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.test")
        smtp.rcpt("accredo@desk.test")
        _end_other_sessions()
        code, _ = smtp.data(letter())
        assert code in {250, 451}
        smtp.sendmail("a@b.test", ["accredo@desk.test"], letter(text="второе"))
    assert InboundMail.objects.count() == (2 if code == 250 else 1)


def _end_other_sessions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND usename = current_user"
        )


def test_who_says_nothing_is_told_that_the_server_ends_and_who_sends_a_mail_may_finish(people: Cast) -> None:
    running = running_intake()
    port = running.__enter__()
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as idle, smtplib.SMTP("127.0.0.1", port, timeout=20) as busy:
        idle.ehlo()
        busy.ehlo()
        busy.mail("a@b.test")
        busy.rcpt("accredo@desk.test")
        assert busy.docmd("DATA")[0] == 354
        ending = threading.Thread(target=running.__exit__, args=(None, None, None))
        ending.start()
        assert idle.getreply()[0] == 421
        busy.send("Subject: x\r\n\r\nwords\r\n.\r\n")
        assert busy.getreply()[0] == 250
        ending.join(20)
        for link in (idle, busy):
            link.close()
    assert InboundMail.objects.count() == 1


def test_an_address_that_is_taken_is_said(free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        # In a thread, as in the product: a browser of other tests may keep a loop in this one.
        with ThreadPoolExecutor() as pool, pytest.raises(OSError, match="in use"):
            pool.submit(serve, ("127.0.0.1", free_port), None, threading.Event()).result(30)


def test_it_is_on_disk_before_250(people: Cast, intake: int) -> None:
    """Another database connection sees the row the moment the sender gets 250."""
    with psycopg.connect(**_parameters()) as other, smtplib.SMTP("127.0.0.1", intake) as smtp:
        for number in range(1, 6):
            smtp.sendmail("a@b.test", ["accredo@desk.test"], letter(text=str(number)))
            assert other.execute("SELECT count(*) FROM mail_inboundmail").fetchone() == (number,)
            other.commit()


def _parameters() -> dict[str, object]:
    given = connection.get_connection_params()
    return {name: given[name] for name in ("host", "dbname", "user") if name in given}


def test_two_hundred_mails_of_fifty_senders_at_once(people: Cast, intake: int, sink: Sink) -> None:
    """Exactly 200 tickets and replies in their places, numbers without gaps, nothing sent twice."""
    senders = [f"person{number}@org{number % 10}.test" for number in range(50)]
    _together([letter(sender=address, subject=f"Первое {address}", text="первое") for address in senders], intake)
    _work()
    accepted = {mail.recipients[0]: mail for mail in sink.taken if "Запрос принят" in mail.subject}
    assert set(accepted) >= set(senders)
    batch = []
    for address in senders:
        batch.append(
            (
                answer_to(accepted[address], f"ответ {address}", sender=address),
                str(accepted[address].message["Reply-To"]),
            )
        )
        batch += [
            (letter(sender=address, subject=f"Ещё {n} {address}", text="ещё"), "accredo@desk.test") for n in (1, 2)
        ]
    random.Random(1).shuffle(batch)
    _together([raw for raw, _ in batch], intake, [to for _, to in batch])
    _work()

    assert InboundMail.objects.count() == 200
    assert Counter(InboundMail.objects.values_list("fate", flat=True)) == {"request": 150, "comment": 50}
    numbers = sorted(Ticket.objects.filter(desk=people.desk).values_list("number", flat=True))
    assert numbers == list(range(1, 152))
    for address in senders:
        ticket = Ticket.objects.get(subject=f"Первое {address}")
        assert [m.text for m in ticket.messages.order_by("id")] == ["первое", f"ответ {address}"]
    mine = [mail for mail in sink.taken if mail.recipients[0] in senders]
    assert Counter(mail.recipients[0] for mail in mine) == dict.fromkeys(senders, 4)
    assert len({mail.message["Message-ID"] for mail in sink.taken}) == len(sink.taken)
    assert Message.objects.filter(inbound__isnull=False).count() == 200
    assert not OutboundMail.objects.exclude(state="sent").exists()


def _together(mails: list[bytes], port: int, to: list[str] | None = None) -> None:
    failed: list[BaseException] = []
    addresses = to or ["accredo@desk.test"] * len(mails)

    def run(part: int) -> None:
        try:
            for raw, address in list(zip(mails, addresses, strict=True))[part::25]:
                post(port, raw, to=address)
        except BaseException as error:
            failed.append(error)

    _join([threading.Thread(target=run, args=(part,)) for part in range(25)])
    assert not failed


def _work() -> None:
    """Run two workers in parallel."""

    def run() -> None:
        try:
            run_all()
        finally:
            connection.close()

    _join([threading.Thread(target=run) for _ in range(2)])
    run_all()


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_mailbox_is_found_by_any_spelling(people: Cast) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    for address in ("accredo@desk.test", "ACCREDO@Desk.Test", "accredo+a+b@desk.test"):
        assert mailbox_for(address) == box
    for address in ("accred@desk.test", "+accredo@desk.test", "accredo@x.test", "", "accredo", "аccredo@desk.test"):
        assert mailbox_for(address) is None


def test_ab_93_naming_a_sender_again_and_again_gains_no_time(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeating MAIL and RSET must not hold a connection slot for ever."""
    monkeypatch.setattr(smtp_session, "_ENVELOPE_SECONDS", 1.5)
    answers: list[bytes] = []
    with running_intake() as port, socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(b"EHLO x\r\n")
        end = time.monotonic() + 10
        while time.monotonic() < end and not any(b"421 4.4.2" in answer for answer in answers):
            with contextlib.suppress(OSError):
                link.sendall(b"MAIL FROM:<a@b.test>\r\nRSET\r\n")
            answers.append(link.recv(65536))
            if not answers[-1]:
                break
            time.sleep(0.3)
    assert any(b"421 4.4.2" in answer for answer in answers) and time.monotonic() < end


def test_ab_93_who_has_sent_a_mail_does_not_hold_the_connection_either(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_session, "BEFORE_MAIL_SECONDS", 1.5)
    mail = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<accredo@desk.test>\r\nDATA\r\n"
    said = b""
    with running_intake() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(b"EHLO x\r\n" + mail)
        while b"354" not in said:
            said += link.recv(65536)
        link.sendall(b"Subject: x\r\n\r\nx\r\n.\r\n")
        while piece := link.recv(65536):
            said += piece
    assert b"250 2.6.0" in said or b"250 2.0.0" in said
    assert b"421 4.4.2" in said

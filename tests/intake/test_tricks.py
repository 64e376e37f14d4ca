"""Manipulated headers of a mail validly signed by anna, by real SMTP: none is accepted as hers (ADR 42)."""

from collections.abc import Iterator

from otklik.mail.models import InboundMail
from tests.cast import Cast
from tests.intake.test_decisions import AUTHSERV, known_id
from tests.intake.test_vouched import FULL, checking, looked_at, on_it, trusted
from tests.mail.test_dkim_verify import NameServer, names
from tests.mail.test_dkim_verify import signed as sign
from tests.postoffice import Sink, letter, post, run_all

__all__ = ["checking", "names", "trusted"]


def variants() -> Iterator[tuple[str, bytes]]:
    """Yield (name, mail) for mails that try to write on ACCREDO-1 as anna, each by another trick."""
    g = sign(letter(subject="привет", text="слова"), fields=FULL).replace(b"\r\n", b"\n")
    yield "lower h", g.replace(b"Subject:", b"subject: Re: ACCREDO-1\nSubject:", 1)
    yield "encoded name", b"=?utf-8?q?Subject?=: ACCREDO-1\n" + g
    yield "nbsp name", "Subject\u00a0: ACCREDO-1\n".encode() + g
    yield "mbox", b"From x\n" + b"Subject: ACCREDO-1\n" + g
    yield "gtmbox", b">From x\nSubject: ACCREDO-1\n" + g
    yield "blank first", b"\nSubject: ACCREDO-1\n" + g
    yield "space line", b"X: y\n \nSubject: ACCREDO-1\n" + g
    yield "vt", b"X: y\x0bSubject: ACCREDO-1\n" + g
    yield "nel", b"X: y\x85\nSubject: ACCREDO-1\n" + g
    yield "ls", "X: y\u2028Subject: ACCREDO-1\n".encode() + g
    yield "1000 fields", b"".join(b"X%d: y\n" % i for i in range(1000)) + b"Subject: ACCREDO-1\n" + g
    yield (
        "999 + top",
        b"Subject: ACCREDO-1\nTo: accredo@desk.test\n" + b"".join(b"X%d: y\n" % i for i in range(998)) + g,
    )
    yield "300k head", b"Subject: ACCREDO-1\n" + b"".join(b"X%d: %s\n" % (i, b"y" * 900) for i in range(300)) + g
    yield (
        "two signatures",
        b"DKIM-Signature: v=1; d=clinic.test; s=s1; h=from; bh=YQ==; b=Y\nIn-Reply-To: <first@clinic.test>\n" + g,
    )
    yield "resent", b"Resent-To: accredo@desk.test\nResent-Subject: ACCREDO-1\nIn-Reply-To: <first@clinic.test>\n" + g
    yield (
        "rfc822 wrap",
        b"From: anna@clinic.test\nTo: accredo@desk.test\nSubject: ACCREDO-1\nContent-Type: message/rfc822\n\n" + g,
    )
    yield "thread-topic", b"Thread-Topic: ACCREDO-1\n" + b"References: <first@clinic.test>\n" + g
    yield "body tail", g.replace(b"Subject:", b"Subject: ACCREDO-1", 1) + b"\nevil\n"
    yield (
        "evil d comment",
        sign(letter(sender="anna@clinic.test (x@evil.test)", subject="ACCREDO-1"), "evil.test", fields=FULL),
    )
    yield (
        "evil d display",
        sign(letter(sender='"x@evil.test" <anna@clinic.test>', subject="ACCREDO-1"), "evil.test", fields=FULL),
    )
    yield "i=", sign(letter(subject="ACCREDO-1"), "evil.test", fields=FULL, identity=b"@evil.test")
    yield "psl", sign(letter(subject="ACCREDO-1"), "test", fields=FULL)
    yield (
        "AR under recv",
        b"Received: a\nAuthentication-Results: "
        + AUTHSERV.encode()
        + b"; dmarc=pass header.from=clinic.test\n"
        + letter(subject="ACCREDO-1"),
    )


def test_ab_01_no_trick_with_a_signed_mail_speaks_for_its_sender(
    people: Cast, sink: Sink, intake: int, checking: NameServer
) -> None:
    for domain in ("evil.test", "test"):
        checking.records[f"s1._domainkey.{domain}"] = checking.records["s1._domainkey.clinic.test"]
    known_id(people.ticket)
    for name, raw in variants():
        post(intake, raw)
        looked_at(3)
        run_all(deliver_too=False)
        row = InboundMail.objects.order_by("-id")[0]
        assert not people.ticket.messages.filter(inbound=row, held=False).exists(), name
        assert row.level != "aligned" or "ACCREDO" not in row.subject, name
    assert on_it(people) == {"anna@clinic.test", "boris@clinic.test"}

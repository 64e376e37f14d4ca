"""Signature checks: only what the signature covers is trusted (ADR 42)."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail import dkim_check
from otklik.mail.dkim_check import vouch_next
from otklik.mail.dns_lookup import configured
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from otklik.mail.reasons import in_words
from otklik.people.models import Person
from otklik.tickets.models import Participant
from tests.cast import Cast
from tests.intake.test_decisions import AUTHSERV, aligned, first, inject, known_id, signed
from tests.mail.test_dkim_verify import NameServer, names
from tests.mail.test_dkim_verify import signed as sign
from tests.postoffice import Sink, letter, post, run_all

__all__ = ["names"]
FULL = [b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to"]


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV


@pytest.fixture
def checking(settings: Settings, names: NameServer) -> Iterator[NameServer]:
    """Enable signature checks with the test name server."""
    settings.DKIM_CHECK, settings.DNS_SERVERS = True, [f"127.0.0.1:{names.port}"]
    configured.cache_clear()
    yield names
    configured.cache_clear()


def looked_at(seconds: float = 20.0) -> None:
    """Check signatures until no more results are available, at most `seconds`."""
    end = time.monotonic() + seconds
    while vouch_next() and time.monotonic() < end:
        pass


def came(raw: bytes, to: str = "accredo@desk.test", at: timedelta = timedelta(0)) -> InboundMail:
    """Store a mail; return its ledger row."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    when = timezone.now() - at
    return accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to=to, at=when)


def on_it(people: Cast) -> set[str | None]:
    rows = Participant.objects.filter(ticket=people.ticket, removed_at=None)
    return set(rows.values_list("person__email", flat=True))


TWICE = [
    "Subject: Re: ACCREDO-1",
    "To: accredo@desk.test",
    "Cc: evil@x.test",
    "Date: Tue, 03 Nov 2026 12:00:00 +0300",
    "Message-ID: <other@x.test>",
    "MIME-Version: 1.0",
    "Content-Type: text/html",
    "Subject : x",
    "no field",
    "X: \0",
]


@pytest.mark.parametrize("line", TWICE, ids=repr)
@pytest.mark.parametrize("proof", ["token", "our server"])
def test_ab_01_a_head_with_two_readings_is_no_more_than_claimed(
    people: Cast, sink: Sink, proof: str, line: str
) -> None:
    raw = first(letter(subject="по поводу ACCREDO-1", text="добавьте", Cc="evil@x.test"), line)
    to = signed(people.anna, people.ticket) if proof == "token" else "accredo@desk.test"
    row = inject(raw if proof == "token" else aligned(raw, "clinic.test"), to=to)
    assert (row.level, row.fate) == ("claimed", "held_comment" if proof == "token" else "request")
    assert "прочесть двояко" in in_words(row.reason)
    assert on_it(people) == {"anna@clinic.test", "boris@clinic.test"} and not sink.to("evil@x.test")
    assert not Person.objects.filter(email="evil@x.test").exists()


def test_ab_01_a_signed_mail_to_somebody_else_opens_no_door_here(
    people: Cast, sink: Sink, checking: NameServer
) -> None:
    """The attack as observed: fields above the signed ones, which are those that people read."""
    theirs = sign(letter(to="evil@x.test", Cc="boris@clinic.test"), fields=[*FULL])
    raw = b"To: accredo@desk.test\nSubject: Re: ACCREDO-1\nCc: more@x.test\n" + theirs
    row = came(raw)
    looked_at()
    run_all()
    row.refresh_from_db()
    assert (row.signed_by, row.level, row.fate) == ("", "claimed", "request")
    assert on_it(people) == {"anna@clinic.test", "boris@clinic.test"}
    assert people.ticket.messages.count() == 3 and not Person.objects.filter(email__endswith="x.test").exists()


@pytest.mark.parametrize("twice", [False, True])
def test_ab_01_a_signed_mail_comments_once(people: Cast, sink: Sink, checking: NameServer, twice: bool) -> None:
    raw = sign(letter(subject="ACCREDO-1", text="да", Cc="vera@clinic.test"), fields=FULL)
    for copy in [raw, b"Comments: 1\n" + raw][: 2 if twice else 1]:
        came(copy)
        looked_at()
        run_all()
    rows = list(InboundMail.objects.order_by("id").values_list("signed_by", "level", "fate"))
    assert rows[0] == ("clinic.test", "aligned", "comment") and "vera@clinic.test" in on_it(people)
    assert rows[1:] == ([("clinic.test", "claimed", "copy")] if twice else [])


@pytest.mark.parametrize("ids", [None, "<>", " "], ids=repr)
@pytest.mark.parametrize("proof", ["signature", "our server"])
def test_ab_01_a_signed_mail_without_an_id_is_not_believed_for_it_could_come_again(
    people: Cast, sink: Sink, checking: NameServer, proof: str, ids: str | None
) -> None:
    head, _, body = letter(subject="ACCREDO-1", text="да").partition(b"\n\n")
    kept = [line for line in head.split(b"\n") if not line.startswith(b"Message-ID")]
    raw = b"\n".join([*kept, *([] if ids is None else [f"Message-ID:{ids}".encode()]), b"", body])
    for copy, fate in ((raw, "request"), (b"Comments: 1\n" + raw, "copy")):
        made = sign(copy, fields=FULL) if proof == "signature" else first(copy, SIGNATURE_OF_ALL)
        row = came(made if proof == "signature" else first(made, OURS.format(spf="")))
        looked_at()
        run_all()
        row.refresh_from_db()
        assert (row.level, row.fate) == ("claimed", fate)
    assert people.ticket.messages.count() == 3


SIGNATURE = "DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=s1; h={fields}; bh=YQ==; b=YQ=="
OURS = "Authentication-Results: " + AUTHSERV + "; {spf}dmarc=pass header.from=clinic.test"
ALL = "from:to:cc:subject:date:message-id"
SIGNATURE_OF_ALL = SIGNATURE.format(domain="clinic.test", fields=ALL)
COVERED = [
    # signature: domain and fields, what our server says about SPF, whether the mail is believed
    ("clinic.test", ALL, "", True),
    ("mail.clinic.test", ALL, "", True),
    ("clinic.test", "from:to:subject:date:message-id", "", False),
    ("clinic.test", "from:cc:subject:date:message-id", "", False),
    ("clinic.test", "from:to:cc:subject:date", "", False),
    ("mail.clinic.test.", "from", "", False),
    ("CLINIC\n .test", "from", "", False),
    ("clinic.test; d=x.test", ALL, "", False),
    ("clinic.test; l=1", ALL, "", False),
    ("other.test", "from", "", True),
    ("clinic.test", "from", "spf=pass smtp.mailfrom=anna@clinic.test; ", True),
    ("clinic.test", "from", "spf=pass smtp.mailfrom=mail.clinic.test; ", True),
    ("clinic.test", "from", "spf=pass smtp.mailfrom=evil@x.test; ", False),
    ("clinic.test", "from", "spf=fail smtp.mailfrom=anna@clinic.test; ", False),
    ("clinic.test", "from", "spf=pass; ", False),
]


@pytest.mark.parametrize(("domain", "fields", "spf", "believed"), COVERED)
def test_ab_01_our_server_vouches_for_what_the_signature_covers(
    people: Cast, sink: Sink, domain: str, fields: str, spf: str, believed: bool
) -> None:
    raw = letter(subject="ACCREDO-1", Cc="vera@clinic.test")
    for line in (SIGNATURE.format(domain=domain, fields=fields), OURS.format(spf=spf)):
        raw = first(raw, line)
    row = inject(raw)
    assert (row.level, row.fate) == (("aligned", "comment") if believed else ("claimed", "request"))
    assert ("vera@clinic.test" in on_it(people)) is believed
    assert ("Подпись отправителя" in in_words(row.reason)) is not believed


@pytest.mark.parametrize("to", ["evil@x.test", "accredo@desk.test.x.test", '"accredo@desk.test" <evil@x.test>'])
def test_ab_01_a_mail_to_somebody_else_is_not_for_us_because_its_signature_is_good(
    people: Cast, sink: Sink, to: str
) -> None:
    raw = letter(subject="ACCREDO-1", to=to)
    for line in (SIGNATURE.format(domain="clinic.test", fields=ALL), OURS.format(spf="")):
        raw = first(raw, line)
    row = inject(raw)
    assert (row.level, row.fate) == ("claimed", "request") and people.ticket.messages.count() == 3
    direct = first(letter(subject="ACCREDO-1", to=to), OURS.format(spf="spf=pass smtp.mailfrom=clinic.test; "))
    assert inject(direct).level == "aligned", "handed over by the sender's own server: it may stand in Bcc"


def test_ab_01_a_believed_mail_is_believed_once(people: Cast, sink: Sink) -> None:
    raw = letter(subject="ACCREDO-1", text="да", Message_ID="<once@clinic.test>")
    assert inject(aligned(raw, "clinic.test")).fate == "comment"
    again = inject(aligned(first(raw, "Comments: 1"), "clinic.test"))
    assert (again.level, again.fate) == ("claimed", "copy") and people.ticket.messages.count() == 4
    changed = inject(aligned(letter(subject="ACCREDO-1", text="нет", Message_ID="<once@clinic.test>"), "clinic.test"))
    assert (changed.level, changed.fate) == ("claimed", "request") and "уже приходило" in in_words(changed.reason)


def test_ab_14_a_forged_copy_that_came_before_takes_no_belief_away(people: Cast, sink: Sink) -> None:
    for sender in ("anna@clinic.test", "evil@x.test"):
        inject(letter(sender=sender, text="первое", Message_ID="<once@clinic.test>"))
    stranger = letter(sender="stranger@elsewhere.test", Message_ID="<once@clinic.test>")
    assert inject(aligned(stranger, "elsewhere.test")).level == "aligned"
    real = letter(subject="ACCREDO-1", text="настоящее", Message_ID="<once@clinic.test>")
    assert inject(aligned(real, "clinic.test")).fate == "comment"
    other = letter(text="вторая служба", Message_ID="<once@clinic.test>", to="other@desk.test")
    box = Mailbox.objects.get(address="other@desk.test")
    raw = aligned(other, "clinic.test")
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    run_all()
    assert InboundMail.objects.get(pk=mail.pk).level == "aligned", "another desk has its own mail"


def test_references_are_believed_as_far_as_they_are_signed(people: Cast, sink: Sink, checking: NameServer) -> None:
    quoted = known_id(people.ticket)
    raw = letter(text="да")
    came(first(sign(raw, fields=[*FULL[:6]]).decode().encode(), f"In-Reply-To: {quoted}"))
    looked_at()
    run_all()
    row = InboundMail.objects.order_by("-id")[0]
    assert (row.level, row.rule, row.fate) == ("claimed", "references", "held_comment")


@pytest.mark.parametrize("trouble", ["silent", "failing"])
def test_a_domain_whose_dns_fails_changes_nothing_for_others(
    people: Cast, sink: Sink, intake: int, checking: NameServer, trouble: str
) -> None:
    """The attack as observed: one mail a minute disabled the check for everybody."""
    for number in range(12):
        name = f"s1._domainkey.evil{number}.test"
        (checking.mute if trouble == "silent" else checking.broken).add(name)
        post(intake, sign(letter(sender=f"e@evil{number}.test"), f"evil{number}.test"))
    post(intake, sign(letter(subject="ACCREDO-1", text="Есть новости?")))
    looked_at(4)
    good = InboundMail.objects.get(from_address="", signed_by="clinic.test")
    assert InboundMail.objects.filter(signed_by=None).count() == 12, "unknown is not the same as nobody"
    run_all()
    good.refresh_from_db()
    assert (good.level, good.fate) == ("aligned", "comment")
    assert InboundMail.objects.filter(state="waiting", signed_by=None).count() == 12


def test_what_could_not_be_asked_is_asked_again(
    people: Cast, sink: Sink, checking: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otklik.mail.dns_batch._AGAIN_SECONDS", 0.5)
    name = "s1._domainkey.clinic.test"
    checking.broken.add(name)
    row = came(sign(letter(subject="ACCREDO-1", text="Есть новости?")))
    looked_at()
    run_all()
    row.refresh_from_db()
    assert (row.state, row.signed_by) == ("waiting", None)
    checking.broken.clear()
    end = time.monotonic() + 30
    while row.signed_by is None and time.monotonic() < end:
        looked_at()
        row.refresh_from_db()
        threading.Event().wait(0.1)
    run_all()
    row.refresh_from_db()
    assert (row.signed_by, row.level, row.fate) == ("clinic.test", "aligned", "comment")


def test_after_its_patience_a_mail_goes_on_unproved(people: Cast, sink: Sink, checking: NameServer) -> None:
    checking.silent = True
    row = came(sign(letter()), at=dkim_check.PATIENCE - timedelta(seconds=3))
    while vouch_next():
        pass
    run_all()
    row.refresh_from_db()
    assert row.state == "waiting" or row.level == "claimed"
    InboundMail.objects.filter(pk=row.pk).update(received_at=timezone.now() - dkim_check.PATIENCE)
    assert not vouch_next()
    run_all()
    row.refresh_from_db()
    assert (row.signed_by, row.level, row.fate) == (None, "claimed", "request")


def test_a_mail_that_cannot_be_looked_at_delays_no_other_and_is_vouched_for_by_nobody(
    people: Cast, checking: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = dkim_check.vouching_domains

    def stumbling(raw: bytes, *more: object) -> list[str]:
        if b"POISON" in raw:
            raise RecursionError("a head nobody has thought of")
        return look(raw, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(dkim_check, "vouching_domains", stumbling)
    poisoned, other = came(letter(text="POISON")), came(letter(text="хорошее"))
    looked_at()
    for mail in (poisoned, other):
        mail.refresh_from_db()
    assert (poisoned.signed_by, other.signed_by) == ("", "")


def test_a_passing_trouble_while_looking_is_no_answer(
    people: Cast, checking: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_trouble(*_all: object) -> list[str]:
        raise OperationalError("the database is away")

    monkeypatch.setattr(dkim_check, "vouching_domains", in_trouble)
    mail = came(letter(text="слова"))
    with pytest.raises(OperationalError):
        vouch_next()
    mail.refresh_from_db()
    assert mail.signed_by is None


def test_what_was_vouched_for_is_not_believed_any_more_where_signatures_are_no_longer_checked(
    people: Cast, settings: Settings
) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    for checked, level in ((True, "aligned"), (False, "claimed")):
        mail = accept(raw=letter(), mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
        InboundMail.objects.filter(pk=mail.pk).update(signed_by="clinic.test")
        settings.DKIM_CHECK = checked
        run_all(deliver_too=False)
        assert InboundMail.objects.get(pk=mail.pk).level == level

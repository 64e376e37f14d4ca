"""Retention of original mails and sent texts."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core.env import BadSetting, days
from otklik.desks.models import Desk
from otklik.desks.queries import periods_of_desks
from otklik.intake.commands.placement import attach, make_request
from otklik.intake.commands.reprocess import run_again
from otklik.mail import retention
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, OutboundFile, OutboundMail
from otklik.mail.queries import mail_numbers
from otklik.people.actor import Actor
from otklik.tickets.models import Message
from tests.cast import PASSWORD, Cast
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as


def swept(own: Callable[[], Sequence[retention.Periods]] = tuple) -> None:
    sweep = retention.Sweep(own)
    for _step in range(6):
        sweep._not_before = 0.0
        assert sweep.step() is False


def aged(mail: InboundMail, days_ago: int, **fields: object) -> InboundMail:
    InboundMail.objects.filter(pk=mail.pk).update(settled_at=timezone.now() - timedelta(days=days_ago), **fields)
    return InboundMail.objects.get(pk=mail.pk)


def is_kept(mail: InboundMail) -> bool:
    mail.refresh_from_db()
    assert (mail.raw_removed_at is None) == bool(bytes(mail.raw))
    return mail.raw_removed_at is None


@pytest.mark.parametrize("fate", ["spam", "bounce", "auto_reply", "blocked"])
def test_mail_of_machines_goes_after_ninety_days(people: Cast, sink: Sink, fate: str) -> None:
    state = "held" if fate == "blocked" else "filed"
    old = aged(inject(letter(text="1")), 91, fate=fate, state=state)
    young = aged(inject(letter(text="2")), 89, fate=fate, state=state)
    swept()
    assert not is_kept(old) and is_kept(young)
    assert (old.fate, old.state, old.subject, old.size > 0) == (fate, state, "Не открывается протокол", True)


def test_the_trace_of_an_error_goes_with_the_original_and_once(people: Cast, sink: Sink) -> None:
    old = aged(inject(letter(text="1")), 91, error="Traceback: words of the mail")
    at = timezone.now()
    assert [retention.remove_originals(InboundMail.objects.all(), at) for _ in range(2)] == [1, 0]
    old.refresh_from_db()
    assert (bytes(old.raw), old.error, old.raw_removed_at) == (b"", "", at)


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("held", "held_comment"), ("held", "own"), ("failed", "unreadable"), ("held", "bounce"), ("failed", "bounce"),
        ("held", "auto_reply"), ("failed", "spam"),
    ],
)  # fmt: skip
def test_what_waits_for_a_person_is_never_removed(
    people: Cast, sink: Sink, settings: Settings, state: str, fate: str
) -> None:
    settings.KEEP_ORIGINALS = 30
    mail = aged(inject(letter()), 4000, state=state, fate=fate)
    swept()
    assert is_kept(mail)


def test_requests_originals_stay_for_ever_unless_a_setting_says_so(
    people: Cast, sink: Sink, settings: Settings
) -> None:
    mail = aged(inject(letter()), 4000)
    swept()
    assert is_kept(mail)
    settings.KEEP_ORIGINALS = 365
    swept()
    assert not is_kept(mail)
    assert Message.objects.get(inbound=mail).text.startswith("Здравствуйте!")


def test_the_numbers_reconcile_and_a_copy_is_still_known(people: Cast, sink: Sink, settings: Settings) -> None:
    raw = letter()
    mail = aged(inject(raw), 91, fate="spam")
    before = mail_numbers()
    swept()
    now = mail_numbers()
    assert (now.offered, now.filed, now.originals_removed) == (before.offered, before.filed, 1)
    box = Mailbox.objects.get(address="accredo@desk.test")
    accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    run_all()
    assert mail_numbers().copies == 1 and not is_kept(mail)


def test_the_ledger_says_so_and_refuses_what_needs_the_original(people: Cast, sink: Sink, client: Client) -> None:
    mail = aged(inject(letter()), 91, fate="auto_reply")
    Message.objects.filter(inbound=mail).update(inbound=None)
    swept()
    actor, at = Actor(people.agent, "agent"), timezone.now()
    for act in (
        lambda: make_request(actor=actor, at=at, mail=mail),
        lambda: attach(actor=actor, at=at, mail=mail, ticket=people.ticket),
        lambda: run_again(actor=actor, at=at, mail=mail),
    ):
        with refused_as("intake.original_gone", "intake.not_to_run_again"):
            act()
    client.login(username="agent@desk.test", password=PASSWORD)
    page = client.get(f"/projects/ACCREDO/mail/{mail.pk}").content.decode()
    assert "истёк заданный срок хранения" in page and ".eml" not in page
    assert client.get(f"/projects/ACCREDO/mail/{mail.pk}.eml").status_code == 404
    parts = client.get(f"/projects/ACCREDO/mail/{mail.pk}/parts")
    assert parts.status_code == 200 and "больше не хранится" in parts.content.decode()


def test_sent_words_go_when_a_setting_says_so(people: Cast, sink: Sink, settings: Settings) -> None:
    inject(letter(sender="new@clinic.test"))
    long_ago = timezone.now() - timedelta(days=31)
    OutboundMail.objects.update(created_at=long_ago)
    queued = OutboundMail.objects.order_by("pk")[0]
    OutboundMail.objects.filter(pk=queued.pk).update(state="failed")
    OutboundFile.objects.create(
        mail=OutboundMail.objects.order_by("pk")[1], name="a", content_type="text/plain", size=1, digest="0" * 64
    )
    swept()
    assert not OutboundMail.objects.exclude(words_removed_at=None).exists()
    settings.KEEP_SENT = 30
    swept()
    queued.refresh_from_db()
    assert queued.text, "what did not go out may go again"
    gone = OutboundMail.objects.exclude(pk=queued.pk)
    assert gone.count() == gone.filter(text="", html="").exclude(words_removed_at=None).count() > 0
    assert not OutboundFile.objects.exists() and mail_numbers().sent_words_removed == gone.count()


def test_the_sweep_is_slow(people: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    looks: list[datetime] = []
    real = retention.expired_originals
    stages = ((InboundMail, lambda at, own: looks.append(at) or real(at, own), retention.remove_originals),)
    monkeypatch.setattr(retention, "_STAGES", stages)
    for text in "abcde":
        inject(letter(text=text))
    sweep = retention.Sweep()
    for _step in range(50):
        sweep.step()
    assert len(looks) == 1, "one step, then a rest"
    for _step in range(2):
        sweep._not_before = 0.0
        sweep.step()
    assert len(looks) == 3 and sweep._last == 0, "five rows by two: three steps, then from the beginning"


def test_rl_22_no_setting_removes_anything_before_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_KEEP_SENT", "29")
    with pytest.raises(BadSetting):
        days("OTKLIK_KEEP_SENT", 0, least=30)
    monkeypatch.setenv("OTKLIK_KEEP_SENT", "0")
    assert days("OTKLIK_KEEP_SENT", 90, least=30) == 0


def other_desk_gets(raw: bytes) -> InboundMail:
    box = Mailbox.objects.get(address="other@desk.test")
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to=box.address, at=timezone.now())
    run_all()
    return mail


def test_a_desk_may_keep_its_mail_longer_or_shorter_than_the_site(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.KEEP_ORIGINALS, settings.KEEP_SENT = 100, 100
    Desk.objects.filter(pk=people.desk.pk).update(keep_originals=0, keep_machine_mail=40, keep_sent=40)
    mine = aged(inject(letter(text="1")), 4000)
    spam = aged(inject(letter(text="2")), 50, fate="spam", state="filed")
    other = aged(other_desk_gets(letter(text="3")), 101)
    young = aged(other_desk_gets(letter(text="4")), 99)
    other_spam = aged(other_desk_gets(letter(text="5")), 50, fate="spam", state="filed")
    run_all()
    OutboundMail.objects.update(created_at=timezone.now() - timedelta(days=50))
    sent = {
        desk: OutboundMail.objects.filter(desk_id=desk.pk, state="sent") for desk in (people.desk, people.other_desk)
    }
    assert all(rows.exists() for rows in sent.values())
    swept(periods_of_desks)
    assert (is_kept(mine), is_kept(spam)) == (True, False)
    assert (is_kept(other), is_kept(young), is_kept(other_spam)) == (False, True, True)
    assert not sent[people.desk].filter(words_removed_at=None).exists()
    assert not sent[people.other_desk].exclude(words_removed_at=None).exists()

"""The choice between each message at once, a daily digest, and only what needs an action."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from otklik.mail.models import OutboundMail
from otklik.notify import digest
from otklik.notify.digest import digest_next
from otklik.notify.digest_choice import next_digest
from otklik.notify.models import DigestEntry
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import Words
from otklik.worker.dispatch import dispatch_next
from tests.cast import NOTE_CANARY, START, Cast


@pytest.fixture
def told(cast: Cast) -> Cast:
    """Return the cast, with all events of its creation mailed and deleted."""
    while dispatch_next():
        pass
    OutboundMail.objects.all().delete()
    return cast


def wants(person: Person, notices: str, hour: int = 9) -> None:
    Person.objects.filter(pk=person.pk).update(notices=notices, digest_hour=hour)


def said(cast: Cast, text: str, *, kind: str = "public") -> None:
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words(text), kind=kind)
    while dispatch_next():
        pass


def moved(cast: Cast, name: str) -> None:
    cast.ticket.refresh_from_db()
    actor = Actor(cast.agent, "agent")
    transition = next(t for t in allowed_transitions(actor=actor, ticket=cast.ticket) if t.target.category == name)
    change_status(actor=actor, at=timezone.now(), ticket=cast.ticket, transition=transition)
    while dispatch_next():
        pass


def mails(person: Person) -> list[OutboundMail]:
    return list(OutboundMail.objects.filter(recipient=person.email).order_by("id"))


def due() -> None:
    DigestEntry.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_messages_of_a_day_come_in_one_mail(told: Cast) -> None:
    wants(told.anna, "digest")
    said(told, "Первый ответ.")
    said(told, f"заметка {NOTE_CANARY}", kind="internal")
    said(told, "Второй ответ.")
    assert mails(told.anna) == [] and not digest_next()
    due()
    assert digest_next() and not digest_next()
    (mail,) = mails(told.anna)
    assert "2 новости по вашим запросам" in mail.subject
    assert mail.text.index("Первый ответ.") < mail.text.index("Второй ответ.") and NOTE_CANARY not in mail.text
    assert "ACCREDO-1 «Не открывается протокол». Глеб Орлов: " in mail.text and not mail.sensitive


def test_planning_twice_puts_a_notice_down_once(told: Cast) -> None:
    wants(told.anna, "digest")
    said(told, "Ответ.")
    from_event = DigestEntry.objects.get(person=told.anna)
    entry = DigestEntry(person=told.anna, event_id=from_event.event_id, template="comment", due_at=from_event.due_at)
    DigestEntry.objects.bulk_create([entry], ignore_conflicts=True)
    assert DigestEntry.objects.count() == 1


def test_ab_07_who_left_meanwhile_learns_nothing(told: Cast) -> None:
    wants(told.boris, "digest")
    said(told, "Для Бориса больше нет.")
    remove_participant(actor=Actor(told.agent, "agent"), at=timezone.now(), ticket=told.ticket, person=told.boris)
    due()
    while digest_next():
        pass
    assert not any("больше нет" in mail.text for mail in mails(told.boris))
    assert not DigestEntry.objects.exists()


def test_ab_07_who_was_switched_off_meanwhile_gets_no_daily_mail(told: Cast) -> None:
    for person in (told.anna, told.boris):
        wants(person, "digest")
    said(told, "Для тех, кто здесь.")
    Person.objects.filter(pk=told.boris.pk).update(is_active=False)
    due()
    while digest_next():
        pass
    assert [len(mails(person)) for person in (told.anna, told.boris)] == [1, 0]
    assert not DigestEntry.objects.exists()


def test_only_what_waits_for_me(told: Cast) -> None:
    wants(told.anna, "waiting")
    moved(told, "progress")
    said(told, "Смотрим дальше.")
    assert mails(told.anna) == []
    moved(told, "waiting")
    said(told, "Пришлите, пожалуйста, снимок экрана.")
    assert "снимок экрана" in mails(told.anna)[-1].text


@pytest.mark.parametrize("notices", ["digest", "waiting"])
def test_a_closed_request_is_told_at_once_in_any_case(told: Cast, notices: str) -> None:
    wants(told.anna, notices)
    moved(told, "done")
    assert [mail.kind for mail in mails(told.anna)] == ["closed"]


def test_others_get_each_message(told: Cast) -> None:
    wants(told.anna, "digest")
    said(told, "Ответ.")
    assert [mail.kind for mail in mails(told.boris)] == ["comment"]


@pytest.mark.parametrize(
    ("zone", "hour", "at", "due_at"),
    [
        ("Europe/Moscow", 9, "2026-11-02 05:00", "2026-11-02 06:00"),
        ("Europe/Moscow", 9, "2026-11-02 06:00", "2026-11-03 06:00"),
        ("Asia/Vladivostok", 9, "2026-11-02 05:00", "2026-11-02 23:00"),
        ("Mars/Base", 0, "2026-11-02 05:00", "2026-11-02 21:00"),
    ],
)
def test_the_daily_mail_comes_at_the_readers_hour(zone: str, hour: int, at: str, due_at: str) -> None:
    person = Person(time_zone=zone, digest_hour=hour, created_at=START)
    when = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert next_digest(person, when) == datetime.fromisoformat(due_at).replace(tzinfo=UTC)


def test_a_daily_mail_names_so_many_and_counts_all(told: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """People who write on a ticket must not determine the length of our mail."""
    monkeypatch.setattr(digest, "MOST", 3)
    wants(told.anna, "digest")
    for number in range(5):
        said(told, f"Ответ номер {number}.")
    due()
    assert digest_next() and not DigestEntry.objects.exists()
    [mail] = mails(told.anna)
    assert mail.text.count("Ответ номер") == 3 and mail.subject.startswith("5 ")
    assert "И ещё 2 сообщения, они на страницах своих запросов." in mail.text


def test_a_daily_mail_counts_nothing_that_its_reader_is_told_no_more(told: Cast) -> None:
    wants(told.anna, "digest")
    said(told, "Первый ответ.")
    said(told, "Второй ответ.")
    second = DigestEntry.objects.order_by("event_id").last()
    DigestEntry.objects.filter(pk=second and second.pk).update(template="asked_before")
    due()
    assert digest_next()
    [mail] = mails(told.anna)
    assert mail.subject.startswith("1 ") and "И ещё" not in mail.text

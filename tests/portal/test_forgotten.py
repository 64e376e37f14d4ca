"""An erased person leaves no trace: every table is searched for every one."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.test import TestCase
from django.utils import timezone

from otklik.core import blobs
from otklik.desks.commands.queues import add_queue, change_queue
from otklik.desks.models import Field, RequestType
from otklik.intake.events import SenderRuled
from otklik.journal.record import record
from otklik.mail.models import AddressTrouble, DeliveryAttempt, InboundMail, Mailbox, OutboundMail, SenderRule
from otklik.mail.reasons import because
from otklik.notify.models import DigestEntry
from otklik.people.actor import Actor, system
from otklik.people.commands.api_tokens import add_token
from otklik.people.commands.own_data import ask_for_export
from otklik.people.commands.phones import add_phone
from otklik.people.models import DataExport, Person
from otklik.people.tombstones import read_list, to_erase_again, tombstones_here
from otklik.portal.models import SavedView
from otklik.privacy.archive import personal_archive
from otklik.privacy.erase import erase_person
from otklik.privacy.redaction import Redactor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message
from otklik.tickets.commands.forward import forward_message, note_answer
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.properties import change_due
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import (
    BulkItem,
    BulkRun,
    Draft,
    ListExport,
    Message,
    PendingReply,
    Rating,
    Ticket,
    Unconfirmed,
)
from otklik.worker.dispatch import dispatch_next
from tests.cast import Cast, person
from tests.portal.helpers import as_, inbound_mail

NAME, ADDRESS, HOME, PHONE = "Зинаида Кукушкина", "zina.k@clinic.test", "zina.k@home.test", "+7 495 123-45-67"
# Whatever of her must be nowhere: the words of a name in any form, addresses, the number in any writing, canaries.
TRACES = ("Зинаид", "Кукушкин", "zina.k", "123-45-67", "1234567", "CANARY-ANSWER", "CANARY-DRAFT", "CANARY-FILE")


@pytest.fixture
def zina(cast: Cast, home: Path) -> Person:
    """Return a person who left data in every table that can hold any."""
    now = timezone.now()
    zina = person(NAME, ADDRESS)
    EmailAddress.objects.create(user=zina, email=HOME, verified=True)
    add_phone(actor=system(), at=now, person=zina, number=PHONE)
    add_token(actor=Actor(zina, "cli"), at=now, person=zina, name=f"скрипт {NAME}")
    SocialAccount.objects.create(user=zina, provider="sso", uid="x:1", extra_data={"name": NAME})
    kind = cast.desk.request_types.order_by("position")[0]
    Field.objects.create(request_type=kind, key="customfield_19", kind="text", label="Отдел")
    Field.objects.create(request_type=kind, key="customfield_18", kind="checkbox", label="Срочно")
    Ticket.objects.filter(pk=cast.ticket.pk).update(
        requester=zina,
        subject=f"{NAME}: не открывается",
        answers={"customfield_19": "CANARY-ANSWER", "customfield_18": True},
    )
    cast.ticket.participants.filter(person=cast.anna).update(person=zina)
    cast.ticket.refresh_from_db()
    digest, size = blobs.put(b"CANARY-FILE words")
    scan = NewFile("скан CANARY-FILE.pdf", "application/pdf", size, digest)
    mine = comment(
        actor=Actor(zina, "portal"),
        at=now,
        ticket=cast.ticket,
        words=Words(f"Звоните: 8 (495) 123 45 67, {NAME}"),
        files=[scan],
    )
    words = Words("Пишите на ZINA.K@home.test, З. Кукушкина")
    edit_message(actor=Actor(zina, "portal"), at=now, message=mine, words=words)
    comment(actor=Actor(cast.agent, "agent"), at=now, ticket=cast.ticket, words=Words("Передадим Кукушкиной Зинаиде"))
    Message.objects.filter(ticket=cast.ticket, opening=True).update(
        html=f"<p>{NAME}</p>", quoted=f"{NAME} <{ADDRESS}> писала:", besides="CANARY-ANSWER", asked=[HOME]
    )
    Rating.objects.create(ticket=cast.ticket, person=zina, score=5, words=f"Спасибо! {NAME}", rated_at=now)
    PendingReply.objects.create(
        ticket=cast.ticket, author=cast.agent, text="Зинаида, смотрим", written_at=now, due_at=now + timedelta(days=9)
    )
    Draft.objects.create(
        person=zina, kind="request", subject_id=kind.pk, words={"summary": ["CANARY-DRAFT"]}, updated_at=now
    )
    former = {"words": {"comment": [f"Зинаиде: {NAME}"]}}
    Draft.objects.create(
        person=cast.agent, kind="reply", subject_id=cast.ticket.pk, ticket=cast.ticket, former=former, updated_at=now
    )
    Unconfirmed.objects.create(
        digest="d", request_type=kind, address=HOME, name=NAME, language="ru", subject="s", text="CANARY-DRAFT",
        created_at=now, expires_at=now,
    )  # fmt: skip
    SavedView.objects.create(person=zina, name=f"{NAME} всё")
    DigestEntry.objects.create(person=zina, event_id=1, template="comment", due_at=now + timedelta(days=1))
    mail = inbound_mail(f"From: {ADDRESS}\r\n\r\n{NAME}".encode())
    InboundMail.objects.filter(pk=mail.pk).update(
        from_address=ADDRESS, from_name=NAME, envelope_from=HOME, state="filed", settled_at=now
    )
    other = inbound_mail(f"From: boris@clinic.test\r\n\r\n{NAME}".encode())
    InboundMail.objects.filter(pk=other.pk).update(
        subject=f"Re: {NAME}", ticket_id=cast.ticket.pk, ticket_key=cast.ticket.key, state="filed", settled_at=now
    )
    box = Mailbox.objects.get(address="accredo@desk.test")
    SenderRule.objects.create(mailbox=box, pattern=HOME, verdict="allow", created_at=now)
    AddressTrouble.objects.create(address=ADDRESS, last_at=now, words=f"550 <{ADDRESS}>")
    while dispatch_next():
        pass
    sent = OutboundMail.objects.filter(person=zina).latest("id")
    DeliveryAttempt.objects.create(mail=sent, at=now, outcome="later", answer=f"451 <{ADDRESS}>")
    record(SenderRuled(pattern=HOME, verdict="block"), about=cast.desk.pk, by=Actor(None, "agent"), at=now)
    ask_for_export(actor=Actor(zina, "portal"), at=now, person=zina)
    traces_of_lists(cast, kind)
    as_(zina).get("/servicedesk/customer/user/requests")
    return zina


def traces_of_lists(cast: Cast, kind: RequestType) -> None:
    """Create bulk runs and list exports of an agent that refer to her."""
    run = BulkRun.objects.create(person=cast.agent, act="reply", parameters={"text": NAME}, prepared_at=timezone.now())
    BulkItem.objects.create(run=run, ticket=cast.ticket, position=0, why=f"@[{NAME}]")
    other = BulkRun.objects.create(person=cast.agent, act="type", parameters={"name": "x"}, prepared_at=timezone.now())
    before = {"answers": {"customfield_19": "CANARY-ANSWER"}, "request_type_id": kind.pk, "labels": [NAME]}
    BulkItem.objects.create(run=other, ticket=cast.ticket, position=0, before=before)
    for jql, desks in ((f'reporter = "{ADDRESS}"', []), ("project = ACCREDO", [cast.desk.pk]), ("x", [99])):
        ListExport.objects.create(
            person=cast.agent, jql=jql, desks=desks, language="ru", asked_at=timezone.now(), expires_at=timezone.now()
        )


def traces() -> Iterator[tuple[str, str]]:
    """Yield (table and row, trace) for everything that still names her."""
    for table in apps.get_models():
        for row in table._default_manager.values():
            text = " ".join(
                str(bytes(one), "utf-8", "replace") if isinstance(one, memoryview) else str(one) for one in row.values()
            )
            for trace in TRACES:
                if trace.lower() in text.lower():
                    yield f"{table._meta.label} {next(iter(row.values()))}", f"{trace}: {text[:300]}"


def test_nothing_of_an_erased_person_is_left_in_any_table(cast: Cast, zina: Person) -> None:
    assert len({place.split()[0] for place, _trace in traces()}) >= 18, "the test looks where there is something"
    erase_person(actor=system("cli"), at=timezone.now(), person=zina)
    assert dict(traces()) == {}
    cast.ticket.refresh_from_db()
    assert cast.ticket.answers == {"customfield_18": True}, "what was chosen from what the desk offers stays"
    page = as_(cast.agent).get("/browse/ACCREDO-1").content.decode()
    assert "удалённый заявитель" in page and "Передадим" in page
    assert cast.ticket.messages.count() == 5, "the desk's record stays"
    assert [export.jql for export in ListExport.objects.all()] == ["x"], "their files name her"
    assert BulkItem.objects.get(before__has_key="request_type_id").before.keys() == {"request_type_id", "labels"}


@pytest.mark.parametrize("typed", [f'автор = "{NAME}"', f"reporter = {ADDRESS.upper()}"])
def test_an_erased_person_is_named_by_no_queue(cast: Cast, zina: Person, typed: str) -> None:
    lead, at = Actor(cast.lead, "agent"), timezone.now()
    values = {"name": "Её", "jql": f"reporter = {zina.pk}", "typed": typed, "icon": "", "columns": ["key"]}
    queue = add_queue(actor=lead, at=at, desk=cast.desk, values=values)
    change_queue(actor=lead, at=at, queue=queue, values={"jql": "key is EMPTY", "typed": "key is EMPTY"})
    change_queue(actor=lead, at=at, queue=queue, values={"jql": values["jql"], "typed": typed})
    erase_person(actor=system("cli"), at=timezone.now(), person=zina)
    assert list(traces()) == []
    queue.refresh_from_db()
    assert (queue.jql, queue.typed) == (values["jql"], "")


def test_the_days_on_the_requests_of_somebody_called_by_a_number_stay_days(cast: Cast, home: Path) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(name="Касса 12")
    change_due(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, due=date(2026, 12, 5))
    erase_person(actor=system("cli"), at=timezone.now(), person=Person.objects.get(pk=cast.anna.pk), now=True)
    assert "— → 05.12.2026" in as_(cast.agent).get("/browse/ACCREDO-1").content.decode()


def test_the_html_and_the_claimed_author_of_what_an_erased_person_mailed_go(cast: Cast, zina: Person) -> None:
    """Even where the text does not name her: her HTML may be a signature, a logo or a tracking picture."""
    mail = InboundMail.objects.get(from_address=ADDRESS)
    hers = Message.objects.create(
        ticket=cast.ticket, kind="public", side="customer", text="Добрый день", html="<p>Добрый день, ваш Медсклад</p>",
        claimed_author="Медсклад <info@sklad.test>", inbound=mail, created_at=timezone.now(),
    )  # fmt: skip
    others = Message.objects.create(
        ticket=cast.ticket, kind="public", side="customer", text="Добрый день", html="<p>Добрый день, ваш Борис</p>",
        claimed_author="Борис <boris@clinic.test>", created_at=timezone.now(),
    )  # fmt: skip
    erase_person(actor=system("cli"), at=timezone.now(), person=zina)
    for row in (hers, others):
        row.refresh_from_db()
    assert (hers.html, hers.claimed_author, hers.text) == ("", "", "Добрый день")
    assert others.html == "<p>Добрый день, ваш Борис</p>" and others.claimed_author == "Борис <boris@clinic.test>"


def test_everything_that_would_be_erased_can_be_fetched_before(cast: Cast, zina: Person) -> None:
    digest, _size = personal_archive(zina, timezone.now())
    with zipfile.ZipFile(blobs.path_of(digest)) as archive:
        data: dict[str, Any] = json.loads(archive.read("data.json"))
    said = json.dumps(data, ensure_ascii=False)
    assert data["requests"][0]["answers"] == {"Отдел": "CANARY-ANSWER", "Срочно": "да"}
    assert data["drafts"][0]["words"] == {"summary": ["CANARY-DRAFT"]}
    assert data["unconfirmed_requests"][0]["text"] == "CANARY-DRAFT"
    assert data["ratings"][0]["words"] == f"Спасибо! {NAME}"
    assert data["mails_from_you"][0]["from_address"] == ADDRESS and data["mails_to_you"]
    assert data["person"]["saved_views"][0]["name"] == f"{NAME} всё" and data["person"]["scripts"][0]["name"]
    assert "Зинаида, смотрим" not in said, "an agent's reply that has not gone is not hers"
    for secret in ("digest", "session_key", "secret", "argon2"):
        assert secret not in said


def test_the_archive_goes_with_the_person(cast: Cast, zina: Person) -> None:
    digest, size = personal_archive(zina, timezone.now())
    DataExport.objects.filter(person=zina).update(digest=digest, size=size, ready_at=timezone.now())
    with TestCase.captureOnCommitCallbacks(execute=True):
        erase_person(actor=system("cli"), at=timezone.now(), person=zina)
    assert not blobs.path_of(digest).exists()


def test_a_list_outside_the_database_names_the_erased_without_naming_them(
    cast: Cast, zina: Person, home: Path, settings: Any
) -> None:
    settings.ERASED_LIST = str(home / "erased.jsonl")
    with TestCase.captureOnCommitCallbacks(execute=True):
        erase_person(actor=system("cli"), at=timezone.now(), person=zina)
    path = Path(settings.ERASED_LIST)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_list(path) == tombstones_here() and len(tombstones_here()) == 1
    assert not any(trace in path.read_text() for trace in TRACES)
    assert to_erase_again(read_list(path)) == [], "she is erased here already"


def test_a_number_given_to_somebody_else_after_a_restore_is_nobody_erased(cast: Cast, zina: Person, home: Path) -> None:
    line = {"person": cast.anna.pk, "made_at": (cast.anna.created_at - timedelta(seconds=1)).isoformat()}
    path = home / "list.jsonl"
    path.write_text(json.dumps(line) + "\n")
    assert to_erase_again(read_list(path)) == []
    path.write_text("что-то другое\n")
    with pytest.raises(ValueError):  # noqa: PT011
        read_list(path)


def test_whom_an_older_backup_brings_back_as_staff_is_erased_again(cast: Cast) -> None:
    erase_person(actor=system("cli"), at=timezone.now(), person=cast.agent, again=True)
    cast.agent.refresh_from_db()
    assert (cast.agent.email, cast.agent.is_active) == (None, False) and not cast.agent.memberships.exists()


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Анна Петрова, добрый день", "…, добрый день"),
        ("Передано Петровой Анне.", "Передано … …."),
        ("Аннотация и петровский парк", "Аннотация и петровский парк"),
        ("звоните 8 495 000-11-22 или +7(495)0001122", "звоните … или …"),
        ("Анна@clinic.test и ANNA@clinic.test", "…@clinic.test и …"),
        ("Семён и Семен", "Семён и Семен"),
    ],
)
def test_a_person_is_known_in_a_text(text: str, without: str) -> None:
    redactor = Redactor(name="Анна Петрова", addresses=["anna@clinic.test"], phones=["+74950001122"])
    assert redactor(text) == without


def test_an_e_with_dots_and_one_without_are_the_same_in_a_name() -> None:
    redactor = Redactor(name="Семён Лис", addresses=[], phones=[])
    assert redactor("Семену, Семёна, Лис; лисы") == "…, …, …; лисы"


def test_a_common_noun_is_no_name() -> None:
    redactor = Redactor(name="Роза Кот", addresses=[], phones=[])
    assert redactor("Роза и роза, Розе и розе, Кот и кот") == "… и роза, … и розе, … и кот"


def test_a_person_is_known_in_whatever_json_holds() -> None:
    redactor = Redactor(name="", addresses=["a@b.test"], phones=[])
    held = {"a@b.test": ["a@b.test", {"x": ["c a@b.test"]}, 7, None, True], "y": "A@B.test"}
    assert redactor.value(held) == {"a@b.test": ["…", {"x": ["c …"]}, 7, None, True], "y": "…"}


def test_nothing_of_an_erased_person_is_left_where_words_were_forwarded(cast: Cast, zina: Person) -> None:
    """Her texts and files forwarded outside, and texts of others forwarded to her."""
    now, by_agent = timezone.now(), Actor(cast.agent, "agent")
    hers = Message.objects.get(ticket=cast.ticket, author=zina, opening=False)
    forward_message(
        actor=by_agent, at=now, message=hers, address="repairs@supplier.test", words=Words("Посмотрите"),
        said=hers.text, files=list(hers.attachments.values_list("pk", flat=True)),
    )  # fmt: skip
    other = open_ticket(
        actor=Actor(cast.boris, "portal"), at=now, desk=cast.desk, channel="portal", subject="Чужое",
        words=Words("Чужие слова"), requester=cast.boris,
    )  # fmt: skip
    made = forward_message(
        actor=by_agent, at=now, message=other.messages.get(), address=HOME, words=Words("Посмотрите"), said="Чужие",
    )  # fmt: skip
    answer = inbound_mail(f"From: {HOME}\r\n\r\n{NAME}".encode())
    told = because("forwarded", HOME)
    InboundMail.objects.filter(pk=answer.pk).update(
        from_address=HOME, from_name=NAME, state="filed", fate="note", reason=told, settled_at=now,
        ticket_id=other.pk, ticket_key=other.key,
    )  # fmt: skip
    note_answer(
        at=now, forward=made, words=Words("Готово"), claimed_author=f"{NAME} <{HOME}>", inbound=answer, why=told
    )
    while dispatch_next():
        pass
    erase_person(actor=system("cli"), at=timezone.now(), person=zina)
    assert dict(traces()) == {}

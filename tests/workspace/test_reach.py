"""The composer shows whom a reply will reach, and how."""

import re
from datetime import timedelta
from html import unescape

import pytest
from pytest_django.fixtures import Settings

from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import add_caller
from otklik.people.commands.phones import add_phone
from otklik.people.models import Person
from otklik.tickets.commands.approve import answer_approval, ask_about, ask_approval
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Participant, Ticket
from tests.cast import START, Cast
from tests.postoffice import run_all
from tests.workspace.helpers import as_, page_of, words_said

BOTH = "Анна Петрова <anna@clinic.test>, Борис Щукин <boris@clinic.test>: по почте"
STOPPED = {"last_at": START, "stopped_at": START}


def said(cast: Cast, key: str = "ACCREDO-1") -> tuple[list[str], str]:
    """Return the lines above the composer, and the text of its button."""
    page = page_of(as_(cast.agent).get(f"/browse/{key}"))
    part = page.split('id="composer-to"')[1].split("</div>")[0]
    lines = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", line)).strip() for line in part.split("<li")[1:]]
    foot = page.split('id="composer-send"')[1].split("</span>")[0]
    return [unescape(line.partition(">")[2].strip() or line) for line in lines], re.sub(r"<[^>]+>", " ", foot)


def called(cast: Cast, *numbers: str) -> tuple[Person, Ticket]:
    """Return a person without an address, and their ticket."""
    caller = add_caller(name="Ольга", at=START)
    for number in numbers:
        add_phone(actor=system(), at=START, person=caller, number=number)
    ticket = open_ticket(
        actor=Actor(cast.agent, "agent"), at=START, desk=cast.desk, channel="phone", subject="Звонок",
        words=Words(""), requester=caller,
    )  # fmt: skip
    return caller, ticket


def test_who_gets_mail_is_told_in_one_line(cast: Cast) -> None:
    lines, foot = said(cast)
    assert lines == [BOTH] and "Отправить заявителю" in foot


def test_an_address_that_takes_no_mail_is_not_promised(cast: Cast) -> None:
    AddressTrouble.objects.create(address="anna@clinic.test", words="550", **STOPPED)
    add_phone(actor=system(), at=START, person=cast.anna, number="+7 495 123-45-67")
    lines, foot = said(cast)
    assert lines[0] == "Борис Щукин <boris@clinic.test>: по почте"
    assert (
        "Анна Петрова <anna@clinic.test>: не дойдёт: адрес не принимает почту" in lines[1]
        and "+7 495 123-45-67" in lines[1]
    )
    assert (
        "Отправить участникам" in foot and "Позвонить: +7 495 123-45-67" in foot and "Отправить заявителю" not in foot
    )


def test_an_address_that_returned_the_last_mail_is_marked_until_it_takes_one(cast: Cast) -> None:
    run_all(deliver_too=False)
    mail = OutboundMail.objects.filter(recipient="anna@clinic.test").latest("id")
    OutboundMail.objects.filter(pk=mail.pk).update(state=OutboundMail.State.SENT, created_at=START)
    AddressTrouble.objects.create(address="anna@clinic.test", soft=1, last_at=START)
    assert said(cast)[0] == [BOTH], "what was only put off did not come back"
    AddressTrouble.objects.update(hard=1)
    marked = "Анна Петрова <anna@clinic.test> последнее письмо вернулось, Борис Щукин <boris@clinic.test>: по почте"
    assert said(cast)[0] == [marked]
    OutboundMail.objects.filter(pk=mail.pk).update(created_at=START + timedelta(hours=1))
    assert said(cast)[0] == [BOTH]


def test_an_address_that_nobody_proved_is_marked(cast: Cast, settings: Settings) -> None:
    Person.objects.filter(pk=cast.boris.pk).update(activated_at=None, heard_at=None)
    settings.TRUSTED_AUTHSERV, settings.DKIM_CHECK = "", False
    assert said(cast)[0] == [BOTH], "where senders are not checked it would stand beside everybody"
    settings.DKIM_CHECK = True
    marked = "Анна Петрова <anna@clinic.test>, Борис Щукин <boris@clinic.test> не подтверждён: по почте"
    assert said(cast)[0] == [marked]
    Person.objects.filter(pk=cast.boris.pk).update(heard_at=START)
    Ticket.objects.filter(pk=cast.ticket.pk).update(sender_unverified=True)
    marked = "Анна Петрова <anna@clinic.test> не подтверждён, Борис Щукин <boris@clinic.test>: по почте"
    assert said(cast)[0] == [marked], "the request may come from somebody else"


def test_a_caller_without_an_address_can_only_be_called(cast: Cast) -> None:
    _caller, ticket = called(cast, "+7 495 765-43-21")
    lines, foot = said(cast, ticket.key)
    assert lines == ["Ольга: только по телефону +7 495 765-43-21"]
    assert "Записать ответ" in foot and "Позвонить: +7 495 765-43-21" in foot
    _nobody, other = called(cast)
    lines, foot = said(cast, other.key)
    assert lines == ["Ольга: никак: нет ни адреса, ни телефона"] and "Позвонить" not in foot


def test_an_approver_who_asked_something_is_told_of_as_well(cast: Cast) -> None:
    approver = cast.stranger
    approval = ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[approver], rule="one"
    )
    assert said(cast)[0] == [BOTH]
    ask_about(actor=Actor(approver, "portal"), at=START + timedelta(minutes=1), approval=approval, words="На год?")
    lines, _foot = said(cast)
    assert lines[1:] == [
        f"Степан Чужой <{approver.email}> не участвует в запросе: по почте, так как спрашивает перед согласованием"
    ]
    answer_approval(actor=Actor(approver, "portal"), at=START + timedelta(minutes=2), approval=approval, approved=True)
    assert said(cast)[0] == [BOTH]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"notices": "digest"}, "в ежедневном письме"),
        ({"notices": "waiting"}, "только если статус станет"),
        ({"is_active": False}, "учётная запись закрыта"),
    ],
)
def test_what_the_person_chose_counts(cast: Cast, change: dict[str, object], words: str) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(**change)
    lines, _foot = said(cast)
    assert any(line.startswith("Анна Петрова <anna@clinic.test>:") and words in line for line in lines), lines


def test_who_turned_the_mails_off_reads_on_the_portal(cast: Cast) -> None:
    Participant.objects.filter(person=cast.anna).update(muted=True)
    lines, foot = said(cast)
    assert "Анна Петрова <anna@clinic.test>: только на портале: письма об этом запросе отключены" in lines
    assert "Отправить заявителю" in foot


def test_an_installation_without_a_mail_server_says_so(cast: Cast, settings: Settings) -> None:
    settings.OUTGOING, settings.DEMO = "", False
    assert "Почта отсюда не уходит" in page_of(as_(cast.agent).get("/browse/ACCREDO-1"))
    settings.OUTGOING = "smtp://127.0.0.1:25"
    assert "Почта отсюда не уходит" not in page_of(as_(cast.agent).get("/browse/ACCREDO-1"))


def test_the_writer_is_no_recipient_of_the_own_reply(cast: Cast) -> None:
    Participant.objects.create(ticket=cast.ticket, person=cast.agent, added_at=START)
    lines, _foot = said(cast)
    assert not any("Глеб" in line for line in lines)


@pytest.mark.parametrize(("outgoing", "demo"), [("", False), ("smtp://127.0.0.1:25", False), ("", True)])
def test_where_no_mail_leaves_the_staff_is_told_on_every_page_and_nothing_is_promised(
    cast: Cast, settings: Settings, outgoing: str, demo: bool
) -> None:
    settings.OUTGOING, settings.DEMO = outgoing, demo
    stays = not outgoing and not demo
    for address in ("/secure/Dashboard.jspa", "/browse/ACCREDO-1", "/projects/ACCREDO/settings"):
        assert ("почтовый сервер не настроен." in page_of(as_(cast.lead).get(address)).split("<main")[0]) == stays
    admin = as_(cast.admin)
    assert ("скажет «otklik doctor»" in page_of(admin.get("/secure/Dashboard.jspa"))) == stays
    invited = admin.post("/secure/InvitePerson", {"name": "Пётр", "email": "petr@clinic.test"})
    assert ("приглашение не ушло" in words_said(invited)[0]) == stays
    assert ("Приглашение отправлено" in words_said(invited)[0]) != stays

"""Which staff is notified of unassigned tickets."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.notify.rules import RULES
from otklik.people.actor import Actor, system
from otklik.tickets.commands.comment import admit_message, admit_own, comment, hold_comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.worker.dispatch import dispatch_next
from tests.cast import START, Cast, as_
from tests.portal.helpers import inbound_mail
from tests.postoffice import put_mail

URL = "/projects/ACCREDO/settings/mail"
LATER = START + timedelta(days=1)


def told(*kinds: str) -> set[tuple[str, str]]:
    while dispatch_next():
        pass
    rows = OutboundMail.objects.filter(kind__in=kinds) if kinds else OutboundMail.objects.all()
    return set(rows.values_list("recipient", "kind"))


def chosen(cast: Cast, who: str, *people: Any) -> None:
    """Set who of the staff is told, after dispatching what the cast itself caused."""
    told()
    OutboundMail.objects.all().delete()
    Desk.objects.filter(pk=cast.desk.pk).update(staff_told=who)
    cast.desk.refresh_from_db()
    cast.desk.told_people.set(people)


def opened(cast: Cast, **more: Any) -> Ticket:
    words = {"actor": Actor(cast.anna, "portal"), "requester": cast.anna, **more}
    return open_ticket(
        at=LATER, desk=cast.desk, channel="portal", subject="Не печатает", words=Words("Совсем."), **words
    )


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("", set()),
        ("leads", {"lead@desk.test"}),
        ("everybody", {"lead@desk.test", "agent@desk.test"}),
        ("named", {"agent@desk.test"}),
    ],
)
def test_a_new_request_is_told_to_whom_the_desk_chose(cast: Cast, who: str, expected: set[str]) -> None:
    chosen(cast, who, cast.agent, cast.boris, cast.agent_elsewhere)  # only those who work here count
    opened(cast)
    assert told("new_request") == {(address, "new_request") for address in expected}
    if expected:
        mail = OutboundMail.objects.filter(kind="new_request")[0]
        for words in ("Не печатает", "Анна Петрова (anna@clinic.test)", "Совсем.", "/browse/ACCREDO-2"):
            assert words in mail.text, words


def test_what_a_mail_showed_is_what_the_staff_is_told(cast: Cast) -> None:
    chosen(cast, "leads")
    ticket = opened(cast)
    message = ticket.messages.get()
    for name, folded in (("image001.png", True), ("Скан (1).docx", False)):
        Attachment.objects.create(
            message=message, created_at=LATER, name=name, size=3, digest="0" * 64, folded=folded, searched=1
        )
    table = "Список тех, у кого не открывается:\nФИО\tДата\nКузнецова А.В.\t25.11.2026\nОрлов\t26.11.2026"
    column = table.replace("\t", "\n")
    Message.objects.filter(ticket=ticket).update(layout=table, text=column)
    told()
    mail = OutboundMail.objects.get(kind="new_request")
    assert "ФИО              Дата\nКузнецова А.В.   25.11.2026\nОрлов            26.11.2026" in mail.text
    assert "Кузнецова А.В.</td>" in mail.html and "Файлы: Скан (1).docx" in mail.text

    long = opened(cast)
    Message.objects.filter(ticket=long).update(layout=table + "\nда" * 1_000, text=column)
    told()
    mail = OutboundMail.objects.filter(kind="new_request").latest("id")
    assert "Орлов            26.11.2026\nда\nда" in mail.text and len(mail.text) < 2_000 and "…" in mail.text


def test_nobody_else_is_told_once_somebody_has_it(cast: Cast) -> None:
    chosen(cast, "everybody")
    opened(cast, actor=Actor(cast.lead, "agent"), assignee=cast.agent)
    assert told("new_request", "assigned") == {("agent@desk.test", "assigned")}
    mine = opened(cast, actor=Actor(cast.agent, "agent"))
    assert told("new_request") == {("lead@desk.test", "new_request")}  # not who wrote it down
    assign(actor=Actor(cast.lead, "agent"), at=LATER, ticket=mine, assignee=cast.lead)
    comment(actor=Actor(cast.anna, "portal"), at=LATER, ticket=mine, words=Words("Ещё вопрос"))
    assert told("unassigned") == set()


def test_an_answer_on_a_request_that_nobody_has_is_told(cast: Cast) -> None:
    chosen(cast, "leads")
    comment(actor=Actor(cast.anna, "portal"), at=LATER, ticket=cast.ticket, words=Words("Ещё вопрос"))
    assert told("unassigned") == {("lead@desk.test", "unassigned")}
    assert "Ещё вопрос" in OutboundMail.objects.get(kind="unassigned").text
    OutboundMail.objects.all().delete()
    comment(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, words=Words("Ответ"))
    internal = Message.Kind.INTERNAL
    comment(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, words=Words("тайна"), kind=internal)
    assert told("unassigned") == set()


def test_a_held_mail_on_a_request_that_nobody_has_is_told(cast: Cast) -> None:
    chosen(cast, "leads")
    words, mail = Words("x"), put_mail()
    hold_comment(at=LATER, ticket=cast.ticket, words=words, claimed_author="X <x@y.test>", inbound=mail, why="")
    assert told("held") == {("lead@desk.test", "held")}


def test_who_has_the_request_hears_of_customers_and_of_no_colleague(cast: Cast) -> None:
    assign(actor=Actor(cast.lead, "agent"), at=LATER, ticket=cast.ticket, assignee=cast.agent)
    chosen(cast, "everybody")
    agent, customers = "agent@desk.test", {"anna@clinic.test", "boris@clinic.test"}
    kinds = ("held", "comment", "customer_replied", "closed_by_mail", "unassigned")

    def new() -> set[tuple[str, str]]:
        found = told(*kinds)
        OutboundMail.objects.all().delete()
        return found

    first, second = (
        hold_comment(
            at=LATER, ticket=cast.ticket, words=Words("x"), claimed_author="x", inbound=inbound_mail(raw), why=""
        )
        for raw in (b"From: anna@clinic.test\r\n\r\none", b"From: anna@clinic.test\r\n\r\ntwo")
    )
    assert new() == {(agent, "held")}
    admit_message(actor=Actor(cast.lead, "agent"), at=LATER, message=first)
    assert new() == {(one, "comment") for one in customers}
    admit_own(at=LATER, message=second, person=cast.anna)
    assert new() == {("boris@clinic.test", "comment"), (agent, "customer_replied")}
    comment(actor=Actor(cast.lead, "agent"), at=LATER, ticket=cast.ticket, words=Words("x"))
    assert new() == {(one, "comment") for one in customers}
    comment(actor=Actor(cast.anna, "mail"), at=LATER, ticket=cast.ticket, words=Words("x"))
    assert new() == {("boris@clinic.test", "comment"), (agent, "customer_replied")}


def test_what_strangers_cause_by_themselves_costs_a_budget() -> None:
    assert {(rule.event.kind, rule.template) for rule in RULES if not rule.human} == {
        ("ticket.opened", "activation"), ("ticket.opened", "accepted"), ("ticket.held", "own_address"),
        ("ticket.participants_added", "added"), ("ticket.approval_asked", "approval_asked"),
        ("ticket.approval_reminded", "approval_reminder"),
    }  # fmt: skip


def test_a_lead_chooses_and_takes_it_back(cast: Cast) -> None:
    lead, given = as_(cast.lead), {"hold_seconds": "", "mail_name": "", "mail_from": "", "kinds": []}
    refused = lead.post(URL, {**given, "staff_told": "named"})
    assert refused.status_code == 422 and "Отметьте хотя бы одного человека" in refused.content.decode()
    stranger = lead.post(URL, {**given, "staff_told": "named", "told_people": [cast.boris.pk]})
    assert stranger.status_code == 422
    assert lead.post(URL, {**given, "staff_told": "named", "told_people": [cast.agent.pk]}).status_code == 302
    cast.desk.refresh_from_db()
    assert cast.desk.staff_told == "named" and list(cast.desk.told_people.all()) == [cast.agent]
    history = lead.get("/projects/ACCREDO/settings/history").content.decode()
    assert "<ins>те, кто отмечен ниже</ins>" in history and "<ins>Глеб Орлов</ins>" in history
    event = Event.objects.filter(kind="desk.changed").latest("id")
    lead.post(f"/projects/ACCREDO/settings/history/{event.pk}/undo")
    cast.desk.refresh_from_db()
    assert cast.desk.staff_told == "" and not cast.desk.told_people.exists()


def test_a_kind_that_the_desk_switched_off_is_not_sent(cast: Cast) -> None:
    chosen(cast, "everybody")
    Desk.objects.filter(pk=cast.desk.pk).update(mail_switches={"new_request": False})
    cast.desk.refresh_from_db()
    opened(cast)
    assert told("new_request") == set()


def test_a_desk_may_begin_with_everybody(cast: Cast) -> None:
    desk = add_desk(
        actor=system("cli"), at=START, key="NEW", name="N", address="new@desk.test", told=Desk.Told.EVERYBODY
    )
    set_role(actor=system("cli"), at=START, desk=desk, person=cast.agent_elsewhere, role="agent")
    open_ticket(
        actor=Actor(cast.anna, "portal"), at=timezone.now(), desk=desk, channel="portal", subject="Первый",
        words=Words("x"), requester=cast.anna,
    )  # fmt: skip
    assert told("new_request") == {("far@desk.test", "new_request")}


def test_the_title_says_how_many_requests_nobody_has(cast: Cast) -> None:
    client = as_(cast.agent)
    assert "<title>(1) ACCREDO-1" in client.get("/browse/ACCREDO-1").content.decode()
    opened(cast)
    queue = cast.desk.queues.order_by("position")[0]
    address = f"/projects/ACCREDO/queues/custom/{queue.pk}"
    assert "<title>(2) Все открытые" in client.get(address).content.decode()
    news = client.get(f"{address}/news", {"since": START.isoformat()}).content.decode()
    assert "<title>(2) Все открытые · ACCREDO" in news and 'id="ws-desks"' in news
    none = client.get(f"{address}/news", {"since": (LATER + timedelta(days=9)).isoformat()}).content.decode()
    assert "<title>" not in none
    for ticket in Ticket.objects.all():
        assign(actor=Actor(cast.agent, "agent"), at=LATER, ticket=ticket, assignee=cast.agent)
    assert "<title>ACCREDO-1" in client.get("/browse/ACCREDO-1").content.decode()
    live = client.get("/browse/ACCREDO-1/news", {"shows": "x", "seen": "0"}).content.decode()
    assert "<title>ACCREDO-1" in live

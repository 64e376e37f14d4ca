"""Approvals: approvers see the ticket and answer on its page; the rule and the transitions decide."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from otklik.desks.models import Desk, RequestType, Transition
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.portal.badges import badges_of
from otklik.tickets.access import visible_tickets
from otklik.tickets.commands.approve import answer_approval, ask_approval, withdraw_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Attachment, Message, Ticket, Vote
from otklik.tickets.pumps.approval_reminders import remind_next
from otklik.worker.dispatch import dispatch_next
from tests.cast import NOTE_CANARY, Cast, person
from tests.portal.helpers import as_, card, form
from tests.refusing import refused_as

LIST = "/servicedesk/customer/user/approvals"


@pytest.fixture
def boss(cast: Cast) -> Person:
    return person("Вера Начальник", "boss@clinic.test")


def ask(cast: Cast, *people: Person, rule: str = "one", question: str = "Покупаем?") -> Approval:
    actor = Actor(cast.agent, "agent")
    return ask_approval(actor=actor, at=timezone.now(), ticket=cast.ticket, people=people, rule=rule, question=question)


def answer(person: Person, approval: Approval, approved: bool, words: str = "") -> Approval:
    actor = Actor(person, "portal")
    return answer_approval(actor=actor, at=timezone.now(), approval=approval, approved=approved, words=words)


def mails(kind: str) -> dict[str, str]:
    while dispatch_next():
        pass
    return {mail.recipient: mail.text for mail in OutboundMail.objects.filter(kind=kind).order_by("id")}


def test_an_agent_asks_the_approver_gets_a_mail_sees_the_request_and_approves(cast: Cast, boss: Person) -> None:
    assert as_(boss).get(card(cast)).status_code == 404
    words = {"addresses": "boss@clinic.test", "rule": "one", "question": "Покупаем?"}
    as_(cast.agent).post(f"/browse/{cast.ticket.key}/approvals", words)
    text = mails("approval_asked")["boss@clinic.test"]
    assert "Покупаем?" in text and cast.ticket.subject in text and "/ACCREDO-1" in text
    address = re.findall(r"https?://[^/]+(/servicedesk\S+)", text)[-1]
    page = as_(boss).get(address).content.decode()
    assert "Протокол комиссии не открывается." in page and "js-approve-approval" in page and NOTE_CANARY not in page
    assert "data-pending-approvals" in page
    listed = as_(boss).get(LIST).content.decode()
    assert "ACCREDO-1" in listed and "Анна Петрова" in listed
    approval = Approval.objects.get()
    done = as_(boss).post(card(cast, f"/approval/{approval.pk}/approve"), {"words": "Да, **покупаем**"})
    assert done.status_code == 302
    approval.refresh_from_db()
    assert approval.state == "approved"
    assert Vote.objects.get().words == "Да, **покупаем**"
    assert "ACCREDO-1" not in as_(boss).get(LIST).content.decode()
    assert "ACCREDO-1" in as_(boss).get(LIST + "?approvalQueryType=myApproval").content.decode()
    seen = as_(cast.anna).get(card(cast)).content.decode()
    assert "Согласовано: Вера Начальник" in seen and "Да, **покупаем**" in seen
    assert "Согласовано" in as_(cast.agent).get(f"/browse/{cast.ticket.key}").content.decode()


def test_looking_decides_nothing(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    for client in (Client(), as_(boss)):
        for act in ("approve", "decline"):
            assert client.get(card(cast, f"/approval/{approval.pk}/{act}")).status_code in {302, 405}
        client.get(card(cast))
    approval.refresh_from_db()
    assert approval.state == "pending"


def test_one_no_declines_and_all_must_agree_where_the_rule_says_so(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss, cast.boris, rule="all")
    assert answer(boss, approval, True).state == "pending"
    assert answer(cast.boris, approval, True).state == "approved"
    second = ask(cast, boss, cast.boris, rule="all")
    assert answer(cast.boris, second, False, "дорого").state == "declined"
    third = ask(cast, boss, cast.boris, rule="one")
    assert answer(boss, third, True).state == "approved"
    with refused_as("ticket.approval_decided"):
        answer(cast.boris, third, False)


def test_the_table_moves_the_request_where_the_desk_says_so(cast: Cast, boss: Person) -> None:
    answer(boss, ask(cast, boss), True)
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == "Открытый"
    Transition.objects.filter(desk=cast.desk, name="Взять в работу").update(on_approved=True)
    Transition.objects.filter(desk=cast.desk, name="Закрыть").update(on_declined=True)
    answer(boss, ask(cast, boss), True)
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == "В работе"
    answer(boss, ask(cast, boss), False, "Нет денег")
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == "Закрыт" and cast.ticket.closed_at is not None
    assert "Статус изменён на <strong>Закрыт</strong>" in as_(cast.anna).get(card(cast)).content.decode()


def test_the_decision_is_mailed_to_the_people_on_the_request_and_to_who_asked(cast: Cast, boss: Person) -> None:
    answer(boss, ask(cast, boss), False, "Слишком дорого")
    told, staff = mails("approval_decided"), mails("approval_told")
    assert set(told) == {"anna@clinic.test", "boris@clinic.test"} and set(staff) == {"agent@desk.test"}
    assert "отклонено" in told["anna@clinic.test"] and "Слишком дорого" in told["anna@clinic.test"]


@pytest.mark.parametrize("role", ["asked", "has the request"])
def test_a_former_agent_is_told_nothing_of_a_request(cast: Cast, boss: Person, role: str) -> None:
    former = person("Ушедший Агент", "former@desk.test")
    former.memberships.create(desk=cast.desk, role="agent")
    actor = Actor(former if role == "asked" else cast.agent, "agent")
    if role == "has the request":
        assign(actor=actor, at=timezone.now(), ticket=cast.ticket, assignee=former)
    approval = ask_approval(
        actor=actor, at=timezone.now(), ticket=cast.ticket, people=[boss], rule="one", question="Покупаем?"
    )
    mails("")
    former.memberships.all().delete()
    answer(boss, approval, False, "Слишком дорого")
    comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words("Почему?"))
    mails("")
    told = set(OutboundMail.objects.filter(recipient="former@desk.test").values_list("kind", flat=True))
    assert told <= {"assigned"}, "that was when the person still worked there"
    assert OutboundMail.objects.filter(kind="approval_decided").exists()


def test_a_request_type_asks_by_itself_but_nobody_about_an_own_request(cast: Cast, boss: Person) -> None:
    kind = RequestType.objects.filter(desk=cast.desk).order_by("position")[0]
    kind.approval_rule = "all"
    kind.save()
    kind.approvers.set([boss, cast.boris])
    as_(cast.boris).post(form(cast), {"summary": "Новый ноутбук", "description": "Нужен"})
    ticket = Ticket.objects.latest("id")
    assert [vote.person for vote in Approval.objects.get(ticket=ticket).votes.all()] == [boss]
    assert "boss@clinic.test" in mails("approval_asked")


def test_ab_44_only_who_is_asked_answers_and_only_as_long_as_asked(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    for who in (cast.anna, cast.boris, cast.agent, cast.stranger, cast.agent_elsewhere, cast.admin):
        with refused_as("ticket.not_an_approver"):
            answer(who, approval, True)
        assert as_(who).post(card(cast, f"/approval/{approval.pk}/approve")).status_code == 404
    for who in (cast.anna, boss, cast.stranger):
        with refused_as("ticket.staff_only"):
            withdraw_approval(actor=Actor(who, "portal"), at=timezone.now(), approval=approval)
        with refused_as("ticket.staff_only"):
            ask_approval(
                actor=Actor(who, "portal"), at=timezone.now(), ticket=cast.ticket, people=[cast.stranger], rule="one"
            )
    withdraw_approval(actor=Actor(cast.agent, "agent"), at=timezone.now(), approval=approval)
    assert not visible_tickets(boss).exists() and as_(boss).get(card(cast)).status_code == 404
    assert badges_of(boss).approvals == 0
    with refused_as("ticket.not_an_approver"):
        answer(boss, approval, True)


def test_ab_47_an_approver_reads_what_customers_read_and_may_only_answer(
    cast: Cast, boss: Person, home: object
) -> None:
    note = Message.objects.get(ticket=cast.ticket, kind="internal")
    file = SimpleUploadedFile("a.txt", b"a")
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "файл", "attachments": file})
    ask(cast, boss)
    client, attachment = as_(boss), Attachment.objects.get()
    assert client.get(f"/servicedesk/customershim/secure/attachment/{attachment.pk}/a.txt").status_code == 200
    page = client.get(card(cast)).content.decode()
    assert 'name="comment"' not in page and NOTE_CANARY not in page
    for tail in ("/comment", "/share"):
        assert client.post(card(cast, tail), {"comment": "x", "email": "x@y.test"}).status_code == 422, tail
    close = Transition.objects.get(desk=cast.desk, name="Закрыть")
    client.post(card(cast, f"/transition/{close.pk}"))
    client.post(card(cast, "/notifications"), {"muted": "1"})
    client.post(card(cast, f"/share/{cast.boris.pk}/remove"))
    client.post(card(cast, "/rating"), {"score": 1})
    assert client.get(card(cast, f"/message/{note.pk}/frame")).status_code == 404
    assert client.get(f"/browse/{cast.ticket.key}").status_code == 302  # to the card
    assert client.post(f"/browse/{cast.ticket.key}/note", {"comment": "x"}).status_code == 404
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == "Открытый" and cast.ticket.participants.filter(removed_at=None).count() == 2
    assert Message.objects.filter(ticket=cast.ticket).count() == 4


def test_an_approver_is_offered_nothing_that_only_people_on_the_request_may_do(cast: Cast, boss: Person) -> None:
    ask(cast, boss)
    assert "/transition/" in as_(cast.anna).get(card(cast)).content.decode()
    assert "/transition/" not in as_(boss).get(card(cast)).content.decode()


def test_who_has_answered_answers_no_second_time_while_others_are_awaited(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss, cast.boris, rule="all")
    answer(boss, approval, True, "Да")
    for again in (True, False):
        with refused_as("ticket.approval_decided"):
            answer(boss, approval, again, "Передумала")
    vote = Vote.objects.get(person=boss)
    assert (vote.answer, vote.words) == ("approved", "Да")
    approval.refresh_from_db()
    assert (approval.state, Event.objects.filter(kind="ticket.approval_answered").count()) == ("pending", 1)
    as_(boss).post(card(cast, f"/approval/{approval.pk}/decline"), {"words": "Передумала"})
    approval.refresh_from_db()
    assert approval.state == "pending"


def test_what_makes_no_sense_is_refused(cast: Cast, boss: Person) -> None:
    for people in ([], [cast.anna], [person(f"P{n}", f"p{n}@x.test") for n in range(11)]):
        with refused_as("ticket.approvers_missing", "ticket.own_request", "ticket.too_many_approvers"):
            ask(cast, *people)
    ask(cast, boss)
    with refused_as("ticket.approval_pending"):
        ask(cast, cast.boris)
    as_(cast.agent).post(f"/browse/{cast.ticket.key}/approvals", {"addresses": "nonsense", "rule": "one"})
    as_(cast.agent).post(f"/browse/{cast.ticket.key}/approvals", {"addresses": "", "rule": "one"})
    assert Approval.objects.count() == 1


def test_ab_88_a_request_of_an_unproved_sender_mails_none_of_its_words_to_approvers(cast: Cast, boss: Person) -> None:
    kind = RequestType.objects.filter(desk=cast.desk).order_by("position")[0]
    kind.approval_rule = "one"
    kind.save()
    kind.approvers.set([boss])
    open_ticket(
        actor=system("mail"),
        at=timezone.now(),
        desk=cast.desk,
        channel="mail",
        subject="Купите у нас CANARY-77",
        words=Words("CANARY-77"),
        requester=cast.stranger,
        request_type=kind,
        sender_unverified=True,
    )
    assert "CANARY-77" not in mails("approval_asked")["boss@clinic.test"]


def test_a_question_of_several_lines_is_mailed_as_it_was_typed(cast: Cast, boss: Person) -> None:
    actor, question = Actor(cast.agent, "agent"), "Дать доступ?\nПрава: 5*3*2 <печать>\n\nСрок: год"
    ask_approval(actor=actor, at=timezone.now(), ticket=cast.ticket, people=[boss], rule="one", question=question)
    assert question in mails("approval_asked")["boss@clinic.test"]
    mail = OutboundMail.objects.get(kind="approval_asked", recipient="boss@clinic.test")
    assert "Дать доступ?<br>Права: 5*3*2 &lt;печать&gt;<br><br>Срок: год" in mail.html


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/servicedesk/customer/approval/\S+)", text)
    assert found
    return found.group(1)


def test_ab_92_the_link_of_the_mail_asks_first_and_answers_by_its_button(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    address = link_in(mails("approval_asked")["boss@clinic.test"])
    stranger = Client()
    shown = stranger.get(address)
    page = shown.content.decode()
    assert shown.status_code == 200 and "Покупаем?" in page and cast.ticket.subject in page
    assert "Протокол комиссии не открывается." not in page and NOTE_CANARY not in page
    assert shown.headers["Referrer-Policy"] == "strict-origin" and "no-store" in shown.headers["Cache-Control"]
    assert Vote.objects.get().answer == ""  # looking answers nothing
    assert stranger.post(address, {"answer": "maybe"}).status_code == 404 and Vote.objects.get().answer == ""
    done = stranger.post(address, {"answer": "approve", "words": "Да"}).content.decode()
    assert "Вы согласовали запрос" in done
    approval.refresh_from_db()
    vote = Vote.objects.get()
    assert (approval.state, vote.answer, vote.words) == ("approved", "approved", "Да")
    assert Event.objects.get(kind="ticket.approval_answered").via == "mail"
    again = stranger.post(address, {"answer": "decline"}).content.decode()
    assert "уже принято" in again or "решено" in again
    assert Vote.objects.get().answer == "approved" and 'name="answer"' not in again


def test_a_link_is_worth_nothing_when_it_is_forged_withdrawn_or_not_wanted(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    text = mails("approval_asked")["boss@clinic.test"]
    address = link_in(text)
    for wrong in (f"{address}x", address.replace(f"/{Vote.objects.get().pk}:", "/999999:")):
        assert Client().get(wrong).status_code == Client().post(wrong, {"answer": "approve"}).status_code == 404
    Desk.objects.filter(pk=cast.desk.pk).update(approval_links=False)
    assert Client().get(address).status_code == 404
    Desk.objects.filter(pk=cast.desk.pk).update(approval_links=True)
    withdraw_approval(actor=Actor(cast.agent, "agent"), at=timezone.now(), approval=approval)
    assert Client().post(address, {"answer": "approve"}).status_code == 404
    Desk.objects.filter(pk=cast.desk.pk).update(approval_links=False)
    ask(cast, boss, question="Ещё раз?")
    newest = OutboundMail.objects.filter(kind="approval_asked")
    mails("approval_asked")
    assert "/customer/approval/" not in newest.latest("id").text and "нажмите «Согласовать»" in newest.latest("id").text


def test_who_does_not_answer_is_reminded_once(cast: Cast, boss: Person) -> None:
    other = person("Олег Второй", "second@clinic.test")
    approval = ask(cast, boss, other, rule="all")
    answer(other, approval, True)
    asked = approval.asked_at
    assert not remind_next(asked + timedelta(days=2, seconds=-1))
    assert remind_next(asked + timedelta(days=2)) and not remind_next(asked + timedelta(days=9))
    reminded = mails("approval_reminder")
    assert list(reminded) == ["boss@clinic.test"] and "Напоминание" in reminded["boss@clinic.test"]
    assert link_in(reminded["boss@clinic.test"]) == link_in(mails("approval_asked")["boss@clinic.test"])
    assert "Напомнили о согласовании" in as_(cast.agent).get("/browse/ACCREDO-1").content.decode()


def test_nobody_is_reminded_where_nothing_waits_or_the_desk_does_not_want_it(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    later = approval.asked_at + timedelta(days=30)
    Desk.objects.filter(pk=cast.desk.pk).update(approval_reminder_days=0)
    assert not remind_next(later)
    Desk.objects.filter(pk=cast.desk.pk).update(approval_reminder_days=2)
    Ticket.objects.filter(pk=cast.ticket.pk).update(closed_at=later)
    assert not remind_next(later)
    Ticket.objects.filter(pk=cast.ticket.pk).update(closed_at=None)
    answer(boss, approval, False, "Нет")
    assert not remind_next(later)

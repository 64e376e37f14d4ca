"""Texts of approvals: the mail, a reason for a refusal, a question, the decision."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from otklik.desks.models import Field, RequestType
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.approve import MOST_QUESTIONS, ask_about, ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.drafts import Hand, Place, keep_draft
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Approval, Draft, Message, Ticket, Vote
from otklik.tickets.pumps.approval_reminders import remind_next
from tests.cast import Cast
from tests.portal.helpers import as_, card
from tests.portal.test_approvals import answer, ask, boss, link_in, mails
from tests.refusing import refused_as

__all__ = ["boss"]


def opened(cast: Cast, boss: Person, **more: Any) -> Ticket:
    """Return a ticket of a type with two fields and an automatic approval by the boss."""
    kind = RequestType.objects.filter(desk=cast.desk).order_by("position")[0]
    kind.approval_rule = "one"
    kind.save()
    kind.approvers.set([boss])
    for place, label in enumerate(("Система", "Права")):
        Field.objects.create(request_type=kind, key=f"customfield_80{place}", kind="text", label=label, position=90)
    words = {
        "actor": Actor(cast.anna, "portal"),
        "subject": "Доступ новой сотруднице",
        "words": Words("Прошу открыть доступ."),
        "requester": cast.anna,
        "answers": {"customfield_800": "ЭМК", "customfield_801": "Чтение"},
        "files": [NewFile("приказ.pdf", "application/pdf", 3, "0" * 64)],
        **more,
    }
    return open_ticket(at=timezone.now(), desk=cast.desk, channel="portal", request_type=kind, **words)


def test_the_mail_that_asks_lets_one_decide(cast: Cast, boss: Person) -> None:
    ticket = opened(cast, boss)
    for kind in ("approval_asked", "approval_reminder"):
        if kind == "approval_reminder":
            Approval.objects.update(asked_at=timezone.now() - timedelta(days=5))
            assert remind_next()
        text = mails(kind)["boss@clinic.test"]
        for words in (
            ticket.key, "Доступ новой сотруднице", "Кто просит: Анна Петрова (anna@clinic.test)", "Система: ЭМК",
            "Права: Чтение", "Прошу открыть доступ.", "Файлы: приказ.pdf", "/approval/", f"/{ticket.key}",
        ):  # fmt: skip
            assert words in text, words
    page = Client().get(link_in(text)).content.decode()
    for words in ("Анна Петрова", "ЭМК", "Чтение", "приказ.pdf", "Доступ новой сотруднице"):
        assert words in page
    assert "Прошу открыть доступ." not in page  # the conversation needs a login (AB-92)


def test_an_agent_who_asks_is_named_with_the_question(cast: Cast, boss: Person) -> None:
    ask(cast, boss)
    assert "Вопрос (Глеб Орлов): Покупаем?" in mails("approval_asked")["boss@clinic.test"]


def test_ab_88_nothing_that_an_unproved_sender_chose_is_in_the_mail_or_behind_its_link(
    cast: Cast, boss: Person
) -> None:
    opened(cast, boss, sender_unverified=True, requester=cast.stranger)
    text = mails("approval_asked")["boss@clinic.test"]
    page = Client().get(link_in(text)).content.decode()
    for words in ("Степан", "ЭМК", "Чтение", "приказ", "Прошу открыть", "Доступ новой"):
        assert words not in text and words not in page, words


COLUMNS = "ФИО        Сумма\n\tИванова    1 000\n* 5*3*2 C:\\_x_"


def test_what_is_asked_and_answered_keeps_its_lines_and_blanks_in_mails_and_on_pages(cast: Cast, boss: Person) -> None:
    row = ask(cast, boss, question=COLUMNS)
    assert COLUMNS in mails("approval_asked")["boss@clinic.test"]
    kept = f'<span style="white-space:pre-wrap;">{COLUMNS.replace(chr(10), "<br>")}</span>'
    assert kept in OutboundMail.objects.get(kind="approval_asked").html
    assert f'<p class="kept-blanks">{COLUMNS}</p>' in as_(cast.agent).get("/browse/ACCREDO-1").content.decode()
    answer(boss, row, approved=False, words=COLUMNS)
    mails("")
    told = OutboundMail.objects.filter(kind__startswith="approval_").exclude(kind="approval_asked")
    assert told.exists() and all(kept in mail.html and COLUMNS in mail.text for mail in told)
    for who, address in ((cast.agent, "/browse/ACCREDO-1"), (cast.anna, card(cast))):
        page = as_(who).get(address).content.decode()
        assert COLUMNS in page.split("kept-blanks", 1)[1]


def test_a_verdict_is_a_sentence_that_does_not_sound_like_the_end_of_the_request(cast: Cast, boss: Person) -> None:
    answer(boss, ask(cast, boss), False, "Нет основания")
    for kind, who in (("approval_decided", "anna@clinic.test"), ("approval_told", "agent@desk.test")):
        text = mails(kind)[who]
        assert "Согласование отклонено" in text and "Вера Начальник не даёт согласия: «Нет основания»" in text
    OutboundMail.objects.all().delete()
    answer(boss, ask(cast, boss), True)
    assert "Вера Начальник даёт согласие." in mails("approval_decided")["anna@clinic.test"]


def test_a_refusal_needs_a_reason_on_the_card_and_by_the_link(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    with refused_as("ticket.reason_missing"):
        answer(boss, approval, False, "  \n")
    refused = as_(boss).post(card(cast, f"/approval/{approval.pk}/decline"), {"words": " "})
    page = refused.content.decode()
    assert refused.status_code == 422 and "Напишите причину" in page and 'aria-invalid="true" autofocus' in page
    link = link_in(mails("approval_asked")["boss@clinic.test"])
    by_link = Client().post(link, {"answer": "decline", "words": ""})
    asked = by_link.content.decode()
    assert by_link.status_code == 422 and "Напишите причину" in asked and "<h1>Нужно ваше согласование</h1>" in asked
    assert Vote.objects.get().answer == ""
    done = Client().post(link, {"answer": "decline", "words": "Нет основания"}).content.decode()
    assert "Вы не дали согласия." in done and "Нет основания" in done and "<h1>Согласование</h1>" in done
    approval.refresh_from_db()
    assert approval.state == "declined"


def test_who_is_asked_may_ask_first_and_gets_the_answer_until_the_decision(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    empty = as_(boss).post(card(cast, f"/approval/{approval.pk}/ask"), {"words": ""})
    assert empty.status_code == 422 and "Напишите вопрос" in empty.content.decode()
    asked = as_(boss).post(card(cast, f"/approval/{approval.pk}/ask"), {"words": "На какой срок?"})
    assert asked.status_code == 302
    message = Message.objects.latest("id")
    assert (message.text, message.author, message.kind) == ("На какой срок?", boss, "public")
    approval.refresh_from_db()
    cast.ticket.refresh_from_db()
    assert approval.state == "pending" and cast.ticket.status.name == "Открытый"
    assert not cast.ticket.participants.filter(person=boss).exists()
    assert "На какой срок?" in mails("comment")["anna@clinic.test"]
    assert "На какой срок?" in mails("customer_replied")["agent@desk.test"]  # who asked for the approval
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("До мая."))
    note = Message.Kind.INTERNAL
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("тайна"), kind=note)
    text = mails("approval_talk")["boss@clinic.test"]
    assert "До мая." in text and "тайна" not in text and "/approval/" in text
    answer(boss, approval, True)
    OutboundMail.objects.all().delete()
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("Спасибо"))
    assert not mails("approval_talk")


def test_what_was_said_before_the_question_is_no_answer_to_it(cast: Cast, boss: Person) -> None:
    mails("comment")
    approval = ask(cast, boss)
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("Смотрим."))
    ask_about(actor=Actor(boss, "portal"), at=timezone.now(), approval=approval, words="На какой срок?")
    assert not mails("approval_talk")
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("До мая."))
    assert "До мая." in mails("approval_talk")["boss@clinic.test"]


def test_ab_92_who_is_asked_on_two_requests_gets_the_link_of_the_one_that_is_talked_about(
    cast: Cast, boss: Person
) -> None:
    mine: dict[str, Any] = {
        "actor": Actor(cast.anna, "portal"),
        "desk": cast.desk,
        "channel": "portal",
        "requester": cast.anna,
    }
    other = open_ticket(**mine, at=timezone.now(), subject="Другой", words=Words("Другое"))
    ask(cast, boss)
    by_agent: dict[str, Any] = {"actor": Actor(cast.agent, "agent"), "at": timezone.now(), "ticket": other}
    approval = ask_approval(**by_agent, people=[boss], rule="one", question="И это?")
    ask_about(actor=Actor(boss, "portal"), at=timezone.now(), approval=approval, words="На какой срок?")
    comment(**{**by_agent, "at": timezone.now()}, words=Words("До мая."))
    link = link_in(mails("approval_talk")["boss@clinic.test"])
    assert "Другой" in Client().get(link).content.decode()


def test_a_question_by_the_link_needs_no_login_and_others_cannot_ask(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    link = link_in(mails("approval_asked")["boss@clinic.test"])
    page = Client().post(link, {"answer": "ask", "words": "Зачем?"}).content.decode()
    assert "Вопрос записан" in page and 'value="approve"' in page
    assert Message.objects.latest("id").text == "Зачем?"
    for who in (cast.anna, cast.boris, cast.agent, cast.stranger):
        with refused_as("ticket.not_an_approver"):
            ask_about(actor=Actor(who, "portal"), at=timezone.now(), approval=approval, words="x")
        assert as_(who).post(card(cast, f"/approval/{approval.pk}/ask"), {"words": "x"}).status_code == 404
    for number in range(MOST_QUESTIONS - 1):
        ask_about(actor=Actor(boss, "portal"), at=timezone.now(), approval=approval, words=f"{number}")
    over = Client().post(link, {"answer": "ask", "words": "ещё один"})
    assert over.status_code == 422 and "ещё один" in over.content.decode()
    # What was said before this question was asked does not count.
    Message.objects.filter(author=boss).update(created_at=approval.asked_at - timedelta(minutes=1))
    ask_about(actor=Actor(boss, "portal"), at=timezone.now(), approval=approval, words="ещё один")


def test_the_card_says_how_the_approval_stands(cast: Cast, boss: Person) -> None:
    approval = ask(cast, boss)
    assert "Ждём согласования" in as_(cast.anna).get(card(cast)).content.decode()
    answer(boss, approval, False, "Нет <основания>")
    page = as_(cast.anna).get(card(cast)).content.decode()
    assert "Согласие не дано" in page and "Вера Начальник: «Нет &lt;основания&gt;»" in page
    assert "принят и ждёт" not in page
    answer(boss, ask(cast, boss), True)
    assert "Согласие получено: Вера Начальник." in as_(cast.anna).get(card(cast)).content.decode()
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("Открыли."))
    assert "Согласие получено" not in as_(cast.anna).get(card(cast)).content.decode()


def test_the_activity_tells_of_answers_where_somebody_answered(cast: Cast, boss: Person) -> None:
    take = cast.desk.transitions.get(name="Взять в работу")
    change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=take)
    plain = as_(cast.anna).get(card(cast)).content.decode()
    answer(boss, ask(cast, boss), True)
    agreed = as_(cast.anna).get(card(cast)).content.decode()
    answer(boss, ask(cast, boss), False, "Нет")
    refused = as_(cast.anna).get(card(cast)).content.decode()
    for page, given, denied in ((plain, 0, 0), (agreed, 1, 0), (refused, 1, 1)):
        assert (page.count("Согласовано: Вера Начальник"), page.count("Согласие не дано: ")) == (given, denied)


def test_agents_read_the_reason_in_the_history(cast: Cast, boss: Person) -> None:
    answer(boss, ask(cast, boss), False, "Нет основания")
    assert "Вера Начальник: «Нет основания»" in as_(cast.agent).get("/browse/ACCREDO-1").content.decode()


def test_ab_44_what_who_is_asked_has_begun_is_shown_to_nobody_else_who_has_the_link(cast: Cast, boss: Person) -> None:
    ticket = opened(cast, boss)
    link, place = link_in(mails("approval_asked")["boss@clinic.test"]), Approval.objects.get().pk
    keep_draft(
        person=boss,
        at=timezone.now(),
        place=Place(Draft.Kind.APPROVAL, place, ticket.pk),
        words={"words": ["Сомневаюсь в Анне"]},
        files={},
        by=Hand(),
    )
    for reader in (Client(), as_(cast.stranger), as_(cast.anna), as_(cast.agent)):
        assert "Сомневаюсь в Анне" not in reader.get(link).content.decode()
    assert "Сомневаюсь в Анне" in as_(boss).get(link).content.decode()

"""Closing, reopening and rating a ticket by answering a mail."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from otklik.desks.models import Transition
from otklik.intake.reply_commands import Order, Wish, order_in
from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Message, Rating, Ticket
from tests.cast import Cast
from tests.intake.test_decisions import inject, signed
from tests.postoffice import letter, run_all


def close(cast: Cast) -> Ticket:
    row = Transition.objects.get(desk=cast.desk, name="Закрыть")
    change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=row)
    cast.ticket.refresh_from_db()
    return cast.ticket


def answer(cast: Cast, text: str, sender: str = "Анна Петрова <anna@clinic.test>") -> InboundMail:
    who = cast.anna if "anna" in sender else cast.boris
    to = signed(who, cast.ticket)
    mail = inject(letter(sender=sender, to=to, subject="Re: ACCREDO-1", text=text), to=to)
    cast.ticket.refresh_from_db()
    return mail


@pytest.mark.parametrize(
    ("text", "score", "words"),
    [
        ("5", 5, ""),
        (" 4. ", 4, ""),
        ("оценка 5 спасибо", 5, "спасибо"),
        ("Оценка: 3", 3, ""),
        ("5/5", 5, ""),
        ("5 из 5, спасибо большое", 5, "спасибо большое"),
        ("2\nДолго ждали.", 2, "Долго ждали."),
        ("5 спасибо!", 5, "спасибо!"),
        ("5\n\nОльга быстро ответила", 5, "Ольга быстро ответила"),
        ("rating 4", 4, ""),
        ("5 — большое спасибо, Ольга!", 5, "большое спасибо, Ольга!"),
        ("5 баллов", 5, ""),
        ("5, всё работает, спасибо", 5, "всё работает, спасибо"),
        ("4/5 thanks a lot", 4, "thanks a lot"),
        ("Спасибо, 5 баллов!", 5, "Спасибо"),
        ("Отлично! Оценка: 4", 4, "Отлично!"),
        ("Благодарю вам за помощь.\n\n5", 5, "Благодарю вам за помощь."),
        ("Пять. Спасибо большое!", 5, "Спасибо большое!"),
        ("Четвёрку", 4, ""),
        ("5+", 5, ""),
        ("Ставлю 5 🙂", 5, ""),
        ("5👍🏻", 5, ""),
        ("«3»", 3, ""),
        ("Большое спасибо, твёрдая 5!", 5, "Большое спасибо"),
        ("Five, thank you", 5, "thank you"),
    ],
)
def test_what_is_a_rating(cast: Cast, text: str, score: int, words: str) -> None:
    assert order_in(text, close(cast), cast.anna, timezone.now()) == Order(Wish.RATE, score, words)


@pytest.mark.parametrize(
    "text",
    [
        "5 минут назад опять сломалось",
        "6",
        "0",
        "50",
        "Не работает 5",
        "спасибо",
        "5 протоколов не открываются",
        "",
        "1-я ошибка",
        "4/5 сотрудников не могут войти",
        "5/5 врачей не видят реестр",
        "1 из 5 файлов не приложился",
        "3 of 5 users cannot log in",
        "Оценка 5 врачей не сохраняется",
        "ставлю 5 галочек, а форма не уходит",
        "2/5 файлов",
        "5 спасибо, но отчёт пустой",
        "Спасибо, 5 не работает",
        "Спасибо! 12",
        "Хорошо, 2 кабинета",
        "5, спасибо! А когда пришлют приказ?",
        "5\nИ снова не открывается реестр",
        "1) не открывается реестр",
        "4-5 человек ждут",
        "1\n2\n3",
        "5\nКабинет 12, принтер стучит",
        "3\n\nДа, в обед.",
        "2\nПринтер на втором этаже",
        "Два дня ждём",
        "пять принтеров",
        "один из нас так и не вошёл",
        "5 %",
        "👍",
        "2 двойки",
    ],
)
def test_what_is_no_rating(cast: Cast, text: str) -> None:
    assert order_in(text, close(cast), cast.anna, timezone.now()) is None


@pytest.mark.parametrize(
    "text", ["закрыть", "Закройте, пожалуйста!", "Close", "ЗАКРЫТЬ ЗАПРОС\nвсё заработало", "можно закрывать"]
)
def test_what_closes(cast: Cast, text: str) -> None:
    order = order_in(text, cast.ticket, cast.anna, timezone.now())
    assert order is not None and order.wish is Wish.CLOSE


@pytest.mark.parametrize("text", ["закрыть окно не получается", "не закрыть", "Добрый день!\nзакрыть", "5", "закрыто"])
def test_what_closes_nothing(cast: Cast, text: str) -> None:
    assert order_in(text, cast.ticket, cast.anna, timezone.now()) is None


def test_a_bare_number_rates_and_does_not_reopen(people: Cast, sink: object) -> None:
    close(people)
    run_all()
    count = OutboundMail.objects.count()
    mail = answer(people, "5\n\nСпасибо!")
    assert (Rating.objects.get().score, Rating.objects.get().words) == (5, "Спасибо!")
    assert people.ticket.closed_at is not None and OutboundMail.objects.count() == count
    assert (mail.state, mail.fate, mail.ticket_key) == ("filed", "comment", "ACCREDO-1")
    message = Message.objects.get(inbound=mail)
    assert "@rates" in message.why and message.text.startswith("5")


def test_a_number_of_somebody_else_or_on_an_open_request_is_a_comment(people: Cast, sink: object) -> None:
    answer(people, "5")
    assert not Rating.objects.exists()
    close(people)
    answer(people, "5", sender="Борис <boris@clinic.test>")
    assert not Rating.objects.exists() and people.ticket.closed_at is None


def test_close_by_a_word_is_told_with_a_button_that_undoes_it(people: Cast, sink: object) -> None:
    run_all()
    mail = answer(people, "Закрыть\n\nвсё заработало, спасибо")
    assert people.ticket.closed_at is not None
    assert "@asks_to_close" in Message.objects.get(inbound=mail).why
    told = OutboundMail.objects.get(recipient="anna@clinic.test", kind="closed_by_mail")
    assert "по вашей просьбе" in told.text
    colleague = OutboundMail.objects.filter(recipient="boris@clinic.test").latest("id")
    assert colleague.kind == "comment" and "всё заработало" in colleague.text
    found = re.search(r"https?://[^/\s]+(/servicedesk/customer/reopen/\S+)", told.text)
    assert found
    assert Client().get(found[1]).status_code == 200 and Client().head(found[1]).status_code == 200
    people.ticket.refresh_from_db()
    assert people.ticket.closed_at is not None
    assert "снова открыт" in Client().post(found[1]).content.decode()
    people.ticket.refresh_from_db()
    assert people.ticket.closed_at is None
    assert "уже открыт" in Client().post(found[1]).content.decode()


def test_ab_01_ab_06_a_claimed_sender_closes_and_rates_nothing(people: Cast, sink: object) -> None:
    raw = letter(subject="Re: ACCREDO-1", text="закрыть")
    inject(raw)
    people.ticket.refresh_from_db()
    assert people.ticket.closed_at is None
    close(people)
    inject(letter(subject="Re: ACCREDO-1", text="1"))
    assert not Rating.objects.exists()

"""The demo's canned answers."""

from django.utils import timezone

from otklik.desks.commands.canned_answers import add_canned_answer
from otklik.desks.models import Desk
from otklik.people.actor import system

_ANSWERS = (
    (
        "Начало и конец",
        "Приветствие",
        {
            "ru": "Здравствуйте, {person.name}!\n\n\n\nС уважением,\n{agent.name}",
            "en": "Hello {person.name},\n\n\n\nKind regards\n{agent.name}",
        },
    ),
    (
        "Уточнить",
        "Попросить снимок экрана",
        {
            "ru": "Пришлите, пожалуйста, снимок экрана с текстом ошибки: нажмите Print Screen и вставьте его в ответ"
            " (Ctrl+V). Укажите и точное время, когда она появилась.",
            "en": "Please send us a screenshot of the error: press Print Screen and paste it into your answer (Ctrl+V)."
            " Please tell us the exact time, too.",
        },
    ),
    (
        "Закрыть",
        "Готово, проверьте",
        {
            "ru": "{person.name}, запрос {ticket.key} выполнен. Проверьте, пожалуйста, и ответьте на это письмо, если"
            " что-то не так.{if desk.phone} Можно и позвонить: {desk.phone}.{end}",
            "en": "{person.name}, your request {ticket.key} is done. Please check it, and answer this mail if anything"
            " is wrong.{if desk.phone} Or call us: {desk.phone}.{end}",
        },
    ),
)


def add_canned_answers(desk: Desk) -> None:
    """Give the desk three canned answers in both languages."""
    for folder, name, texts in _ANSWERS:
        values = {"folder": folder, "name": name, "texts": {code: {"text": text} for code, text in texts.items()}}
        add_canned_answer(actor=system("demo"), at=timezone.now(), desk=desk, values=values)

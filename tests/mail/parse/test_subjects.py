"""New text in the subject of an answer."""

import pytest

from otklik.mail.parse.reply import new_subject

KNOWN = ["HELP-7 Не печатает принтер!!!", "Не печатает принтер!!!", "Принтер на 2 этаже", "HELP-7 Принтер на 2 этаже"]
NOTHING = [
    "Re: HELP-7 Не печатает принтер!!!", "HELP-7 Не печатает принтер!!!", "RE: Re[2]: Re: Не печатает принтер", "",
    "[EXTERNAL] Re: HELP-7 Не печатает принтер!!!", "***SPAM*** Re: HELP-7 Не печатает принтер!!!", "Re: HELP-7", "Re:",
    "Отв: HELP-7 Не печатает", "Re: HELP-7 Не печатает прин...", "AW: HELP-7  Принтер на\n 2 этаже", "Fwd: Re: help-7",
    "Re: [HELP-7] Не печатает принтер", "НА: HELP-7 Не печатает принтер!!!", "Re: HELP-7: Не печатает принтер!!!",
    "Re: HELP-7 Не печатает принтер!", "HELP-7", "...",
]  # fmt: skip
NEW = {
    "ДА, УДАЛЯЙТЕ Re: HELP-7 Не печатает принтер!!!": "ДА, УДАЛЯЙТЕ",
    "Re: HELP-7 Не печатает принтер!!! - да, согласен на удаление": "да, согласен на удаление",
    "Re: HELP-7 Не печатает принтер!!! (уже печатает)": "уже печатает",
    "Re: Да! HELP-7 Не печатает принтер!!! спасибо": "Да! спасибо",
    "Уже печатает (was: Re: HELP-7 Не печатает принтер!!!)": "Уже печатает",
    "Re: Пароль не подходит": "Пароль не подходит",
    "Re: HELP-7 всё хорошо": "всё хорошо",
    "Нет: Re: HELP-7 Принтер на 2 этаже": "Нет:",
    "Re: HELP-7 Принтер на 2 этаже +": "+",
    "Re: HELP-7 Принтер на 2 этаже 1120": "1120",
    "Re: HELP-71": "HELP-71",
    "Re: 👍": "👍",
}


@pytest.mark.parametrize("subject", NOTHING)
def test_nothing_is_added_to_a_known_subject(subject: str) -> None:
    assert new_subject(subject, KNOWN, "HELP-7") == ""


@pytest.mark.parametrize("subject", NEW)
def test_words_in_a_changed_subject(subject: str) -> None:
    assert new_subject(subject, KNOWN, "HELP-7") == NEW[subject]

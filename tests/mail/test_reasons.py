"""Reasons are stored as codes and shown in the reader's language."""

import importlib

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import translation

from otklik.mail.reasons import REASONS, because, in_words
from otklik.tickets.models import Message
from tests.cast import PASSWORD, Cast


@pytest.mark.parametrize("code", sorted(REASONS))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_reason_has_words_in_both_languages(code: str, language: str) -> None:
    with translation.override(language):
        said = in_words(because(code, "Анна 100% Петрова"))
    assert said and "@" not in said
    assert any("а" <= char <= "я" for char in said.replace("Анна 100% Петрова", "").lower()) is (language == "ru")
    if "%(" in str(REASONS[code]):
        assert "Анна 100% Петрова" in said


def test_what_is_no_code_stays() -> None:
    said = "user@example.org said: 550 @unknown ok"
    assert in_words(said) == said
    with translation.override("en"):
        assert in_words(f"{because('references')} {because('not_proved')} by hand") == (
            "It answers an earlier mail of this request. Nothing proves that it really comes from this sender. by hand"
        )


def test_an_english_agent_reads_a_russian_desks_reasons_in_english(cast: Cast, client: Client) -> None:
    Message.objects.filter(ticket=cast.ticket, opening=True).update(why=because("new_mail"))
    cast.agent.language = "en"
    cast.agent.save()
    client.login(username="agent@desk.test", password=PASSWORD)
    assert "A new mail to the desk&#x27;s address." in client.get("/browse/ACCREDO-1").content.decode()
    cast.agent.language = "ru"
    cast.agent.save()
    assert "Новое письмо на адрес службы поддержки." in client.get("/browse/ACCREDO-1").content.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Новое письмо на адрес службы поддержки.", "@new_mail"),
        (("Письмо отвечает на более раннее письмо этого запроса. Ничто не доказывает, что письмо действительно от этого"
         " отправителя."), "@references @not_proved"),
        ("Запрос ACCREDO-4 давно закрыт.", "@closed_long=ACCREDO-4"),
        ("The mail names A-1, but its sender is not proved to be on that request.", "@names_key=A-1"),
        ("Письмо отнесено сюда вручную: Глеб Орлов.", "Письмо отнесено сюда вручную: Глеб Орлов."),
        ("", ""),
    ],
)  # fmt: skip
def test_sentences_of_older_versions_become_codes(cast: Cast, before: str, after: str) -> None:
    Message.objects.filter(ticket=cast.ticket, opening=True).update(why=before)
    with connection.schema_editor() as editor:
        importlib.import_module("otklik.tickets.migrations.0008_why_in_codes").to_codes(apps, editor)
    assert Message.objects.get(ticket=cast.ticket, opening=True).why == after

"""Parsing of search input."""

import pytest

from otklik.core.search_text import fold, matches, other_forms, same_word, to_latin, to_russian, tokens, variants


@pytest.mark.parametrize(
    ("latin", "russian"),
    [
        ("ghbdtn", "привет"),
        ("GHBDTN", "ПРИВЕТ"),
        ("j,]trn", "объект"),
        ("'kbnf", "элита"),
        ("`krf", "ёлка"),
        (";ehyfk", "журнал"),
        ("[bnhsq", "хитрый"),
        (".hbcn", "юрист"),
        ("ghjnjrjk rjvbccbb", "протокол комиссии"),
        ("accredo-4", "фсскувщ-4"),
    ],
)
def test_the_same_keys_in_both_layouts(latin: str, russian: str) -> None:
    assert to_russian(latin) == russian
    assert to_latin(russian) == latin


def test_folding_forgets_case_yo_and_how_a_letter_was_put_together() -> None:
    assert fold("Учётная ЗАПИСЬ") == "учетная запись"
    assert fold("мои\u0306") == "мой"


def test_tokens_hold_letters_and_digits_only() -> None:
    assert tokens("Не «открывается»: ACCREDO-4, anna@clinic.test; a_b & '1:*'|!") == [
        "не", "открывается", "accredo", "4", "anna", "clinic", "test", "a", "b", "1",
    ]  # fmt: skip


def test_variants_begin_with_what_was_typed() -> None:
    assert variants("  Ghbdtn   МИР ") == ["ghbdtn мир", "привет мир", "ghbdtn vbh"]
    assert variants("2026") == ["2026"]
    assert variants(" -?! ") == []


def test_a_word_is_found_by_its_beginning_and_in_another_form() -> None:
    assert same_word("ошиб", "ошибка")
    assert same_word("ошибку", "ошибка")
    assert same_word("консультациями", "консультацию")
    assert not same_word("почта", "почему")
    assert not same_word("протоколист", "протокол-и-ещё-что-то")


@pytest.mark.parametrize(
    "typed", ["учётную запись", "учетные записи", "exdjbx", "yjdfz pfgbcb", "yjde. extnye.", "НОВАЯ", "запис"]
)
def test_short_texts_are_found(typed: str) -> None:
    text = "Получить новую учетную запись"
    assert matches(typed, text) is (typed != "exdjbx")


def test_all_words_must_be_there() -> None:
    assert not matches("учетная палата", "Получить новую учетную запись")
    assert not matches("", "Получить новую учетную запись")


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("ошибок", ["ошибка"]), ("ошибками", ["ошибок", "ошибек"]), ("настроек", ["настройка"]),
        ("настройки", ["настроек"]), ("кошек", ["кошка"]),
        ("запись", ["записи"]), ("подписью", ["подпись"]), ("запис", ["запись"]), ("описание", []),
        ("протокол", ["протоколы"]), ("портала", ["портал", "порталы"]), ("ок", []), ("printok", []),
        ("café", ["cafe"]), ("résumé", ["resume"]), ("йод", []), ("straße", []),
    ],
)  # fmt: skip
def test_forms_that_stemming_takes_for_another_word(word: str, others: list[str]) -> None:
    assert other_forms(word) == others

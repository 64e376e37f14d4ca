"""Answers changed by programs and gateways, and quoted earlier texts of the same ticket."""

import textwrap

import pytest

from otklik.mail.parse.reply import Known, new_words

LINK = "https://desk.example/servicedesk/customer/portal/1/HELP-7?sda_source=mail&to=34.1:Fakru"
OURS = f"""Добрый день, Пётр!

1. Оставить принтер в кабинете
2. Отдать принтер на склад

Напишите одно слово:
Да
Нет

Посмотреть запрос: {LINK}
Открыть запрос:
{LINK}

Телефон: +7 495 000-00-00
Почта: help@desk.example
"""
INTRO = "29.11.2026 12:05, Служба заявок пишет:"
HEAD = "From: Служба заявок\nSent: 29 November 2026\nTo: petr@shop.example\nSubject: HELP-7"
NAMES = ["help@desk.example", "Служба заявок"]
ENCODED = LINK.replace(":", "%3A").replace("/", "%2F").replace("?", "%3F").replace("&", "%26").replace("=", "%3D")
TWICE = ENCODED.replace("%", "%25")


def words(text: str, *said: str) -> list[str]:
    split = new_words(text, Known([OURS, *said], 1), names=NAMES)
    return [line for line in split.reply.split("\n") if line.strip()]


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize(
    "guarded",
    [
        f"https://guard.example/?url={LINK.replace(':', '%3A').replace('/', '%2F')}&data=05%7C01&reserved=0",
        f"https://guard.example/?url={ENCODED}&data=05%7C01",
        f"https://guard.example/v3/__{LINK}__;!!OmAbC!PqRsT$",
        f"https://guard.example/v3/__{LINK.replace('https://', 'https:/')}__;!!OmAbC!PqRsT$",
        f"https://check.example/proxy?es=A&url=https%3A%2F%2Fredir.example%2F%3Fu%3D{ENCODED}&uidl=1",
        f"https://check.example/proxy?es=A&url=https%3A%2F%2Fredir.example%2F%3Fu%3D{TWICE}&uidl=1",
    ],
)
@pytest.mark.parametrize("form", ["{0}", "<{0}>", "[{0}]"])
def test_a_link_of_ours_in_the_link_of_a_guard_is_ours(guarded: str, form: str) -> None:
    for text in (OURS, quoted(OURS)):
        changed = text.replace(f"\n{LINK}", "\n" + form.format(guarded)).replace(
            f"> {LINK}", f"> {form.format(guarded)}"
        )
        assert words(f"Готово.\n\n{INTRO}\n{changed}") == ["Готово."]


def test_another_link_behind_the_same_guard_is_new() -> None:
    for new in ("https://guard.example/?url=https%3A%2F%2Fother.example%2F1", "https://desk.example/servicedesk"):
        assert words(f"Вот:\n{new}\n\n{INTRO}\n{quoted(OURS)}") == ["Вот:", new]
        assert words(f"Вот:\n{new}\n\n{HEAD}\n\n{OURS}") == ["Вот:", new]


def test_what_programs_put_behind_words_is_no_word() -> None:
    changed = (
        OURS
        .replace("+7 495 000-00-00", "+7 495 000-00-00<tel:+7%20495%20000-00-00>")
        .replace("help@desk.example", "help@desk.example<mailto:help@desk.example>")
        .replace(f"Открыть запрос:\n{LINK}", f"Открыть запрос [guard.example]: <https://guard.example/__{LINK}__;!!a!b$>")
    )  # fmt: skip
    assert words(f"Готово.\n\n{HEAD}\n\n{changed}") == ["Готово."]
    assert words(
        f"Готово.\n\n{INTRO}\n{quoted(changed.replace('<tel:+7%20495%20000-00-00>', '<tel:+7 495 000>'))}"
    ) == ["Готово."]


@pytest.mark.parametrize("fields", ["From: Служба\nTo: petr@shop.example", "От: Служба\nТема: HELP-7"])
def test_a_title_makes_a_head_of_two_fields_one(fields: str) -> None:
    title = "----- Original Message -----"
    for text in (OURS, quoted(OURS)):
        assert words(f"Готово.\n\n{title}\n{fields}\n\n{text}") == ["Готово."]
    assert words(f"Готово.\n{fields}\nВот так.\n\n{INTRO}\n{quoted(OURS)}") == [
        "Готово.",
        *fields.split("\n"),
        "Вот так.",
    ]


@pytest.mark.parametrize("mark", ["* ", "", "- ", "\t"])
def test_an_answer_that_is_a_line_of_ours_from_further_below_is_kept(mark: str) -> None:
    answered = OURS.replace("кабинете\n", f"кабинете\n{mark}нет\n").replace("склад\n", f"склад\n{mark}да\n")
    for text in (answered, answered.replace(" принтер ", " принтер\n")):
        assert words(f"Ответы ниже.\n\n{HEAD}\n\n{text}") == ["Ответы ниже.", f"{mark}нет", f"{mark}да"]


SAID = "Заявку подала Орлова, председатель Гусев И.И.\nКому: Орлова Марина\nТема: приказ о комиссии\nДело 118"


def test_words_like_earlier_ones_of_the_request_are_new_above_our_mail() -> None:
    pasted = "От: Гусев\nКому: Орлова Марина\nТема: приказ о комиссии\n\nНомер 123."
    full = [line for line in pasted.split("\n") if line]
    for text in (f"{HEAD}\n\n{OURS}", f"{INTRO}\n{quoted(OURS)}"):
        assert words(f"Переписка:\n{pasted}\n\n{text}", SAID) == ["Переписка:", *full]
        again = f"30.11.2026 9:00, Кадры пишут:\n{quoted(pasted)}"
        assert words(f"Переписка:\n{again}\n\n{text}", SAID)[2:] == [f"> {line}" for line in full]


def test_only_a_whole_line_of_our_mail_is_taken_from_before_an_answer() -> None:
    line = "> Председатель Гусев И.И., приказ 118."
    assert line in words(f"Ответ кадров:\n\n{line}\n\n{INTRO}\n{quoted(OURS)}", SAID)
    answered = quoted(OURS).replace("на склад", "на склад — да, завтра")
    assert words(f"{INTRO}\n{answered}") == ["да, завтра"]


def test_earlier_words_below_our_mail_are_quotation() -> None:
    below = f"28.11.2026 9:00, Пётр <petr@shop.example> пишет:\n{SAID}"
    assert words(f"Готово.\n\n{HEAD}\n\n{OURS}\n{below}", SAID) == ["Готово."]
    assert words(f"Готово.\n\n{INTRO}\n{quoted(OURS)}\n{quoted(quoted(below))}", SAID) == ["Готово."]


def test_a_command_that_we_asked_for_stays_in_what_it_printed() -> None:
    asked = OURS.replace("Напишите", "ping portal.accredo.example\nНапишите")
    typed = "Вывод:\n> ping portal.accredo.example\nОтвет от 10.1.2.3: время=5мс"
    split = new_words(f"{typed}\n\n{INTRO}\n{quoted(asked)}", Known([asked]), names=NAMES)
    assert split.reply.split("\n") == typed.split("\n")


def test_an_answer_behind_a_line_of_ours_without_a_sign_stands_alone() -> None:
    answered = OURS.replace("в кабинете", "в кабинете — нет").replace("на склад", "на склад. Да, сегодня")
    assert words(f"Ниже.\n\n{HEAD}\n\n{answered}") == ["Ниже.", "нет", "Да, сегодня"]
    assert words(f"2. Отдать принтер на склад. Да\n\n{HEAD}\n\n{OURS}") == ["2. Отдать принтер на склад. Да"]


@pytest.mark.parametrize("line", ["发自我的iPhone", "iPhoneから送信", "나의 iPhone에서 보냄", "從我的 iPhone 傳送"])
def test_a_phone_signs_in_languages_without_blanks(line: str) -> None:
    assert words(f"OK.\n\n{line}\n\n{INTRO}\n{quoted(OURS)}") == ["OK."]
    assert words(f"OK.\n\n{line} 昨天\n\n{INTRO}\n{quoted(OURS)}") == ["OK.", f"{line} 昨天"]


def test_a_postscript_below_a_signature_is_kept_without_it() -> None:
    signed = "-- \nС уважением,\nПётр Зуев\nтел. +7 900 000-00-00\nP.S. Ключ у вахтёра.\nИ от шкафа."
    assert words(f"Да.\n\n{signed}\n\n{INTRO}\n{quoted(OURS)}") == ["Да.", "P.S. Ключ у вахтёра.", "И от шкафа."]


def test_lines_of_the_quotation_that_lost_their_sign_are_ours() -> None:
    """As when a web mailer ends its quotation in the middle of ours."""
    cited, bare = OURS.split("\n")[:4], OURS.split("\n")[4:]
    assert words("\n".join(["Ниже.", INTRO, *(f"> {line}" for line in cited), "Склад.", *bare])) == [
        "Ниже.", "Склад.", "Да", "Нет",
    ]  # fmt: skip
    for gap in ("", "\n"):
        assert words(f"{INTRO}\n{quoted(OURS.partition('Да')[0].strip())}\n{gap}Да") == ["Да"]
    broken = quoted(OURS).replace("на склад", "на\nсклад").replace("в кабинете", "в\nкабинете")
    assert words(f"Готово.\n\n{INTRO}\n{broken}") == ["Готово."]


@pytest.mark.parametrize("width", [30, 45, 60, 72])
def test_links_of_ours_that_were_broken_without_a_sign_are_ours(width: int) -> None:
    lines = [textwrap.wrap(line, width) or [""] for line in OURS.split("\n")]
    wrapped = "\n".join(piece for pieces in lines for piece in pieces)
    assert words(f"Готово.\n\n{HEAD}\n\n{wrapped}") == ["Готово."]
    for new in ("HELP-7", "https://desk.example/servicedesk/other", "servicedesk"):
        between = OURS.replace(f"запрос:\n{LINK}", f"запрос:\n{LINK}\n{new}")
        assert words(f"Ниже.\n\n{HEAD}\n\n{between}") == ["Ниже.", new]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("---", ""),
        ("-------- Пересылаемое сообщение --------", "-------- Конец пересылаемого сообщения --------"),
        ("---------- Forwarded message ----------", "--- End of forwarded message ---"),
    ],
)
def test_titles_around_our_mail_are_no_words(above: str, below: str) -> None:
    for text in (f"{HEAD}\n\n{OURS}", f"{INTRO}\n\n{OURS}"):
        assert words(f"Готово.\n\n{above}\n{text}\n{below}") == ["Готово."]
    assert words(f"Раз\n{above}\nДва\n\n{INTRO}\n{quoted(OURS)}") == ["Раз", above, "Два"]


def test_an_older_mail_below_that_repeats_some_lines_is_quotation() -> None:
    older = quoted(quoted("Добрый день, Пётр!\nНапишите одно слово:"))
    assert words(f"Готово.\n\n{INTRO}\n{quoted(OURS)}\n> {INTRO}\n{older}") == ["Готово."]


def test_a_short_line_that_was_said_before_is_new_again() -> None:
    for said, kept in (("Начало\nКонец", ["> конец"]), ("Конец", [])):
        assert words(f"{INTRO}\n{quoted(OURS)}\n\n> конец", said) == kept
    assert words(f"{INTRO}\n{quoted(OURS)}\n\n> начало\n> конец", "Начало\nКонец") == []


def test_what_is_announced_above_two_dashes_is_no_signature() -> None:
    for text in ("Пароль, который не подходит:\n\n-- \nQwerty12", "Мой телефон:\n--\n8 900 000-00-00"):
        kept = [line.strip() for line in text.split("\n") if line.strip()]
        assert [line.strip() for line in words(f"{text}\n\n{INTRO}\n{quoted(OURS)}")] == kept


def test_two_dashes_above_the_line_of_a_phone_go_with_it() -> None:
    for line in ("Отправлено с iPhone", "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet."):
        assert words(f"Да.\n--\n{line}\n\n{INTRO}\n{quoted(OURS)}") == ["Да."]


def test_an_introduction_between_arrows() -> None:
    intro = ">>> Служба заявок <help@desk.example> 29.11.2026 12:05 >>>"
    assert words(f"Да.\n\n{intro}\n{OURS}") == ["Да."]
    assert words(f"Вывод:\n>>> x = 9.45 >>> 2\n\n{INTRO}\n{quoted(OURS)}") == ["Вывод:", ">>> x = 9.45 >>> 2"]


@pytest.mark.parametrize(
    "text",
    [
        "> Напишите одно слово:\n> Не печатает принтер: опять он",
        f"{INTRO}\n" + quoted(OURS).replace("> Да\n", "> Да\n> Не печатает принтер: опять он\n"),
    ],
)
def test_a_line_that_begins_like_earlier_words_is_a_new_one(text: str) -> None:
    """It answers the mail's line above it and is not part of the earlier text."""
    assert words(text, "Не печатает принтер") == ["Не печатает принтер: опять он"]


@pytest.mark.parametrize("again", ["Ага", "Chrome 129, 64 бита", "Красная лампа горит всё время."])
def test_what_was_said_before_is_an_answer_between_lines_of_ours(again: str) -> None:
    between = OURS.replace("Напишите одно слово:\n", f"Напишите одно слово:\n{again}\n")
    assert between != OURS
    for text in (f"{INTRO}\n{quoted(between)}", f"{HEAD}\n\n{between}"):
        assert words(text, again, f"Сегодня.\n{again}") == [again]


@pytest.mark.parametrize("again", ["Принтер всё ещё не печатает", "Принтер всё ещё не печатает\nВерните прежний"])
def test_what_was_said_before_is_new_below_a_quotation_without_signs(again: str) -> None:
    assert words(f"{HEAD}\n\n{OURS}\n\n{again}", again) == again.split("\n")
    older = f"From: Пётр\nSent: 28 November 2026\nTo: help@desk.example\nSubject: Принтер\n\n{again}"
    assert words(f"Готово.\n\n{HEAD}\n\n{OURS}\n\n{older}", again) == ["Готово."]

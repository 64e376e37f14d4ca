"""The new text of answers to a known mail, wherever it is (issue 10, kinds B to E of ../shared/cases/public)."""

import re
import time

import pytest

from otklik.mail.parse import html
from otklik.mail.parse.reply import Known, new_words

MARKER = "— — — Ответ пишите выше этой строки — — —"
OURS = f"""{MARKER}

Ольга Ремизова, Служба заявок:

Добрый день, Пётр!

Какая модель принтера стоит в кабинете?

Когда его заправляли в последний раз? Если точной даты нет, напишите хотя бы месяц и фамилию мастера, который приходил.

— Горит ли красная лампа?

С уважением, Ольга

--
Посмотреть запрос: https://desk.example/servicedesk/customer/portal/1/HELP-7?sda_source=mail
Больше не получать этих писем: https://desk.example/unsubscribe/abc-123
"""
SECOND = "Ключ от кабинета лежит у вахтёра на первом этаже."
KNOWN = Known([OURS, "Не печатает принтер на втором этаже, помогите."])
NAMES = ["help@desk.example", "Служба заявок"]
INTROS = [
    "29.11.2026 12:05, Служба заявок пишет:",
    "вс, 29 нояб. 2026 г. в 12:05, Служба заявок <help@desk.example>:",
    "On Sun, Nov 29, 2026 at 12:05 PM Служба заявок <help@desk.example> wrote:",
    "On Sun, Nov 29, 2026 at 12:05 PM Служба заявок <\nhelp@desk.example> wrote:",
    "Am 29.11.26 um 12:05 schrieb Служба заявок:",
    "Воскресенье, 29 ноября 2026, 12:05 +03:00 от Служба заявок <help@desk.example>:",
    "2026 ж. 29 қар., жс 12:05, Служба заявок <help@desk.example> жазды:",
    "Le dim. 29 nov. 2026 à 12:05, Служба заявок <help@desk.example> a écrit :",
    (
        "-----Original Message-----\nFrom: Служба заявок <help@desk.example>\nSent: Sunday, 29 November 2026 12:05\n"
        "To: petr@shop.example\nSubject: HELP-7 Принтер\n"
    ),
    (
        "________________________________\nОт: Служба заявок <help@desk.example>\nОтправлено: 29 ноября 2026 г. 12:05\n"
        "Кому: petr@shop.example\nТема: HELP-7 Принтер\n"
    ),
]

LONG_NAME = "и обращений граждан всего нашего города и Московской области, отдел 5"
OTHER_INTROS = [
    (
        "-------- Исходное сообщение --------\n"
        "От: Служба заявок <help@desk.example>\n"
        "Дата: 29.11.26 12:05 (GMT+03:00)\n"
        "Кому: petr@shop.example\n"
        "Тема: HELP-7 Принтер\n"
    ),
    "On Sunday, November 29, 2026 at 12:05:00 PM GMT+3, Служба заявок <help@desk.example> wrote:\n",
    (
        "*From:* Служба заявок <help@desk.example>\n"
        "*Sent:* Sunday, November 29, 2026 12:05 PM\n"
        "*To:* petr@shop.example;\n"
        " ivan@shop.example; olga@shop.example\n"
        "*Subject:* HELP-7 Принтер\n"
    ),
    "Служба заявок <help@desk.example> 29.11.2026 12:05 жазды:",
    "El dom, 29 nov 2026 a las 12:05, Служба заявок (<help@desk.example>) escribió:",
    "Il giorno dom 29 nov 2026 alle ore 12:05 Служба заявок <help@desk.example> ha scritto:",
    "---- On Sun, 29 Nov 2026 12:05:00 +0300 Служба заявок <help@desk.example> wrote ----",
    "29 нояб. 2026 г., в 12:05, Служба заявок <help@desk.example> написал(а):",
    '29.11.2026, 12:05, "Служба заявок" <help@desk.example>:',
    "> 29 ноября 2026 г., в 12:05, Служба заявок <help@desk.example> написал(а):\n>",
    "Пользователь Служба заявок <help@desk.example> написал:",
    "нд, 29 лист. 2026 р. о 12:05 Служба заявок <help@desk.example> пише:",
    "2026-11-29 12:05, Служба заявок:",
    f"---- Вкл Вс, 29 ноя 2026 12:05:05 +0300 Служба заявок {LONG_NAME} <help@desk.example> написал ----",
    f"--- Служба заявок {LONG_NAME} пишет: ---",
    "Служба заявок писал 2026-11-29 12:05:",
    "Вы писали 29 ноября 2026 г., 12:05:05:",
]


def quoted(text: str = OURS) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def words(text: str, **options: bool | str) -> list[str]:
    return [line for line in new_words(text, KNOWN, names=NAMES, **options).reply.split("\n") if line.strip()]


@pytest.mark.parametrize("intro", OTHER_INTROS)
def test_introductions_of_other_mailers(intro: str) -> None:
    for text in (OURS, quoted()):
        above = f"Первое.\nВ 10:15 система написала:\n\n{intro}\n{text}\n\nВсё.\n> C:\\> dir"
        assert words(above) == ["Первое.", "В 10:15 система написала:", "Всё.", "> C:\\> dir"]


@pytest.mark.parametrize("intro", INTROS)
def test_an_answer_above_the_quotation(intro: str) -> None:
    assert words(f"Модель 1120.\n\n{intro}\n{quoted()}") == ["Модель 1120."]
    assert words(f"Модель 1120.\n\n{intro}\n{OURS}") == ["Модель 1120."]


@pytest.mark.parametrize("intro", INTROS)
def test_an_answer_below_the_quotation(intro: str) -> None:
    assert words(f"{intro}\n{quoted()}\n\nНе помню.\nДа") == ["Не помню.", "Да"]
    assert words(f"{intro}\n{OURS}\n\nНе помню.\nДа") == ["Не помню.", "Да"]


@pytest.mark.parametrize("text", [OURS, quoted()])
@pytest.mark.parametrize("intro", ["", *INTROS])
def test_answers_between_the_lines_of_the_quotation(intro: str, text: str) -> None:
    text = text.replace("в кабинете?", "в кабинете?\n\nМодель 1120\n").replace("лампа?", "лампа?\nНет")
    assert words(f"Ответы ниже.\n\n{intro}\n{text}") == ["Ответы ниже.", "Модель 1120", "Нет"]


def test_a_quotation_that_mailers_changed_is_still_one() -> None:
    changed = (
        quoted()
        .replace("Если точной", "\nЕсли точной")
        .replace("который", "\n> который")
        .replace("— Горит", "&nbsp;- Горит")
        .replace("https://desk.example/unsubscribe/abc-123", "<https://guard.example/?u=https%3A%2F%2Fdesk.example>")
    )
    assert words(f"Модель 1120.\n\n{INTROS[1]}\n{changed}") == ["Модель 1120."]
    assert words(f"Модель 1120.\n\n{INTROS[2]}\n{quoted(quoted())}") == ["Модель 1120."]


def test_earlier_mails_of_the_thread_are_quotation_too() -> None:
    earlier = "28.11.2026 9:00, Пётр <petr@shop.example> пишет:\nНе печатает принтер на втором этаже, помогите."
    assert words(f"Готово.\n\n{INTROS[0]}\n{quoted()}\n{quoted(quoted(earlier))}") == ["Готово."]
    assert words(f"Готово.\n\n{INTROS[9]}\n{OURS}\n{earlier}") == ["Готово."]


def test_words_below_a_name_and_pictures_above_the_quotation() -> None:
    signed = "Нет.\n\n--\nС уважением, Пётр\n\nP.S. Завтра меня не будет."
    assert words(f"{signed}\n\n{INTROS[3]}\n{quoted()}") == ["Нет.", "P.S. Завтра меня не будет."]
    assert words(f"Нет.\n\n{INTROS[0]}\n\n[cid:image001.png@01D]\n{OURS}") == ["Нет."]
    assert words(f"Нет.\n\n{INTROS[0]}") == ["Нет."]


def test_nothing_new_is_nothing() -> None:
    assert words(f"{INTROS[0]}\n{quoted()}") == []
    assert words(f"Отправлено с iPhone\n\n{INTROS[0]}\n{quoted()}") == []


HTML = "".join(f"<p>{line}</p>" for line in OURS.split("\n") if line)
HTML_INLINE = HTML.replace("кабинете?</p>", "кабинете?</p><p style='color:red'>Модель 1120</p>")
PAGES = {
    "web": "<div>Выше.</div><div class='gmail_quote'><div>вс, 29 нояб. 2026 г. в 12:05, Служба заявок:<br></div>"
    "<blockquote class='gmail_quote'>{}</blockquote></div>",
    "apple": "<div>Выше.</div><br><blockquote type='cite'><div>29 нояб. 2026 г., в 12:05, Служба заявок "
    "&lt;help@desk.example&gt; написал(а):</div><br><div>{}</div></blockquote>",
    "outlook": "<p>Выше.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Служба заявок "
    "&lt;help@desk.example&gt;<br><b>Sent:</b> Sunday, November 29, 2026<br><b>To:</b> p@shop.example<br>"
    "<b>Subject:</b> HELP-7</p></div>{}",
    "outlook_web": "<div>Выше.</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>От:</b> Служба заявок"
    "<br><b>Отправлено:</b> 29 ноября 2026 г.<br><b>Кому:</b> p@shop.example<br><b>Тема:</b> HELP-7</div><div>{}</div>",
    "yandex": '<div>Выше.</div><div>29.11.2026, 12:05, "Служба заявок" &lt;help@desk.example&gt;:</div>'
    "<blockquote>{}</blockquote>",
    "mail_ru": "<div>Выше.</div><blockquote style='border-left:1px solid #0857A6'>Воскресенье, 29 ноября 2026, 12:05 "
    "+03:00 от Служба заявок &lt;help@desk.example&gt;:<br><div>{}</div></blockquote>",
}


@pytest.mark.parametrize("name", PAGES)
def test_answers_of_web_mailers(name: str) -> None:
    def read(inside: str) -> list[str]:
        return words(html.render(PAGES[name].format(inside)).marked, html=True)

    assert read(HTML) == ["Выше."]
    assert read(HTML_INLINE) == ["Выше.", "Модель 1120"]
    assert read(HTML + "<p>Ниже.</p>") == ["Выше.", "Ниже."]


WORDS = [
    "По пунктам.\n\nКабинет\n--\nПринтер тихий.\n\nСклад\n--\nКлюча нет.",
    "Итог\n--\nВсё сломалось вчера.",
    "Список:\n\nОтправлено в Казань\nАкт 5\n\nОтправлено в архив\nПисьмо",
    "Отправлено через СДЭК\nОтправлено с водителем",
    "Послано через секретаря",
    "Отправлено через Gmail: https://drive.example/d/abc",
    "Отправлено с iPhone:\n- фото 1\n- фото 2",
    "Отправлено с iPhone: https://disk.example/photo",
    "Отправлено с iPhone https://disk.example/d/abc.png",
    "Отправлено из почтового отделения 5",
    "Sent from the warehouse",
    "Sent from Moscow",
    "Отправлено на телефон",
    "Sent by courier on Monday",
    "Sent from my phone to the accountant",
    "Отправлено с телефона бухгалтерии, не дошло",
    "Gesendet von der Zentrale",
    "Envoyé par la poste",
    "Вложено письмо:\n\nОт: Сергеев <s@min.example>\nДата: 27 ноября 2026\nКому: Пётр\nТема: приказ\n\nЖдём.\n\nКогда?",
    "-----Original Message-----\nFrom: Shop <s@shop.example>\nSent: Monday\nTo: P\nSubject: Toner\n\nNone.\n\nSo?",
    "В 9:40 27.11.2026 принтер написал:\n\nзамена барабана\n\nЧто делать?",
    "On 27 Nov 2026 at 9:40 the display wrote:\nE-12\n\nWhat is it?",
    "27.11.2026 9:40, Сергей <s@min.example> пишет:\n> Приказ подпишут.\n\nКогда?",
    "> ls\nfile\n> exit\n\nИ что?",
    "> ping 10.0.0.1\n> ok\n> ping 10.0.0.2\nтишина",
    "C:\\> dir\n>>> print(1)\n1\n> так и стоит",
    "Смотрите:\n________________\nВход\nhttps://portal.example/login\n\nСброс\nhttps://portal.example/reset",
    "Ошибка здесь:\n\n_____________\nКабинет 12: https://portal.example/k12\nКабинет 14: https://portal.example/k14",
    "Итог.\n____________\nРассылка не приходит с 12 ноября",
    "С телефона тоже.\n\nОтправлено с iPhone, извините за опечатки. Пароль прежний не подходит.",
    "С телефона.\n\nОтправлено с телефона, простите, скан приложить не могу",
    "Cabinet 12.\n\nSent from my iPad. Please call me at 8 900 222-33-55.",
    "Cabinet 12.\n\nSent from my iPhone, sorry for the mistake in line 4",
    "Кабинет 14.\n\n--\nPS: ключ от кабинета у Петровой",
    "Кабинет 14.\n\n--\nUPD: Ключ нашёлся",
    "Кабинет 14.\n\n--\nП.П.С. Ключ нашёлся",
]


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("intro", [INTROS[0], INTROS[2], INTROS[8]])
def test_words_that_look_like_something_else_are_kept(text: str, intro: str) -> None:
    full = [line for line in text.split("\n") if line.strip()]
    assert words(f"{text}\n\n{intro}\n{quoted()}") == full
    assert words(f"{intro}\n{quoted()}\n\n{text}") == full


SIGNATURES = [
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Отправлено из Почты для Windows",
    "Отправлено из мобильной Яндекс Почты",
    "Отправлено с моего телефона",
    "Отправлено из Outlook для Android",
    "Sent from my iPhone",
    "Sent from my Galaxy S23",
    "Sent from Outlook for iOS <https://aka.example/o0ukef>",
    "Sent from Mail for Windows",
    "Отправлено из Outlook для iOS<https://aka.example/o0ukef>",
    "Отправлено из мобильной Яндекс Почты: http://m.ya.example/ymail",
    "Отправлено из мобильной Почты Mail https://mail.example/app",
    "Sent from my phone https://aka.example/o0ukef",
    "Отправлено с iPhone\nhttps://www.example.com/app",
    "Отправлено с телефона, простите за опечатки",
    "Отправлено с iPhone. Извините за краткость и возможные ошибки!",
    "Sent from my iPhone 12 Pro, please excuse any typos and brevity.",
    "Sent from Yahoo Mail on Android",
    "Sent with Proton Mail secure email.",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "-- \nПётр Иванов\nтел. +7 495 000-00-00",
    "--\nПётр Иванов",
    "--\nС уважением,\nПётр Иванов\npetr@shop.example",
]


@pytest.mark.parametrize("text", SIGNATURES)
def test_a_signature_is_no_word(text: str) -> None:
    assert words(f"Модель 1120.\n\n{text}\n\n{INTROS[0]}\n{quoted()}") == ["Модель 1120."]
    assert words(f"{INTROS[0]}\n{quoted()}\n\nМодель 1120.\n\n{text}") == ["Модель 1120."]
    if not text.startswith("--"):
        assert words(f"Да.\n\n{text}\n\nИ ещё: нет.\n\n{INTROS[0]}\n{quoted()}") == ["Да.", "И ещё: нет."]


FOOTER = "Admins mailing list\nAdmins@lists.shop.example\nhttps://lists.shop.example/mailman/listinfo/admins"


def test_the_footer_of_a_list_ends_where_words_follow() -> None:
    rule = "_" * 40
    for text in (f"Да.\n{rule}\n{FOOTER}", f"Да.\n\n{rule}\n\n{FOOTER}"):
        assert words(f"{text}\n\n{INTROS[0]}\n{quoted()}") == ["Да."]
        assert words(f"{text}\n\nЕщё: и в филиале.\n\n{INTROS[0]}\n{quoted()}") == ["Да.", "Ещё: и в филиале."]
    signed = f"Да.\n\n-- \nПётр Иванов\nPS: Ключ у вахтёра\n\n{INTROS[0]}\n{quoted()}"
    assert words(signed) == ["Да.", "PS: Ключ у вахтёра"]
    assert words(f"Да.\n\n-- \nPS: Ключ у вахтёра\n\n{INTROS[0]}\n{quoted()}") == ["Да.", "--", "PS: Ключ у вахтёра"]


def test_a_quotation_with_initials() -> None:
    text = "\n".join(f"ASD> {line}" if line else "" for line in OURS.split("\n"))
    assert words(f"Да.\n\nВы писали 29 ноября 2026 г., 12:05:05:\n\n{text}\n\nМодель 1120") == ["Да.", "Модель 1120"]
    between = text.replace("кабинете?", "кабинете?\n\nМодель 1120\n")
    assert words(f"Вы писали 29 ноября 2026 г., 12:05:05:\n\n{between}") == ["Модель 1120"]
    assert words(f"SQL> select 1\nSQL> exit\n\n{INTROS[0]}\n{quoted()}") == ["SQL> select 1", "SQL> exit"]


def test_signs_typed_in_html_stay() -> None:
    typed = "<div>&gt; ping</div><div>тишина</div><blockquote><div>&gt; exit</div><div>Чужое</div></blockquote>"
    page = html.render(typed + PAGES["yandex"].format(HTML))
    assert words(page.marked, html=True, shown=page.text)[:4] == ["> ping", "тишина", "> exit", "Чужое"]


PASTED = ['<row\n a="1"\n>\n текст\n</row\n>\nконец', "<b\n>жирный</b\n>", '<a\n  b="1"\n>\n  <c>new</c\n>\n</a>']


@pytest.mark.parametrize("text", PASTED)
@pytest.mark.parametrize("intro", INTROS)
def test_a_sign_that_closes_a_tag_is_no_quotation(text: str, intro: str) -> None:
    """Pasted XML with closing brackets on lines of their own."""
    assert words(f"{text}\n\n{intro}\n{quoted()}") == text.split("\n")
    assert words(f"{text}\n\n{intro}\n{OURS}") == text.split("\n")
    assert words(f"{intro}\n{quoted()}\n\n{text}") == text.split("\n")
    typed = text.replace("<", "&lt;").replace(">", "&gt;")
    page = html.render(f"<pre>{typed}</pre><p>Всё.</p>" + PAGES["yandex"].format(HTML))
    assert words(page.marked, html=True, shown=page.text)[:-1] == [*text.split("\n"), "Всё."]
    between = quoted().replace("кабинете?", "кабинете?\nМеньше <10\n>\n>")
    assert words(f"{intro}\n{between}") == ["Меньше <10"]


def test_a_signature_below_a_quotation_of_html() -> None:
    page = html.render(PAGES["yandex"].format(HTML) + "<div> </div><div>-- </div><div>С уважением, Пётр</div>")
    assert words(page.marked, html=True) == ["Выше."]


def test_ab_94_the_comparison_takes_time_in_proportion_to_the_texts() -> None:
    def took(size: int) -> float:
        known = Known(["а" * 12 + " б" * size, "аб " * size])
        started = time.process_time()
        new_words("> аб\n" * size + ("> " + "аб" * 50 + "\n") * (size // 20) + "x:\n" * size, known)
        return time.process_time() - started

    took(100)
    assert took(8_000) < 12 * max(took(2_000), 0.02)


FIRST = OURS.split("\n")[8]


@pytest.mark.parametrize("intro", INTROS)
def test_a_question_of_ours_that_is_repeated_is_a_word_of_the_answer(intro: str) -> None:
    above = ["Какая модель принтера стоит в кабинете?", "1120", FIRST, "В мае."]
    for text in (OURS, quoted()):
        assert words("\n".join(above) + f"\n\n{intro}\n{text}") == above
        between = text.replace("кабинете?", "кабинете?\n\nМодель 1120\n")
        assert words("\n".join(above) + f"\n\n{intro}\n{between}") == [*above, "Модель 1120"]
    assert words(f"{OURS}\n\n{FIRST} Не знаю.") == [f"{FIRST} Не знаю."]


@pytest.mark.parametrize("sign", ["| ", "|", "» ", ": ", "# ", "% ", "  | ", "|> ", "- ", "* "])
def test_whatever_sign_stands_before_our_lines_is_one_of_quotation(sign: str) -> None:
    text = "\n".join(f"{sign}{line}".rstrip() for line in OURS.split("\n"))
    assert words(f"Да.\n\n{INTROS[0]}\n{text}") == ["Да."]
    between = text.replace("кабинете?", "кабинете?\n\nМодель 1120\n")
    assert words(f"{INTROS[0]}\n{between}\n\n| а | б |\n| 1 | 2 |") == ["Модель 1120", "| а | б |", "| 1 | 2 |"]
    table = "| кабинет | принтер |\n| 12 | да |\n| 14 | нет |"
    assert words(f"{table}\n\n{INTROS[0]}\n{quoted()}") == table.split("\n")
    points = [f"- {OURS.split(chr(10))[line]}" for line in (4, 6, 8, 10)]
    assert words("\n1120\n".join(points) + f"\n\n{INTROS[0]}\n{quoted()}")[::2] == points


BANNERS = [
    "ВНИМАНИЕ! Письмо из внешней сети. Не открывайте вложения.",
    "[EXTERNAL EMAIL] Do not click links unless you recognize the sender.",
    "Отправитель этого письма находится\nза пределами организации.",
    "Осторожно: не переходите по ссылкам\nи не открывайте файлы из этого письма.",
    "Achtung: Diese E-Mail kommt von einem externen Absender.",
]


@pytest.mark.parametrize("intro", [*INTROS, OTHER_INTROS[0], OTHER_INTROS[-1]])
@pytest.mark.parametrize("banner", BANNERS)
def test_the_banner_of_a_gateway_in_the_quotation_is_quotation(banner: str, intro: str) -> None:
    for text in (f"{banner}\n\n{OURS}", quoted(f"{banner}\n\n{OURS}")):
        assert words(f"Модель 1120.\n\n{intro}\n{text}") == ["Модель 1120."]


@pytest.mark.parametrize("line", ["Внимание: вложение не открывается.", "Всё верно!", "Внешний диск сломан?"])
def test_words_at_the_top_of_the_quotation_are_kept(line: str) -> None:
    for text in (f"{line}\n\n{OURS}", quoted(f"{line}\n{OURS}")):
        assert words(f"Ниже.\n\n{INTROS[0]}\n{text}") == ["Ниже.", line]


def test_an_answer_behind_a_quoted_line_stands_alone() -> None:
    for behind in ("Модель 1120", "— Модель 1120", "  Модель 1120"):
        text = quoted().replace("кабинете?", f"кабинете? {behind}").replace("лампа?", "лампа?\n> Нет\n> > совсем")
        assert words(f"Ниже.\n\n{INTROS[0]}\n{text}") == ["Ниже.", "Модель 1120", "Нет", "совсем"]
    wrapped = quoted().replace("принтера стоит", "принтера\n> стоит").replace("кабинете?", "кабинете? Модель 1120")
    assert words(f"Ниже.\n\n{INTROS[0]}\n{wrapped}") == ["Ниже.", "Модель 1120"]
    page = html.render(f"<p>Ниже.</p><blockquote><p>{'</p><p>'.join(OURS.split(chr(10)))}</p></blockquote>")
    marked = page.marked.replace("кабинете?", "кабинете? Модель 1120")
    assert words(marked, html=True) == ["Ниже.", "Модель 1120"]


def test_a_link_of_ours_that_was_broken_is_ours() -> None:
    broken = quoted().replace("unsubscribe/", "unsub\n> scribe/").replace("-123", "-\n> 123")
    broken = broken.replace("HELP-7?", "\n> HELP-7?")
    assert words(f"Готово.\n\n{INTROS[0]}\n{broken}") == ["Готово."]


@pytest.mark.parametrize("text", ["", "\n", " \n\u00a0\n\n"])
def test_an_answer_without_a_line_of_words_is_an_empty_one(text: str) -> None:
    """Only a photo, or an encrypted answer: the original mail is known, and there is no text to compare."""
    assert new_words(text, KNOWN).reply.strip() == ""


def test_an_earlier_comment_that_holds_a_quotation_of_the_mail_does_not_hide_the_mail() -> None:
    """A quotation once stored as text is among the earlier texts, with its introduction."""
    earlier = re.sub(r"https:\S+", "(личная ссылка)", f"Так и было. {INTROS[0]} {quoted()}").replace("\n", " ")
    found = new_words(f"Модель 1120.\n\n{INTROS[0]}\n{quoted()}", Known([OURS, earlier], 1), names=NAMES)
    assert found.reply.strip() == "Модель 1120."

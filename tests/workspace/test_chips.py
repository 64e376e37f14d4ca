"""Chips of a filter: conditions as phrases, and forms that change one of them in the text."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from otklik.desks.models import CustomField
from otklik.desks.models import Field as FormField
from otklik.people.models import Person
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.table import FIELDS
from otklik.tickets.jql.write import write
from otklik.tickets.models import Ticket
from otklik.workspace.chips.bar import bar_of
from tests.cast import Cast, as_
from tests.tickets.jql.world import NOW


def asker(cast: Cast) -> Asker:
    return Asker(cast.agent, NOW, at_work=True)


def chips(cast: Cast, text: str, language: str = "ru") -> list[str]:
    with translation.override(language):
        return [chip.words for chip in bar_of(parse(text), asker(cast)).chips]


@pytest.mark.parametrize(
    ("text", "russian", "english"),
    [
        ("status in (Open, 'В работе')", "Статус: Открытый, В работе", "Status: Open, In progress"),
        ("assignee is EMPTY", "Исполнитель: никто", "Assignee: nobody"),
        ("assignee is not EMPTY", "Исполнитель: кто-нибудь", "Assignee: somebody"),
        ("assignee in (currentUser(), EMPTY)", "Исполнитель: я, никто", "Assignee: me, nobody"),
        ("исполнитель = agent@desk.test", "Исполнитель: Глеб Орлов", "Assignee: Глеб Орлов"),
        ("updated <= -2d", "Обновлено: раньше 2 дней назад", "Updated: more than 2 days ago"),
        ("created >= -7d", "Создано: за последние 7 дней", "Created: within the last 7 days"),
        ("created >= -1h", "Создано: за последний 1 час", "Created: within the last 1 hour"),
        ("created >= startOfWeek()", "Создано: на этой неделе", "Created: this week"),
        ("created = 2026-11-02", "Создано: 02.11.2026", "Created: 2026-11-02"),
        ("created < 2026-11-02", "Создано: до 02.11.2026", "Created: before 2026-11-02"),
        (
            "created >= 2026-11-02 and created < 2026-11-06",
            "Создано: 02.11.2026 – 05.11.2026",
            "Created: 2026-11-02 to 2026-11-05",
        ),
        (
            "due >= 2026-11-02 and due <= 2026-11-05",
            "Срок: 02.11.2026 – 05.11.2026",
            "Due date: 2026-11-02 to 2026-11-05",
        ),
        ("due >= -7d", "Срок: не раньше 7 дней назад", "Due date: not before 7 days ago"),
        ("due >= startOfWeek()", "Срок: начиная с этой недели", "Due date: from this week on"),
        ("due <= 7d", "Срок: не позже чем через 7 дней", "Due date: in 7 days at the latest"),
        ("labels != vip", "Метки не: vip", "Labels not: vip"),
        ("not labels = vip", "Метки не: vip", "Labels not: vip"),
        ("labels != vip or labels is EMPTY", "Метки не: vip (или пусто)", "Labels not: vip (or empty)"),
        ("status = Открытый or status = Закрыт", "Статус: Открытый, Закрыт", "Status: Open, Closed"),
        ("text ~ принтер", "Текст содержит: принтер", "Text contains: принтер"),
        ("summary !~ 'a b'", "Тема не содержит: a b", "Subject does not contain: a b"),
        ("satisfaction <= 3", "Оценка: не больше 3", "Rating: at most 3"),
        ("priority >= Высокий", "Приоритет: Высокий или выше", "Priority: High or higher"),
        ("statusCategory != Done", "Категория статуса не: Готово", "Category of the status not: Done"),
        ("project = accredo", "Служба: Аккредитация", "Desk: Аккредитация"),
        ("resolution = Unresolved", "Решение: пусто", "Resolution: empty"),
        ("attachments is not EMPTY", "Вложения: не пусто", "Attachments: not empty"),
        ("assignee in membersOf(agents)", "Исполнитель: из группы agents", "Assignee: members of agents"),
        ("key in updatedBy(currentUser())", "Номер: кто менял: я", "Number: changed by me"),
        (
            "key in updatedBy(currentUser(), -7d)",
            "Номер: кто менял: я (позже, чем: 7 дней назад)",
            "Number: changed by me (later than: 7 days ago)",
        ),
        (
            "key in updatedBy('Глеб Орлов', 2026-11-01, -1d)",
            "Номер: кто менял: Глеб Орлов (между: 01.11.2026 и 1 день назад)",
            "Number: changed by Глеб Орлов (between: 2026-11-01 and 1 day ago)",
        ),
        ("key in linkedIssues(ACCREDO-1)", "Номер: связанные с ACCREDO-1", "Number: linked with ACCREDO-1"),
        ("approvals = myPending()", "Согласование: ждёт моего ответа", "Approval: waiting for my answer"),
        (
            "assignee is EMPTY or updated <= -2d",
            "Исполнитель: никто или Обновлено: раньше 2 дней назад",
            "Assignee: nobody or Updated: more than 2 days ago",
        ),
        (
            "(status = Open and assignee is EMPTY) or due <= 1d",
            "(Статус: Открытый и Исполнитель: никто) или Срок: не позже чем через 1 день",
            "(Status: Open and Assignee: nobody) or Due date: in 1 day at the latest",
        ),
        ("labels in (a, b, c, d, e, f, g)", "Метки: a, b, c, d, e и ещё 2", "Labels: a, b, c, d, e and 2 more"),
    ],
)
def test_a_condition_is_said_in_people_s_words(cast: Cast, text: str, russian: str, english: str) -> None:
    assert chips(cast, text) == [russian] and chips(cast, text, "en") == [english]


@pytest.mark.parametrize(
    "text",
    [
        "status was Закрыт",
        "status changed after -1d",
        "status was Закрыт or status was Открытый",
        "created >= startOfMonth(-1)",
        "nosuchfield = 1",
        "satisfaction in (1, 2)",
        "not (status = Открытый or status = Закрыт)",
    ],
)
def test_what_a_chip_cannot_express_stays_text_and_says_so(cast: Cast, text: str) -> None:
    bar = bar_of(parse(f"project = ACCREDO and ({text})"), asker(cast))
    assert [chip.is_text for chip in bar.chips] == [False, True] and not bar.says_all
    assert bar.chips[1].words == write(parse(text)) or not bar.chips[1].is_code
    page = as_(cast.agent).get("/issues/", {"jql": f"project = ACCREDO and ({text})"})
    assert "data-opens-text" in page.content.decode() and "остаются текстом" in page.content.decode()
    form = as_(cast.agent).get("/issues/chip", {"jql": f"project = ACCREDO and ({text})", "chip": "1"})
    assert form.status_code == 302 and form["Location"].endswith("#id_jql")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("status was Закрыт", "Статус: было значение Закрыт"),
        (
            "status was not in (Open, Закрыт) before -7d",
            "Статус: не было значения Открытый, Закрыт (раньше, чем: 7 дней назад)",
        ),
        (
            "status changed from Открытый to 'В работе' after 2026-11-02 by currentUser()",
            "Статус: было изменение (с: Открытый, на: В работе, позже, чем: 02.11.2026, кто: я)",
        ),
        (
            "assignee changed during (startOfWeek(), now())",
            "Исполнитель: было изменение (между: начало недели и сейчас)",
        ),
        ("created >= startOfMonth(-1)", "Создано не раньше, чем: начало месяца (−1)"),
        ("due < endOfWeek()", "Срок раньше, чем: конец недели"),
    ],
)
def test_what_no_form_can_ask_is_said_in_words_all_the_same(cast: Cast, text: str, words: str) -> None:
    with translation.override("ru"):
        (chip,) = bar_of(parse(text), asker(cast)).chips
    assert (chip.words, chip.is_text, chip.is_code) == (words, True, False)


@pytest.mark.parametrize(
    "text",
    ["status changed after startOfHour()", "nosuchfield was 1", "created > 1y", "not (due is EMPTY and labels = a)"],
)
def test_what_has_no_words_is_shown_as_it_is_written(cast: Cast, text: str) -> None:
    (chip,) = bar_of(parse(text), asker(cast)).chips
    assert chip.is_code and chip.words == write(parse(text))


def applied(cast: Cast, jql: str, **data: Any) -> str:
    """Return the filter text that the form produces."""
    answer = as_(cast.agent).get("/issues/chip", {"jql": jql, "apply": "1", **data})
    assert answer.status_code == 302, answer.context["editor"].error
    return parse_qs(urlsplit(answer["Location"]).query).get("jql", [""])[0]


@pytest.mark.parametrize(
    ("jql", "data", "expected"),
    [
        ("", {"chip": "new", "field": "статус", "how": "is", "value": ["Открытый"]}, "статус = Открытый"),
        (
            "project = ACCREDO ORDER BY key",
            {"chip": "new", "field": "status", "how": "not", "value": ['"В работе"', "Закрыт"]},
            'project = ACCREDO AND status not in ("В работе", Закрыт) ORDER BY key',
        ),
        (
            "status = Open AND labels = vip",
            {"chip": "1", "how": "not_or_empty", "value": "vip"},
            "status = Open AND (labels != vip OR labels is EMPTY)",
        ),
        ("labels = vip", {"chip": "0", "how": "is", "value": "vip", "words": "a, b"}, "labels in (vip, a, b)"),
        ("", {"chip": "new", "field": "assignee", "how": "is", "value": "EMPTY"}, "assignee is EMPTY"),
        (
            "",
            {"chip": "new", "field": "assignee", "how": "is", "value": ["currentUser()", "EMPTY"]},
            "assignee in (currentUser(), EMPTY)",
        ),
        (
            "",
            {"chip": "new", "field": "created", "how": "last", "last.amount": "7", "last.unit": "d"},
            "created >= -7d",
        ),
        (
            "",
            {"chip": "new", "field": "updated", "how": "older", "older.amount": "2", "older.unit": "w"},
            "updated <= -2w",
        ),
        ("", {"chip": "new", "field": "created", "how": "since", "since.period": "Week"}, "created >= startOfWeek()"),
        ("", {"chip": "new", "field": "due", "how": "earlier", "earlier.period": "Day"}, "due < startOfDay()"),
        ("", {"chip": "new", "field": "created", "how": "on", "on.day": "02.11.2026"}, "created = 2026-11-02"),
        (
            "status = Open AND created >= 2026-11-02 AND created < 2026-11-06 AND labels = x",
            {"chip": "1", "how": "between", "between.day": "02.11.2026", "between.until": "2026-11-04"},
            "status = Open AND created >= 2026-11-02 AND created < 2026-11-05 AND labels = x",
        ),
        ("", {"chip": "new", "field": "тема", "how": "contains", "text": "не  печатает"}, 'тема ~ "не печатает"'),
        ("", {"chip": "new", "field": "satisfaction", "how": "most", "text": "3"}, "satisfaction <= 3"),
        ("", {"chip": "new", "field": "priority", "how": "least", "value": "Высокий"}, "priority >= Высокий"),
        ("", {"chip": "new", "field": "attachments", "how": "set"}, "attachments is not EMPTY"),
        (
            "",
            {"chip": "new", "field": "approvals", "how": "is", "value": ["pending()", "approved()"]},
            "approvals = pending() OR approvals = approved()",
        ),
        (
            "status = Open",
            {"chip": "order", "by": ["приоритет", "", ""], "down": ["1", "0", "0"]},
            "status = Open ORDER BY приоритет DESC",
        ),
        (
            "ORDER BY key, created, updated, due",
            {"chip": "order", "by": ["key", "", ""], "down": ["0", "", ""]},
            "ORDER BY key ASC, due",
        ),
    ],
)
def test_a_form_writes_its_condition_into_the_text(cast: Cast, jql: str, data: dict[str, Any], expected: str) -> None:
    text = applied(cast, jql, **data)
    assert text == expected
    assert as_(cast.agent).get("/issues/", {"jql": text}).status_code == 200


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"field": "статус", "how": "is"}, "хотя бы одно"),
        ({"field": "статус"}, "что спрашивается"),
        ({"field": "статус", "how": "last"}, "что спрашивается"),
        ({"field": "статус", "how": "is", "value": "Такого-нет"}, "нет значения"),
        ({"field": "статус", "how": "is", "value": "a OR b = c"}, "хотя бы одно"),
        ({"field": "created", "how": "on", "on.day": "31.02.2026"}, "31.02.2026"),
        ({"field": "created", "how": "last", "last.amount": "-3", "last.unit": "d"}, "от 1 до"),
        ({"field": "created", "how": "last", "last.amount": "9" * 30, "last.unit": "d"}, "от 1 до"),
        ({"field": "created", "how": "last", "last.amount": "00000" + "1" * 4_400, "last.unit": "d"}, "от 1 до"),
        ({"field": "created", "how": "since", "since.period": "Eon"}, "период"),
        ({"field": "created", "how": "between", "between.day": "05.11.2026", "between.until": "01.11.2026"}, "раньше"),
        ({"field": "тема", "how": "contains", "text": " "}, "что искать"),
        ({"field": "тема", "how": "contains", "text": "*"}, "*"),
        ({"field": "satisfaction", "how": "is", "text": "много"}, "не число"),
        ({"field": "priority", "how": "least", "value": ["Высокий", "Низкий"]}, "одно значение"),
        ({"field": "тема", "how": "contains", "text": f"{'ж' * 140} " * 15}, "2000"),
    ],
)
def test_what_is_missing_is_said_and_what_was_filled_in_stays(cast: Cast, data: dict[str, Any], says: str) -> None:
    answer = as_(cast.agent).get("/issues/chip", {"jql": "project = ACCREDO", "chip": "new", "apply": "1", **data})
    assert answer.status_code == 422 and says in answer.context["editor"].error
    body = answer.content.decode()
    assert all(str(data[name]) in body for name in ("on.day", "last.amount", "between.day") if name in data)
    assert answer.context["page"].jql == "project = ACCREDO"


@pytest.mark.parametrize("place", ["", "x", "-1", "7", "²", "0"])
def test_a_place_that_there_is_not_leads_back(cast: Cast, place: str) -> None:
    for words in ({"chip": place}, {"out": place}):
        answer = as_(cast.agent).get("/issues/chip", {"jql": "status = 'x", **words})
        assert answer.status_code == 302 and answer["Location"].startswith("/issues/?jql=")


def test_fields_are_listed_by_use_with_those_of_the_reader_s_forms(cast: Cast) -> None:
    custom = CustomField.objects.create(number=10_701, desk=cast.desk, name="Район", kind="choice")
    request_type = cast.desk.request_types.order_by("pk").first()
    assert request_type is not None
    options = [{"id": 1, "label": "Север", "labels": {"en": "North"}}, {"id": 2, "label": "Юг", "archived": True}]
    FormField.objects.create(
        request_type=request_type,
        custom=custom,
        key=custom.key,
        kind="choice",
        label="Район",
        options=options,
        position=90,
    )
    editor = as_(cast.agent).get("/issues/chip", {"chip": "new"}).context["editor"]
    assert [field.label for field in editor.by_use[:3]] == ["Статус", "Исполнитель", "Приоритет"]
    assert ("Район", "Район") in [(field.name, field.label) for field in editor.of_forms]
    elsewhere = as_(cast.agent_elsewhere).get("/issues/chip", {"chip": "new"}).context["editor"]
    assert "Район" not in [field.label for field in elsewhere.of_forms]
    editor = as_(cast.agent).get("/issues/chip", {"chip": "new", "field": "Район"}).context["editor"]
    assert [option.label for option in editor.options] == ["пусто", "Север"]
    text = applied(cast, "", chip="new", field="Район", how="is", value="Север")
    assert text == "Район = Север" and chips(cast, text) == ["Район: Север"]
    assert chips(cast, "cf[10701] = Север", "en") == ["Район: North"]


def test_ab_47_the_picker_of_people_shows_only_whom_the_reader_may_know_of(cast: Cast) -> None:
    def found(who: Any, typed: str) -> list[str]:
        words = {"chip": "new", "field": "reporter", "who": typed}
        return [option.label for option in as_(who).get("/issues/chip", words).context["editor"].options]

    assert found(cast.agent, "анна") == ["Анна Петрова"] and found(cast.agent, "fyyf") == ["Анна Петрова"]
    assert found(cast.agent, "степ") == [] and found(cast.admin, "степ") == ["Степан Чужой"]
    assert found(cast.agent, "а") == []
    words = {"chip": "new", "field": "reporter", "who": "бор", "value": "anna@clinic.test", "how": "is"}
    options = as_(cast.agent).get("/issues/chip", words).context["editor"].options
    assert (options[0].label, options[0].chosen) == ("Анна Петрова", True)


def test_who_has_no_address_is_picked_by_name(cast: Cast) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(email=None)
    words = {"jql": "", "chip": "new", "field": "reporter", "who": "петрова"}
    options = as_(cast.agent).get("/issues/chip", words).context["editor"].options
    assert [(option.value, option.label) for option in options] == [('"Анна Петрова"', "Анна Петрова")]
    written = applied(cast, "", chip="new", field="reporter", how="is", value=options[0].value)
    assert written == 'reporter = "Анна Петрова"'
    offered = as_(cast.agent).get("/issues/suggest", {"jql": "reporter = петр", "at": "15"}).json()["options"]
    assert offered == [{"label": "Анна Петрова", "insert": '"Анна Петрова"'}]


def test_the_text_is_folded_where_chips_suffice_and_the_browser_prefers(cast: Cast) -> None:
    client = as_(cast.agent)
    client.cookies["otklik_filter_text"] = "folded"
    assert client.get("/issues/", {"jql": "status = Открытый"}).context["folded"]
    for text in ("status was Открытый", "status = ", "status = Нет-такого"):
        assert not client.get("/issues/", {"jql": text}).context["folded"], text
    assert not as_(cast.agent).get("/issues/", {"jql": "status = Открытый"}).context["folded"]


def test_every_field_of_the_language_is_offered(cast: Cast) -> None:
    editor = as_(cast.agent).get("/issues/chip", {"chip": "new"}).context["editor"]
    assert [
        field.name for field in FIELDS if all(name.name not in (field.name, *field.others) for name in editor.by_use)
    ] == []
    for named in editor.by_use:
        form = as_(cast.agent).get("/issues/chip", {"chip": "new", "field": named.name})
        assert form.status_code == 200 and form.context["editor"].ways, named.name


def test_a_chip_takes_both_ends_of_a_span_out(cast: Cast) -> None:
    jql = "status = Открытый AND created >= 2026-11-02 AND created < 2026-11-06"
    answer = as_(cast.agent).get("/issues/chip", {"jql": jql, "out": "1"})
    assert parse_qs(urlsplit(answer["Location"]).query)["jql"] == ["status = Открытый"]


def test_the_order_stands_in_words(cast: Cast) -> None:
    with translation.override("ru"):
        bar = bar_of(parse("ORDER BY priority, created ASC, nosuch"), asker(cast))
    assert bar.order == "Приоритет по убыванию, Создано по возрастанию, nosuch"


def test_chips_of_a_mistaken_filter_are_there_to_mend_it(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(labels=["vip"])
    page = as_(cast.agent).get("/issues/", {"jql": "labels = vip and status = Старый"})
    assert page.status_code == 422 and [chip.words for chip in page.context["page"].bar.chips][1] == "Статус: Старый"
    assert applied(cast, "labels = vip and status = Старый", chip="1", how="is", value="Открытый") == (
        "labels = vip AND status = Открытый"
    )


def test_the_chips_are_a_form_for_screen_readers(cast: Cast) -> None:
    page = as_(cast.agent).get("/issues/", {"jql": "status = Open"}).content.decode()
    opened = page[page.index('<form class="chips"') :].split(">", 1)[0]
    assert "aria-label" in opened and "role=" not in opened, "no form may be a group (ARIA in HTML)"

"""Request forms: each kind of field, conditions, stored files, and that no typed text is lost."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.desks.models import Field
from otklik.people.models import Organization
from otklik.tickets.models import Attachment, Draft, Ticket
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_, card, form

K = Field.Kind
DRAFTS = "/servicedesk/customer/user/drafts"
WORDS = {"summary": "Нет печати", "description": "Кнопка не нажимается."}
COLOURS = [
    {"id": "1", "label": "Красный"},
    {"id": "2", "label": "Синий"},
    {"id": "3", "label": "Старый", "archived": True},
]
PLACES = [
    {"id": "1", "label": "Москва", "children": [{"id": "11", "label": "Арбат"}, {"id": "12", "label": "Тверская"}]},
    {"id": "2", "label": "Тула", "children": []},
]


def add(cast: Cast, kind: str, **more: Any) -> str:
    """Add a field to the first type's form; return its key."""
    row = cast.desk.request_types.order_by("position")[0]
    key = f"customfield_{9000000 + Field.objects.count()}"
    Field.objects.create(request_type=row, key=key, kind=kind, **{"label": "Поле", "position": 50, **more})
    return key


def begun(cast: Cast) -> dict[str, str]:
    """Return a started form, as its page sends it to be saved as a draft."""
    kind = cast.desk.request_types.order_by("position")[0]
    return {"draft.place": f"request:{kind.pk}", "draft.page": form(cast), "summary": "Начато"}


def sent(cast: Cast, **words: Any) -> Any:
    """Return the answer to the form sent by the requester."""
    return as_(cast.anna).post(form(cast), {**WORDS, **words})


def newest() -> Ticket:
    return Ticket.objects.latest("id")


CASES = [
    (K.TEXT, {}, "  слово ", "слово", "слово"),
    (K.PARAGRAPH, {}, "раз\nдва", "раз\nдва", "раз"),
    (K.NUMBER, {}, "1 234,5", 1234.5, "1234,5"),
    (K.NUMBER, {}, "-7", -7, "-7"),
    (K.DATE, {}, "2026-11-02", "2026-11-02", "2 ноября 2026"),
    (K.DATE, {}, "2.11.2026", "2026-11-02", "2 ноября 2026"),
    (K.MOMENT, {}, "2026-11-02T12:30", "2026-11-02T09:30:00Z", "12:30"),
    (K.CHOICE, {"options": COLOURS}, "2", "2", "Синий"),
    (K.CHOICES, {"options": COLOURS}, ["1", "2"], ["1", "2"], "Красный, Синий"),
    (K.CHECKBOX, {}, "on", True, "да"),
    (K.PERSON, {}, "Boris@Clinic.test", "boris@clinic.test", "boris@clinic.test"),
]


@pytest.mark.parametrize(("kind", "more", "typed", "kept", "shown"), CASES)
def test_each_kind_is_kept_typed_and_shown(
    cast: Cast, kind: str, more: dict[str, Any], typed: Any, kept: Any, shown: str
) -> None:
    key = add(cast, kind, **more)
    assert sent(cast, **{key: typed}).status_code == 302
    assert newest().answers[key] == kept
    page = as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/{newest().key}").content.decode()
    answer = re.search(rf'data-answer="{key}">(.*?)</dd>', page, re.DOTALL)
    assert answer and "Поле" in answer[1] and shown in answer[1].replace("\xa0", " ")


@pytest.mark.parametrize(
    ("kind", "limits", "typed"),
    [
        (K.TEXT, {"max": 3}, "три"),
        (K.TEXT, {"max": 5000}, "я" * 1000),
        (K.TEXT, {}, "я" * 255),
        (K.PARAGRAPH, {"max": 3}, "три"),
        (K.NUMBER, {"min": 3, "max": 3, "whole": True}, "3"),
        (K.CHOICES, {"max": 2}, ["1", "2"]),
        (K.DATE, {"when": "future"}, "2999-01-01"),
        (K.DATE, {"when": "past"}, "2001-01-01"),
    ],
)
def test_what_just_keeps_within_the_limits_is_taken(cast: Cast, kind: str, limits: dict[str, Any], typed: Any) -> None:
    key = add(cast, kind, options=COLOURS, limits=limits)
    assert sent(cast, **{key: typed}).status_code == 302 and key in newest().answers


@pytest.mark.parametrize(
    ("required", "count", "radio", "buttons"),
    [(True, 5, True, 5), (True, 6, True, 0), (True, 5, False, 0), (False, 5, True, 0)],
)
def test_a_choice_is_of_radio_buttons_where_all_can_be_seen_and_one_must_be_chosen(
    cast: Cast, required: bool, count: int, radio: bool, buttons: int
) -> None:
    """A radio button cannot be deselected, so optional choices are lists."""
    options = [{"id": str(number), "label": f"№ {number}"} for number in range(count)]
    key = add(cast, K.CHOICE, options=options, required=required, limits={"radio": radio})
    page = as_(cast.anna).get(form(cast)).content.decode()
    assert len(re.findall(rf'<input type="radio" name="{key}"', page)) == buttons
    assert (f'<select name="{key}"' in page) is (buttons == 0)


REFUSED = [
    (K.TEXT, {"limits": {"max": 3}}, "четыре"),
    (K.NUMBER, {}, "семь"),
    (K.NUMBER, {"limits": {"max": 10}}, "11"),
    (K.NUMBER, {"limits": {"whole": True}}, "1,5"),
    (K.DATE, {}, "32.13.2026"),
    (K.DATE, {"limits": {"when": "future"}}, "2001-01-01"),
    (K.MOMENT, {"limits": {"when": "past"}}, "2999-01-01T10:00"),
    (K.CHOICE, {"options": COLOURS}, "9"),
    (K.CHOICE, {"options": COLOURS}, "3"),
    (K.CHOICES, {"options": COLOURS, "limits": {"max": 1}}, ["1", "2"]),
    # What the desk set is never more than a field takes at all.
    (K.TEXT, {"limits": {"max": 5000}}, "я" * 1001),
    (K.NUMBER, {"limits": {"min": 3}}, "2"),
    (K.PERSON, {}, "не адрес"),
    (K.ORGANIZATION, {}, "1"),
]


@pytest.mark.parametrize(("kind", "more", "typed"), REFUSED)
def test_what_is_no_answer_is_refused_at_the_field(cast: Cast, kind: str, more: dict[str, Any], typed: Any) -> None:
    key = add(cast, kind, **more)
    response = sent(cast, **{key: typed})
    page = response.content.decode()
    assert response.status_code == 422 and f'id="id_{key}_error"' in page
    assert f"id_{key}_error" in re.findall(r'aria-describedby="([^"]*)"', page)[-1] or kind == K.CHOICES
    assert page.count(" autofocus") >= 1
    assert "Кнопка не нажимается." in page and Ticket.objects.count() == 1
    assert "Восстановлен черновик" not in page, "they are the words just sent"


@pytest.mark.parametrize("kind", [K.TEXT, K.NUMBER, K.DATE, K.CHOICE, K.CHOICES, K.CHECKBOX, K.PERSON, K.ATTACHMENT])
def test_a_required_field_is_required(cast: Cast, kind: str) -> None:
    key = add(cast, kind, required=True, options=COLOURS)
    page = sent(cast).content.decode()
    assert f'id="id_{key}_error"' in page and Ticket.objects.count() == 1


def test_a_choice_in_two_steps(cast: Cast) -> None:
    key = add(cast, K.CASCADE, options=PLACES, required=True)
    assert sent(cast, **{key: "1", f"{key}:1": "12"}).status_code == 302
    assert newest().answers[key] == ["1", "12"]
    assert "Москва → Тверская" in as_(cast.anna).get(f"/browse/{newest().key}", follow=True).content.decode()
    assert sent(cast, **{key: "2", f"{key}:1": "12"}).status_code == 422
    assert sent(cast, **{key: "1"}).status_code == 422
    assert sent(cast, **{key: "2"}).status_code == 302 and newest().answers[key] == ["2"]


def test_ab_47_an_organisation_is_one_of_ones_own(cast: Cast) -> None:
    mine, other = Organization.objects.create(name="Клиника"), Organization.objects.create(name="Чужая")
    mine.members.add(cast.anna)
    key = add(cast, K.ORGANIZATION, required=True)
    page = as_(cast.anna).get(form(cast)).content.decode()
    assert "Клиника" in page and "Чужая" not in page
    assert sent(cast, **{key: other.pk}).status_code == 422
    assert sent(cast, **{key: mine.pk}).status_code == 302 and newest().answers[key] == mine.pk
    # Who belongs to none cannot be required to choose one.
    assert as_(cast.stranger).post(form(cast), WORDS).status_code == 302


def test_a_field_is_asked_only_under_its_condition(cast: Cast) -> None:
    colour = add(cast, K.CHOICE, options=COLOURS)
    tone = add(cast, K.TEXT, required=True, condition_key=colour, condition_values=["1"])
    deep = add(cast, K.TEXT, required=True, condition_key=tone)
    assert sent(cast, **{colour: "2", tone: "лишнее", deep: "лишнее"}).status_code == 302
    assert newest().answers == {colour: "2"}
    assert f'id="id_{tone}_error"' in sent(cast, **{colour: "1"}).content.decode()
    assert f'id="id_{deep}_error"' in sent(cast, **{colour: "1", tone: "алый"}).content.decode()
    assert sent(cast, **{colour: "1", tone: "алый", deep: "да"}).status_code == 302
    assert newest().answers == {colour: "1", tone: "алый", deep: "да"}


def test_fields_that_wait_for_each_other_are_not_asked(cast: Cast) -> None:
    one = add(cast, K.TEXT, required=True)
    other = add(cast, K.TEXT, required=True, condition_key=one)
    Field.objects.filter(key=one).update(condition_key=other)
    assert sent(cast).status_code == 302 and newest().answers == {}


def test_ab_50_a_hidden_preset_is_kept_whatever_is_sent(cast: Cast) -> None:
    key = add(cast, K.TEXT, hidden=True, default="портал", label="Источник")
    assert key not in as_(cast.anna).get(form(cast)).content.decode()
    assert sent(cast, **{key: "подделка"}).status_code == 302
    assert newest().answers == {key: "портал"}
    address = f"/browse/{newest().key}"
    assert "Источник" not in as_(cast.anna).get(address, follow=True).content.decode()
    assert "Источник" in as_(cast.agent).get(address).content.decode()


def test_a_default_stands_in_the_form(cast: Cast) -> None:
    add(cast, K.TEXT, default="как всегда")
    assert "как всегда" in as_(cast.anna).get(form(cast)).content.decode()


def test_words_of_answers_are_escaped(cast: Cast) -> None:
    add_key = add(cast, K.PARAGRAPH)
    sent(cast, **{add_key: "<script>alert(1)</script>\nстрока"})
    page = as_(cast.anna).get(f"/browse/{newest().key}", follow=True).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_ab_01_who_joined_late_does_not_see_the_answers(cast: Cast) -> None:
    key = add(cast, K.TEXT)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={key: "тайна"})
    cast.ticket.participants.filter(person=cast.boris).update(sees_from="2026-11-03T00:00Z")
    assert "тайна" in as_(cast.anna).get(card(cast)).content.decode()
    assert "тайна" not in as_(cast.boris).get(card(cast)).content.decode()


def file(name: str = "a.txt", data: bytes = b"abc") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "text/plain")


def kept(page: str, name: str = "attachments") -> list[str]:
    """Return the signed references of files that the page shows as attached."""
    return re.findall(rf'name="{name}.kept" value="([^"]+)"', page)


def test_a_chosen_file_is_not_lost_with_a_refused_form(cast: Cast, home: Path) -> None:
    page = sent(cast, summary="", attachments=[file(), file("b.txt", b"b")]).content.decode()
    tickets = kept(page)
    assert len(tickets) == 2 and "a.txt" in page
    assert sent(cast, **{"attachments.kept": tickets[:1]}).status_code == 302
    assert [row.name for row in Attachment.objects.all()] == ["a.txt"]


def test_ab_45_a_file_kept_for_one_is_nothing_to_another(cast: Cast, home: Path) -> None:
    tickets = kept(sent(cast, summary="", attachments=file()).content.decode())
    response = as_(cast.stranger).post(form(cast), {**WORDS, "attachments.kept": [*tickets, "forged"]})
    assert response.status_code == 302 and Attachment.objects.count() == 0


def test_a_file_uploaded_before_sending(cast: Cast, home: Path) -> None:
    anna = as_(cast.anna)
    answer = anna.post(form(cast) + "/upload", {"field": "attachments", "attachments": file()})
    tickets = kept(answer.content.decode())
    assert answer.status_code == 200 and len(tickets) == 1
    assert anna.post(form(cast), {**WORDS, "attachments.kept": tickets}).status_code == 302
    assert Attachment.objects.get().name == "a.txt"
    assert anna.post(form(cast) + "/upload", {"field": "summary"}).status_code == 404


def test_a_field_of_files_takes_its_kinds_only_and_shows_them(cast: Cast, home: Path) -> None:
    key = add(cast, K.ATTACHMENT, limits={"types": ["pdf"]}, label="Приказ")
    page = sent(cast, **{key: [file("a.txt"), file("приказ.PDF", b"%PDF")]}).content.decode()
    assert "a.txt" in page and len(kept(page, key)) == 1 and Ticket.objects.count() == 1
    assert sent(cast, **{f"{key}.kept": kept(page, key)}).status_code == 302
    assert newest().answers[key][0]["name"] == "приказ.PDF"
    shown = as_(cast.anna).get(f"/browse/{newest().key}", follow=True).content.decode()
    assert re.search(r'Приказ</dt><dd>.*?attachment/\d+/[^"]+"', shown, re.DOTALL)


def test_a_draft_is_kept_restored_and_forgotten(cast: Cast, home: Path) -> None:
    anna, key = as_(cast.anna), add(cast, K.CHOICES, options=COLOURS)
    anna.post(DRAFTS, {**begun(cast), key: ["1", "2"], "attachments": file()})
    page = anna.get(form(cast)).content.decode()
    assert "Восстановлен черновик" in page and 'value="Начато"' in page and len(kept(page)) == 1
    assert page.count(" checked") == 3 and "_error" not in page
    assert "Начато" not in as_(cast.boris).get(form(cast)).content.decode()
    assert anna.post(form(cast), {**WORDS, "attachments.kept": kept(page)}).status_code == 302
    assert Draft.objects.count() == 0


def test_a_draft_is_thrown_away(cast: Cast) -> None:
    anna = as_(cast.anna)
    anna.post(DRAFTS, begun(cast))
    anna.post(DRAFTS, {**begun(cast), "draft.act": "discard"})
    assert "Начато" not in anna.get(form(cast)).content.decode()


def test_what_is_refused_is_a_draft_too(cast: Cast) -> None:
    sent(cast, summary="")
    assert Draft.objects.get().words == {"description": ["Кнопка не нажимается."]}


def test_rl_36_answers_survive_a_session_that_ended(cast: Cast) -> None:
    key, client = add(cast, K.TEXT), Client()
    client.post(form(cast), {**WORDS, key: "важное"})
    client.post(
        "/servicedesk/customer/user/login", {"login": "anna@clinic.test", "password": PASSWORD, "next": form(cast)}
    )
    assert "важное" in client.get(form(cast)).content.decode()


@pytest.mark.parametrize(("who", "status"), [("boris", 302), ("stranger", 422)])
def test_ab_29_on_behalf_of_a_colleague_only_and_unknown_is_not_told(cast: Cast, who: str, status: int) -> None:
    cast.desk.on_behalf = True
    cast.desk.save()
    clinic = Organization.objects.create(name="Клиника")
    clinic.members.add(cast.anna, cast.boris)
    response = sent(cast, raiseOnBehalfOf=getattr(cast, who).email)
    assert response.status_code == status
    if status == 302:
        ticket = newest()
        assert ticket.requester == cast.boris
        assert {row.person_id for row in ticket.participants.all()} == {cast.anna.pk, cast.boris.pk}
    else:
        known = re.findall(r'raiseOnBehalfOf_error">(.*?)</div>', response.content.decode(), re.DOTALL)
        unknown = sent(cast, raiseOnBehalfOf="nobody@nowhere.test").content.decode()
        assert known == re.findall(r'raiseOnBehalfOf_error">(.*?)</div>', unknown, re.DOTALL) != []


def test_ab_50_nobody_asks_for_another_where_the_desk_does_not_allow_it(cast: Cast) -> None:
    Organization.objects.create(name="Клиника").members.add(cast.anna, cast.boris)
    assert sent(cast, raiseOnBehalfOf=cast.boris.email).status_code == 302
    assert newest().requester == cast.anna


def test_the_staff_asks_on_behalf_of_anybody(cast: Cast) -> None:
    response = as_(cast.agent).post(form(cast), {**WORDS, "raiseOnBehalfOf": "new@clinic.test"})
    assert response.status_code == 302 and newest().requester
    assert newest().requester.email == "new@clinic.test"  # type: ignore[union-attr]
    assert newest().participants.count() == 1


def test_a_new_desk_comes_with_sensible_forms(cast: Cast) -> None:
    page = as_(cast.anna).get(form(cast)).content.decode()
    assert all(label in page for label in ("Тема", "Описание", "Шаги", "Браузер", "Вложения"))
    keys = set(Field.objects.exclude(key__in=("summary", "description", "attachments")).values_list("key", flat=True))
    assert keys and all(re.fullmatch(r"customfield_\d{5,}", key) for key in keys)


def test_what_another_one_is_has_to_be_said_and_only_then(cast: Cast) -> None:
    which = Field.objects.get(request_type__desk=cast.desk, label="Какой браузер")
    browser = Field.objects.get(request_type__desk=cast.desk, label="Браузер")
    other = next(one["id"] for one in browser.options if one["label"] == "Другой")
    refused = sent(cast, **{browser.key: other})
    assert refused.status_code == 422 and f'data-part="{which.key}"' in refused.content.decode()
    assert sent(cast, **{browser.key: other, which.key: "Lynx"}).status_code == 302
    assert sent(cast).status_code == 302 and sent(cast, **{browser.key: "1"}).status_code == 302


def test_each_type_of_a_new_desk_helps_with_its_own_description(cast: Cast) -> None:
    kinds = cast.desk.request_types.filter(hidden=False).order_by("position")
    said = [as_(cast.anna).get(f"{form(cast).rpartition('/')[0]}/{kind.pk}").content.decode() for kind in kinds]
    helps = ("Очень помогает текст ошибки", "Что вы хотите узнать или сделать", "Для чего нужна учётная запись")
    assert [[words in page for words in helps] for page in said] == [[i == k for k in range(3)] for i in range(3)]
    cast.anna.language = "en"
    cast.anna.save()
    page = as_(cast.anna).get(f"{form(cast).rpartition('/')[0]}/{kinds[1].pk}").content.decode()
    assert "What do you want to know or to do?" in page


def test_a_tick_that_was_not_made_is_no_answer_no(cast: Cast) -> None:
    key = add(cast, K.CHECKBOX, label="С документами ознакомлен")
    sent(cast)
    page = as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/{newest().key}").content.decode()
    answer = re.search(rf'data-answer="{key}">(.*?)</dd>', page, re.DOTALL)
    assert answer is None or "не отмечено" in answer.group(1)
    assert "ознакомлен: нет" not in page

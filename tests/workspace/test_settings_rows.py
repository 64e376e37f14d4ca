"""Lists in the settings: reordering, and the notes in each row."""

import re

import pytest

from otklik.desks.models import Channel, Field, RequestType, TypeGroup
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of

SETTINGS = "/projects/ACCREDO/settings"


def types(cast: Cast) -> list[RequestType]:
    return list(cast.desk.request_types.order_by("position"))


def moves(page: str, way: str) -> list[int]:
    """Return ids of the rows whose button in this direction is enabled."""
    return [int(pk) for pk in re.findall(rf'name="{way}" value="(\d+)"(?! disabled)', page)]


@pytest.mark.parametrize("place", ["types", "groups", "fields"])
def test_the_first_goes_no_further_up_and_the_last_no_further_down(cast: Cast, place: str) -> None:
    """Retired rows are last and cannot be moved."""
    if place == "types":
        rows, tail = types(cast), "types"
        RequestType.objects.filter(pk=rows.pop(0).pk).update(archived=True)
    elif place == "groups":
        rows = [TypeGroup.objects.create(desk=cast.desk, name=name, position=n) for n, name in enumerate("АБВ")]
        tail = "groups"
    else:
        kind = types(cast)[0]
        rows, tail = list(Field.objects.filter(request_type=kind).order_by("position")), f"types/{kind.pk}/form"
        Field.objects.filter(pk=rows.pop().pk).update(archived=True)
    page, ids = page_of(as_(cast.lead).get(f"{SETTINGS}/{tail}")), [row.pk for row in rows]
    assert len(ids) > 1 and moves(page, "up") == ids[1:] and moves(page, "down") == ids[:-1]


def notes(page: str, name: str) -> str:
    found = re.search(rf'>{re.escape(name)}</a>\s*(?:<span class="soft">(.*?)</span>)?\s*</span>', page, re.S)
    assert found, name
    return (found.group(1) or "").strip()


def test_a_type_says_what_is_special_about_it(cast: Cast) -> None:
    kind, other = types(cast)[:2]
    Channel.objects.filter(desk=cast.desk).update(request_type=other)
    page = page_of(as_(cast.lead).get(f"{SETTINGS}/types"))
    assert notes(page, other.name).endswith("сюда приходит почта") and "почта" not in notes(page, kind.name)
    for change, words in (
        ({"hidden": True}, "скрыт"), ({"restricted": True}, "только для указанных"),
        ({"approval_rule": "one"}, "нужно согласование"), ({"archived": True}, "не используется"),
    ):  # fmt: skip
        assert words not in notes(page, kind.name)
        RequestType.objects.filter(pk=kind.pk).update(**change)
        page = page_of(as_(cast.lead).get(f"{SETTINGS}/types"))
        assert words in notes(page, kind.name) and words not in notes(page, other.name)


def test_a_field_says_whether_it_is_asked_and_when(cast: Cast) -> None:
    kind = types(cast)[0]
    first = Field.objects.create(request_type=kind, key="one", kind=Field.Kind.CHECKBOX, label="Первое", position=80)
    row = Field.objects.create(request_type=kind, key="two", kind=Field.Kind.TEXT, label="Второе", position=81)

    def said(**change: object) -> str:
        Field.objects.filter(pk=row.pk).update(**change)
        return notes(page_of(as_(cast.lead).get(f"{SETTINGS}/types/{kind.pk}/form")), "Второе")

    plain = said()
    assert plain.endswith("two") and "обязательн" not in plain
    assert "обязательн" in said(required=True)
    hidden = said(hidden=True)
    assert "не спрашивается" in hidden and "обязательн" not in hidden
    assert "«Первое»" in said(condition_key=first.key, condition_values=["yes"], hidden=False)
    assert "убрано" not in said() and "убрано" in said(archived=True)


def test_a_group_says_what_is_in_it_and_whether_it_is_in_use(cast: Cast) -> None:
    group = TypeGroup.objects.create(desk=cast.desk, name="Группа", position=1)
    group.types.set(types(cast)[:2])

    def said() -> str:
        return notes(page_of(as_(cast.lead).get(f"{SETTINGS}/groups")), "Группа")

    assert all(kind.name in said() for kind in types(cast)[:2]) and "не используется" not in said()
    TypeGroup.objects.filter(pk=group.pk).update(archived=True)
    assert "не используется" in said()


def test_a_choice_has_five_hundred_options_and_not_one_more(cast: Cast) -> None:
    kind, lead = types(cast)[0], as_(cast.lead)
    row = Field.objects.create(request_type=kind, key="many", kind=Field.Kind.CHOICE, label="Много", position=80)
    for number, status in ((501, 422), (500, 302)):
        options = "\n".join(f"ответ {one}" for one in range(number))
        answer = lead.post(f"{SETTINGS}/types/{kind.pk}/form/{row.pk}", {"label": "Много", "options": options})
        assert answer.status_code == status
    row.refresh_from_db()
    assert len(row.options) == 500


def test_two_questions_cannot_wait_for_each_other(cast: Cast) -> None:
    kind, lead = types(cast)[0], as_(cast.lead)
    one, two = (
        Field.objects.create(request_type=kind, key=key, kind=Field.Kind.TEXT, label=key, position=80)
        for key in ("one", "two")
    )
    form = f"{SETTINGS}/types/{kind.pk}/form"
    assert lead.post(f"{form}/{one.pk}", {"label": "one", "when_0_key": "two"}).status_code == 302
    assert lead.post(f"{form}/{two.pk}", {"label": "two", "when_0_key": "one"}).status_code == 422
    two.refresh_from_db()
    assert not two.conditions

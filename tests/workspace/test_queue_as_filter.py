"""Queues link to the filter page, and so do former URLs with answers."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from otklik.desks.models import CustomField, Field, Queue
from otklik.people.models import Organization
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_queue import more_tickets

K = Field.Kind
OPTIONS = [
    {"id": "1", "label": "Принтер", "children": [{"id": "11", "label": "Лазерный"}]},
    {"id": "2", "label": "Сканер", "children": []},
]


def field(cast: Cast, number: int, kind: str, label: str = "Поле") -> Field:
    row = cast.desk.request_types.order_by("position")[0]
    key = f"customfield_{number}"
    custom = CustomField.objects.create(number=number, desk=cast.desk, name=label, kind=kind)
    return Field.objects.create(
        request_type=row, custom=custom, key=key, kind=kind, label=label, options=OPTIONS, position=number
    )


CASES: list[tuple[str, Any, dict[str, str], dict[str, str]]] = [
    (K.CHOICE, "2", {"": "2"}, {"": "1"}),
    (K.CHOICES, ["1", "2"], {"": "2"}, {"": "11"}),
    (K.CASCADE, ["1", "11"], {"": "11"}, {"": "2"}),
    (K.CHECKBOX, True, {"": "yes"}, {"": "no"}),
    (K.CHECKBOX, False, {"": "no"}, {"": "yes"}),
    (K.TEXT, "Кабинет 412", {"": "кабинет"}, {"": "413"}),
    (K.NUMBER, 7.5, {".from": "7", ".to": "8"}, {".from": "8"}),
    (K.NUMBER, -3, {".to": "-1"}, {".to": "-4"}),
    (K.DATE, "2026-11-02", {".from": "2026-11-02", ".to": "2026-11-02"}, {".to": "2026-11-01"}),
    (K.MOMENT, "2026-11-02T09:30:00Z", {".from": "2026-11-02", ".to": "2026-11-02"}, {".from": "2026-11-03"}),
    (K.ATTACHMENT, [{"name": "a", "digest": "b"}], {"": "yes"}, {"": "no"}),
]


@pytest.mark.parametrize(("kind", "answer", "fits", "fails"), CASES)
def test_a_queue_narrowed_by_an_answer_is_a_filter_now(
    cast: Cast, kind: str, answer: Any, fits: dict[str, str], fails: dict[str, str]
) -> None:
    row = field(cast, 77, kind)
    more_tickets(cast, 1)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={row.key: answer})
    client = as_(cast.agent)
    for words, there in ((fits, True), (fails, False)):
        response = client.get(queue_url(cast.desk), {f"{row.key}{name}": said for name, said in words.items()})
        page = page_of(client.get(response.headers["Location"]))
        assert ("ACCREDO-1<" in page) is there, words
        assert "cf[77]" in page
        if there and "no" not in words.values():
            assert "ACCREDO-2<" not in page


def test_an_organisation_narrows_too(cast: Cast) -> None:
    row, clinic = field(cast, 77, K.ORGANIZATION), Organization.objects.create(name="Клиника")
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={row.key: clinic.pk})
    more_tickets(cast, 1)
    client = as_(cast.agent)
    response = client.get(queue_url(cast.desk), {row.key: clinic.pk})
    page = page_of(client.get(response.headers["Location"]))
    assert "ACCREDO-1<" in page and "ACCREDO-2<" not in page and "Клиника" in page


def jql(address: str) -> str:
    return parse_qs(urlsplit(address).query)["jql"][0]


def test_the_text_says_the_desk_its_conditions_and_names_of_answers(cast: Cast) -> None:
    row, client = field(cast, 77, K.CHOICES), as_(cast.agent)
    address = client.get(f"{queue_url(cast.desk)}/filter", {row.key: ["2", "11"], "sort": "key"}).headers["Location"]
    assert jql(address) == (
        "project = ACCREDO AND statusCategory != Done AND cf[77] in (Сканер, Лазерный) ORDER BY key ASC"
    )


def test_a_queue_is_shown_with_the_present_names(cast: Cast) -> None:
    status = cast.desk.statuses.get(name="В работе")
    queue = Queue.objects.create(
        desk=cast.desk, name="Моя", jql=f"status = {status.pk} AND assignee = {cast.lead.pk}", position=9, columns=[]
    )
    client = as_(cast.agent)
    for name in ("В работе", "Делаем"):
        cast.desk.statuses.filter(pk=status.pk).update(name=name)
        address = client.get(f"/projects/ACCREDO/queues/custom/{queue.pk}/filter").headers["Location"]
        words = f'"{name}"' if " " in name else name
        assert jql(address) == f'project = ACCREDO AND status = {words} AND assignee = "{cast.lead.name}"'
        assert client.get(address).status_code == 200


def test_ab_51_words_that_are_no_filter_change_nothing(cast: Cast) -> None:
    client = as_(cast.agent)
    field(cast, 77, K.NUMBER)
    for words in ("customfield_77__gte=1", "answers__x=1", "customfield_1' OR 1=1 --=1"):
        response = client.get(f"{queue_url(cast.desk)}?{words}")
        page = page_of(client.get(response.headers["Location"]) if response.status_code == 302 else response)
        assert "ACCREDO-1<" in page, words
    wrong = client.get(f"{queue_url(cast.desk)}?customfield_77.from=abc").headers["Location"]
    assert client.get(wrong).status_code == 422

"""Queues narrowed by the answers to forms."""

import re
from typing import Any
from urllib.parse import unquote

import pytest

from otklik.desks.models import Field
from otklik.people.models import Organization
from otklik.tickets.models import Ticket
from otklik.tickets.search.filters import narrow
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
    return Field.objects.create(request_type=row, key=key, kind=kind, label=label, options=OPTIONS, position=number)


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
def test_each_kind_of_answer_narrows_a_queue(
    cast: Cast, kind: str, answer: Any, fits: dict[str, str], fails: dict[str, str]
) -> None:
    row = field(cast, 77, kind)
    more_tickets(cast, 1)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={row.key: answer})
    client = as_(cast.agent)
    for words, there in ((fits, True), (fails, False)):
        page = page_of(client.get(queue_url(cast.desk), {f"{row.key}{name}": said for name, said in words.items()}))
        assert ("ACCREDO-1<" in page) is there, words
        assert "Поле:" in page
        if there and "no" not in words.values():
            assert "ACCREDO-2<" not in page and "1-1 из 1" in page


def test_a_range_is_said_as_people_say_it(cast: Cast) -> None:
    day, address, client = field(cast, 77, K.DATE), queue_url(cast.desk), as_(cast.agent)
    for ends, words in (
        ({"from": "2026-11-02", "to": "2026-11-05"}, "02.11.2026 – 05.11.2026"),
        ({"from": "2026-11-02"}, "от 02.11.2026"),
        ({"to": "2026-11-05"}, "до 05.11.2026"),
    ):
        page = page_of(client.get(address, {f"{day.key}.{end}": said for end, said in ends.items()}))
        assert f"<strong>{words}</strong>" in page
    number = field(cast, 78, K.NUMBER)
    assert "<strong>от 1,5</strong>" in page_of(client.get(address, {f"{number.key}.from": "1,5"}))


def test_an_organisation_narrows_too(cast: Cast) -> None:
    row, clinic = field(cast, 77, K.ORGANIZATION), Organization.objects.create(name="Клиника")
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={row.key: clinic.pk})
    more_tickets(cast, 1)
    page = page_of(as_(cast.agent).get(queue_url(cast.desk), {row.key: clinic.pk}))
    assert "ACCREDO-1<" in page and "ACCREDO-2<" not in page and "<strong>Клиника</strong>" in page


def test_the_filter_is_asked_on_a_page_and_kept_by_every_link(cast: Cast) -> None:
    row, address = field(cast, 77, K.CHOICES, "Что сломалось"), queue_url(cast.desk)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={row.key: ["2"]})
    client = as_(cast.agent)
    form = page_of(client.get(f"{address}/filter?{row.key}=2&sort=key"))
    assert "Что сломалось" in form and "Принтер → Лазерный" in form and 'value="2"' in form
    answer = client.get(f"{address}/filter?apply=1&{row.key}=1&{row.key}=2")
    assert answer.headers["Location"] == f"{address}?{row.key}=1&{row.key}=2"
    page = page_of(client.get(answer.headers["Location"]))
    assert f"?sort=subject&amp;{row.key}=1&amp;{row.key}=2" in page and f"&amp;{row.key}=1&amp;{row.key}=2" in page
    assert "Принтер, Сканер" in page
    assert client.get(f"{address}/filter?apply=1").headers["Location"] == address
    news = client.get(f"{address}/news", {"since": "2020-01-01T00:00:00Z", row.key: "2"})
    assert f"?{row.key}=2" in page_of(news)


def test_one_condition_is_taken_off_and_the_others_stay_with_the_order(cast: Cast) -> None:
    one, two = field(cast, 77, K.CHOICES, "Что сломалось"), field(cast, 78, K.TEXT, "Где")
    address = queue_url(cast.desk)
    page = page_of(as_(cast.agent).get(f"{address}?sort=key&{one.key}=1&{two.key}=подвал"))
    conditions = page[page.index("queue-conditions") :]
    off = re.findall(r'<a [^>]*href="([^"]+)"', conditions[: conditions.index("</ul>")])
    left = [unquote(one).partition("?")[2].split("&amp;") for one in off]
    assert left == [["sort=key", f"{two.key}=подвал"], ["sort=key", f"{one.key}=1"]]


def test_ab_51_words_that_are_no_filter_change_nothing(cast: Cast) -> None:
    row, address = field(cast, 77, K.NUMBER), queue_url(cast.desk)
    client = as_(cast.agent)
    for words in ("customfield_1=x", f"{row.key}.from=abc", "customfield_77__gte=1", "answers__x=1"):
        page = page_of(client.get(f"{address}?{words}"))
        assert "ACCREDO-1<" in page and "queue-conditions" not in page, words
    refused = client.get(f"{address}/filter?apply=1&{row.key}.from=abc")
    assert refused.status_code == 422 and 'value="abc"' in page_of(refused)
    wild = {"answers": {"customfield_1' OR 1=1 --": {"has": "x"}}}
    assert narrow(Ticket.objects.all(), wild, cast.agent).count() == 1

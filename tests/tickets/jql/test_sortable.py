"""An order without an index is refused if too many tickets had to be sorted, in a sentence with the remedy."""

import pytest

from otklik.desks.commands.create import set_role
from otklik.people.actor import system
from otklik.tickets.jql import sortable
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.workspace import queue_counts
from otklik.workspace.pages import issues
from otklik.workspace.pages import queue as queue_pages
from otklik.workspace.queue_reads import ORDERS
from tests.cast import START, Cast
from tests.tickets.bulk.parts import more_tickets
from tests.workspace.helpers import as_, page_of, queue_url

SORTED = (
    "project", "issuetype", "request type", "status", "resolution", "priority", "assignee", "reporter", "resolved",
    "due", "summary",
)  # fmt: skip


@pytest.fixture
def few(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Return the cast with five tickets, where more than three are too many to sort."""
    more_tickets(cast, 5)
    monkeypatch.setattr(sortable, "MOST_SORTED", 3)
    monkeypatch.setattr(sortable, "tickets_there_are", lambda: 5)
    return cast


def asked(cast: Cast, text: str) -> None:
    asker, query = Asker(cast.agent, START, at_work=True), parse(text)
    sortable.require_few_to_sort(query, find(query, asker), asker)


@pytest.mark.parametrize("field", SORTED)
def test_what_is_too_much_to_sort_is_refused_at_the_field(few: Cast, field: str) -> None:
    name = f'"{field}"' if " " in field else field
    text = f"project = ACCREDO ORDER BY {name} ASC, created DESC"
    with pytest.raises(BadJql) as refused:
        asked(few, text)
    assert refused.value.refusal is JqlRefusal.TOO_MANY_TO_SORT and refused.value.at == text.rindex(name)
    assert name.strip('"') in refused.value.translated()
    asked(few, f"key in (ACCREDO-1, ACCREDO-2, ACCREDO-3) ORDER BY {name}")


@pytest.mark.parametrize("order", ["", "ORDER BY created", "ORDER BY updated DESC, status", "ORDER BY key"])
def test_what_an_index_has_is_never_refused(few: Cast, order: str) -> None:
    asked(few, f"project = ACCREDO {order}")


def test_keys_of_several_desks_are_sorted_by_no_index(few: Cast) -> None:
    set_role(actor=system("cli"), at=START, desk=few.other_desk, person=few.agent, role="agent")
    with pytest.raises(BadJql):
        asked(few, "ORDER BY key")


def test_a_small_house_is_asked_nothing(few: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sortable, "tickets_there_are", lambda: 3)
    asked(few, "ORDER BY status")


def test_the_page_of_a_filter_says_what_to_do(few: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "COUNTED", 2)
    page = as_(few.agent).get("/issues/", {"jql": "project = ACCREDO ORDER BY assignee"})
    assert page.status_code == 422
    words = page_of(page)
    assert "больше чем 3 запросов: добавьте условие поуже" in words and "assignee" in words
    assert as_(few.agent).get("/issues/", {"jql": "key = ACCREDO-2 ORDER BY assignee"}).status_code == 200


@pytest.mark.parametrize("order", ORDERS)
def test_a_click_on_a_head_says_so_and_the_queue_stays(few: Cast, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    for module in (queue_counts, queue_pages):
        monkeypatch.setattr(module, "COUNTED", 2)
    queue_counts._numbers.forget()
    page = page_of(as_(few.agent).get(queue_url(few.desk) + f"?sort={order}"))
    is_refused = "добавьте условие поуже" in page
    assert is_refused == (order not in {"key", "created_at", "updated_at"})
    assert ("ACCREDO-1" in page) != is_refused
    queue_counts._numbers.forget()

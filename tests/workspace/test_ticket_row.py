"""Rows of lists as read from the database, and their rendering."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.ui import template_fragment_cache
from otklik.ui.prepared_templates import prepared
from otklik.workspace import queue_counts
from otklik.workspace.pages import queue as queue_pages
from otklik.workspace.pages.rows import plain_columns
from otklik.workspace.queries import rows_with_ids
from otklik.workspace.templatetags.ticket_rows import ticket_rows
from otklik.workspace.ticket_row import TicketRow, rows_of
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_queue import more_tickets


def the_row(cast: Cast) -> TicketRow:
    (row,) = rows_with_ids([cast.ticket.pk])
    return row


def drawn(row: TicketRow, *names: str) -> str:
    return ticket_rows(plain_columns(names or ("key", "subject", "status", "due", "updated_at")), [row])


def test_a_row_says_what_the_ticket_says(cast: Cast) -> None:
    cast.ticket.labels, cast.ticket.due, cast.ticket.assignee = ["сеть", "этаж"], date(2026, 12, 24), cast.agent
    cast.ticket.save()
    row, ticket = the_row(cast), cast.ticket
    assert rows_of(Ticket.objects.filter(pk=ticket.pk)) == [row]
    told = (row.id, row.version, row.key, row.subject, row.created_at, row.updated_at, row.due, row.closed_at)
    assert told == (
        ticket.pk, ticket.version, ticket.key, ticket.subject, ticket.created_at, ticket.updated_at, ticket.due, None,
    )  # fmt: skip
    assert (row.status, row.category) == (ticket.status.name, ticket.status.category)
    assert (row.priority, row.priority_level) == (ticket.priority.name, ticket.priority.level)
    assert (row.requester, row.assignee, row.labels) == (cast.anna.staff_name, cast.agent.staff_name, "сеть, этаж")
    assert (row.resolution, row.undelivered, row.held, row.fresh) == (None, None, False, False)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None)
    assert (the_row(cast).assignee, the_row(cast).fresh) == ("", True)
    Person.objects.filter(pk=cast.anna.pk).update(name="", email=None)
    assert the_row(cast).requester == "—"


@pytest.mark.parametrize(
    ("texts", "english"),
    [({"en": {"name": "Opened"}}, "Opened"), ({"en": {"name": ""}}, "Открытый"), ({"en": {"hint": "x"}}, "Открытый"),
     ({}, "Открытый")],
)  # fmt: skip
def test_names_are_in_the_readers_language_where_somebody_wrote_one(
    cast: Cast, texts: dict[str, dict[str, str]], english: str
) -> None:
    cast.ticket.status.texts = texts
    cast.ticket.status.save()
    with translation.override("en"):
        assert the_row(cast).status == english and english in drawn(the_row(cast))
    assert the_row(cast).status == "Открытый" and "Открытый" in drawn(the_row(cast))


def test_rows_stand_in_the_order_of_their_ids_and_missing_ones_are_left_out(cast: Cast) -> None:
    first, second = (ticket.pk for ticket in more_tickets(cast, 2))
    assert [row.id for row in rows_with_ids([second, 0, first, cast.ticket.pk])] == [second, first, cast.ticket.pk]
    assert rows_with_ids([]) == []


def test_an_equal_row_is_drawn_once_and_a_changed_one_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = the_row(cast)
    kept = drawn(row)
    monkeypatch.setattr(template_fragment_cache.DRAWN, "keep", lambda *_: pytest.fail("drawn again"))
    assert drawn(the_row(cast)) == kept
    monkeypatch.undo()
    for name, value in (("subject", "Другая"), ("status", "Иной"), ("version", row.version + 1), ("held", True)):
        assert drawn(row._replace(**{name: value})) != kept, name
    assert drawn(row) == kept


def test_a_row_is_drawn_for_each_language_zone_day_and_set_of_columns(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = the_row(cast)._replace(sender_unverified=True, due=timezone.localdate())
    settings.DKIM_CHECK = settings.TRUSTED_AUTHSERV = None
    kept = drawn(row)
    with translation.override("en"):
        assert drawn(row) != kept
    with timezone.override(ZoneInfo("Asia/Vladivostok")):
        assert drawn(row) != kept
    assert drawn(row, "key", "subject") != kept
    settings.DKIM_CHECK = True
    assert "badge-unverified" in drawn(row) and "badge-unverified" not in kept
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *_: tomorrow)
    assert "is-late" in drawn(row) and "is-late" not in kept


def test_words_of_people_are_escaped_and_answers_belong_to_the_key(cast: Cast) -> None:
    row = the_row(cast)._replace(subject="<b>", labels='"<i>')
    assert "<b>" not in drawn(row, "subject", "labels") and "<i>" not in drawn(row, "subject", "labels")
    answered = row._replace(answers=(("customfield_1", "да"),))
    assert answered != row and answered.told() != row.told()


def test_a_template_reads_a_row_by_its_names(cast: Cast) -> None:
    row = the_row(cast)
    written = "{{ row.key }} {{ row.url }} {{ row.requester }} {{ row.0 }}{% if row.nothing %}!{% endif %}"
    for page in (Template(written), prepared(Template(written))):
        assert page.render(Context({"row": row})) == f"{row.key} {row.url} {row.requester} {row.id}"


def test_the_first_pages_of_a_long_queue_are_not_counted_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    more_tickets(cast, 12)
    client, there = as_(cast.agent), queue_url(cast.desk)
    for module in (queue_counts, queue_pages):
        monkeypatch.setattr(module, "COUNTED", 9)
    monkeypatch.setattr(queue_pages, "PER_PAGE", 3)
    queue_counts._numbers.forget()
    try:
        client.get(there)
        with CaptureQueriesContext(connection) as asked:
            page = page_of(client.get(there))
        assert "1-3 из 9+" in page and not any('COUNT(*) FROM (SELECT "tick' in row["sql"] for row in asked)
        assert "4-6 из 12+" in page_of(client.get(there + "?page=2"))
        assert "13-13 из 13" in page_of(client.get(there + "?page=5"))
    finally:
        queue_counts._numbers.forget()

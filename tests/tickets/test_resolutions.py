"""Resolutions: set by the closing transition, changed by agents, removed on reopening."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from otklik.cli import site_lists as cli
from otklik.desks.commands.site_lists import add_entry, change_entry, put_first
from otklik.desks.models import IssueType, RequestType, Resolution
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.tickets.commands.properties import change_resolution
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Change, Ticket
from tests.cast import START, Cast, as_
from tests.refusing import refused_as
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import page_of, words_said

LATER = START + timedelta(hours=1)
CLI = {"actor": system("cli"), "at": LATER}
PAGE = "/browse/ACCREDO-1"


def done(name: str = "Готово") -> Resolution:
    return Resolution.objects.get(name=name)


def step(cast: Cast, name: str) -> Ticket:
    cast.ticket.refresh_from_db()
    row = cast.desk.transitions.filter(name=name, source__in=[None, cast.ticket.status]).first() or (
        cast.desk.transitions.get(name=name)
    )
    return change_status(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, transition=row)


def test_the_step_that_ends_a_ticket_resolves_it_and_opening_takes_that_back(cast: Cast) -> None:
    assert cast.ticket.resolution is None
    assert step(cast, "Закрыть").resolution == done()
    assert step(cast, "Открыть снова").resolution is None
    rows = Change.objects.filter(ticket=cast.ticket, field="resolution").order_by("id")
    assert list(rows.values_list("old", "new", "old_id", "new_id")) == [
        ("", "Готово", None, done().pk), ("Готово", "", done().pk, None),
    ]  # fmt: skip


def test_the_first_of_the_list_is_taken(cast: Cast) -> None:
    put_first(**CLI, entry=done("Дубликат"))
    assert step(cast, "Закрыть").resolution == done("Дубликат")


def test_an_open_ticket_has_none_and_one_out_of_use_is_not_chosen(cast: Cast) -> None:
    agent = {"actor": Actor(cast.agent, "agent"), "at": LATER, "ticket": cast.ticket}
    with refused_as("ticket.unresolved"):
        change_resolution(**agent, resolution=done())
    step(cast, "Закрыть")
    change_entry(**CLI, entry=done("Дубликат"), archived=True)
    with refused_as("ticket.resolution_retired"):
        change_resolution(**agent, resolution=done("Дубликат"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=cast.ticket.pk).update(closed_at=None)


def test_the_page_offers_resolutions_when_it_ended_and_takes_a_change_back(cast: Cast) -> None:
    client = as_(cast.agent)
    assert 'name="resolution"' not in page_of(client.get(PAGE))
    step(cast, "Закрыть")
    page = page_of(client.get(PAGE))
    assert f'<option value="{done().pk}" selected>Готово</option>' in page
    words = {"resolution": done("Дубликат").pk, "before": done().pk}
    page = page_of(client.post(f"{PAGE}/resolution", words, headers={"HX-Request": "true"}))
    assert "Решение: Дубликат." in page and "Готово → Дубликат" in page and "Отменить" in page
    client.post(f"{PAGE}/resolution", {"resolution": done().pk, "before": done("Дубликат").pk, "undo": "1"})
    cast.ticket.refresh_from_db()
    assert cast.ticket.resolution == done()
    assert words_said(client.post(f"{PAGE}/resolution", {"resolution": "99999"}))[-1] == "Выберите решение из списка."


def test_each_reader_reads_a_resolution_in_their_language(cast: Cast) -> None:
    step(cast, "Закрыть")
    words = {"actor": Actor(cast.agent, "agent"), "at": LATER, "ticket": cast.ticket}
    change_resolution(**words, resolution=done("Дубликат"))
    client = as_(cast.agent)
    client.cookies["otklik_language"] = "en"
    page = page_of(client.get(PAGE))
    assert "Done → Duplicate" in page and "Готово" not in page and "selected>Duplicate<" in page
    assert "Открытый → " not in page and "Open → Closed" in page


def test_the_page_costs_no_further_statement_for_them(cast: Cast) -> None:
    client = as_(cast.agent)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as before:
        client.get(PAGE)
    step(cast, "Закрыть")
    with statements_at_most("ticket page, closed", besides=len(before)):
        client.get(PAGE)


@pytest.mark.parametrize("table", [Resolution, IssueType])
def test_lists_of_the_site_grow_and_change(db: None, table: type[Resolution]) -> None:
    row = add_entry(**CLI, table=table, name="  В другом  месте ", names={"en": "Elsewhere"})
    assert (row.name, row.texts) == ("В другом месте", {"en": {"name": "Elsewhere"}})
    row = change_entry(**CLI, entry=row, name="Не здесь", archived=True)
    assert (row.name, row.archived, row.texts) == ("Не здесь", True, {"en": {"name": "Elsewhere"}})
    last = Event.objects.latest("id")
    assert (
        last.kind in {"site.resolutions_changed", "site.issue_types_changed"}
        and last.data["after"]["name"] == "Не здесь"
    )
    change_entry(**CLI, entry=row, name="Не здесь")
    assert Event.objects.latest("id") == last
    assert change_entry(**CLI, entry=row, name="не Здесь").name == "не Здесь", "its own name in other letters"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "готово"])
def test_bad_and_double_names_are_refused(db: None, name: str) -> None:
    with refused_as("desk.name_length", "desk.entry_name_taken"):
        add_entry(**CLI, table=Resolution, name=name)


def test_one_resolution_stays_in_use(db: None) -> None:
    rows = list(Resolution.objects.order_by("position"))
    for row in rows[:-1]:
        change_entry(**CLI, entry=row, archived=True)
    with refused_as("desk.last_entry"):
        change_entry(**CLI, entry=rows[-1], archived=True)


def test_only_admins_of_the_site_change_its_lists(cast: Cast) -> None:
    for person in (cast.lead, cast.agent, None):
        for act in (
            lambda by: add_entry(actor=by, at=LATER, table=Resolution, name="x"),
            lambda by: change_entry(actor=by, at=LATER, entry=done(), name="x"),
            lambda by: put_first(actor=by, at=LATER, entry=done("Дубликат")),
        ):
            with refused_as("person.admins_only"):
                act(Actor(person, "agent"))
    assert add_entry(actor=Actor(cast.admin, "agent"), at=LATER, table=Resolution, name="x").name == "x"


def test_the_command_line_keeps_the_lists(db: None) -> None:
    def said(*words: str) -> str:
        answer = CliRunner().invoke(cli.resolutions, list(words))
        assert answer.exit_code == 0, answer.output
        return answer.output.strip()

    assert said("add", "В другом месте", "--en", "Elsewhere") == "В другом месте: added"
    assert said("first", "в другом месте") == "В другом месте: the first"
    assert said("change", "Дубликат", "--archive") == "Дубликат: changed, out of use"
    rows = json.loads(said("list", "--json"))
    assert rows[0]["names"] == {"en": "Elsewhere"} and [one["name"] for one in rows if one["archived"]] == ["Дубликат"]
    assert CliRunner().invoke(cli.issue_types, ["change", "Нет такого", "--to", "x"]).exit_code == 1


def test_each_request_type_is_of_an_issue_type_and_leads_change_it(cast: Cast) -> None:
    bug = RequestType.objects.get(desk=cast.desk, icon="bug")
    others = RequestType.objects.filter(desk=cast.desk).exclude(pk=bug.pk)
    assert bug.issue_type.name == "Инцидент" and {one.issue_type.name for one in others} == {"Запрос на обслуживание"}
    lead, url = as_(cast.lead), f"/projects/ACCREDO/settings/types/{bug.pk}"
    assert "Тип задачи" in page_of(lead.get(url))
    usual = IssueType.objects.get(name="Запрос на обслуживание")
    lead.post(url, {"name": bug.name, "icon": "bug", "issue_type": usual.pk})
    bug.refresh_from_db()
    assert bug.issue_type == usual
    history = page_of(lead.get("/projects/ACCREDO/settings/history"))
    assert "Тип задачи" in history and "Инцидент" in history and "Запрос на обслуживание" in history
    answer = lead.post(url, {"name": bug.name, "icon": "bug", "issue_type": "99999"})
    assert answer.status_code == 422

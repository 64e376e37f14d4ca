"""`otklik ticket`: finding and showing tickets for scripts, and former keys."""

import json

import pytest
from django.db.models import Func, IntegerField, Value
from django.db.models.lookups import Exact
from typer.testing import CliRunner

from otklik.cli import ticket
from otklik.desks.models import Resolution
from otklik.people.actor import Actor
from otklik.tickets.commands.properties import change_due, change_labels
from otklik.tickets.models import Ticket, TicketLink
from tests.cast import NOTE_CANARY, START, Cast


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the command from starting the embedded server; it uses the test's database."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")


def listed(*words: str) -> list[str]:
    done = CliRunner().invoke(ticket.app, ["list", "--json", *words])
    assert done.exit_code == 0, done.output + done.stderr
    return [row["key"] for row in json.loads(done.output)]


def refused(*words: str) -> str:
    done = CliRunner().invoke(ticket.app, ["list", *words])
    assert done.exit_code == 1 and not done.stdout, done.output
    return done.stderr


def test_the_filter_language_finds_tickets(cast: Cast) -> None:
    assert listed("--jql", "project = ACCREDO and assignee is EMPTY ORDER BY created") == ["ACCREDO-1"]
    assert listed("--jql", "заявитель = anna@clinic.test AND статус = Открытый") == ["ACCREDO-1"]
    assert listed("--jql", "statusCategory = Done") == []
    assert listed("--jql", "") == ["ACCREDO-1"]


def test_it_is_asked_as_a_person(cast: Cast) -> None:
    note = f'comment ~ "{NOTE_CANARY}"'
    assert listed("--jql", "reporter = currentUser()", "--as", "anna@clinic.test") == ["ACCREDO-1"]
    assert listed("--jql", note, "--as", "agent@desk.test") == listed("--jql", note) == ["ACCREDO-1"]
    assert listed("--jql", note, "--as", "anna@clinic.test") == []
    assert "nobody@clinic.test" in refused("--jql", "", "--as", "nobody@clinic.test")


def test_so_many_at_most_in_the_order_asked_for(cast: Cast) -> None:
    second = Ticket.objects.get(pk=cast.ticket.pk)
    second.pk, second.number, second.key, second.subject = None, 2, "ACCREDO-2", "Принтер"
    second.save()
    assert listed("--jql", "order by key asc") == ["ACCREDO-1", "ACCREDO-2"]
    assert listed("--jql", "order by key", "--limit", "1") == ["ACCREDO-2"]
    assert listed("--limit", "1") == ["ACCREDO-1"]


def test_a_filter_has_a_time_and_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    five_seconds = Func(Value(5), template="length(pg_sleep(%(expressions)s)::text)", output_field=IntegerField())
    slow = Ticket.objects.filter(Exact(five_seconds, Value(0)))
    monkeypatch.setattr(ticket, "found_by", lambda *_: slow)
    said = refused("--jql", "project = ACCREDO", "--seconds", "1")
    assert said.strip().count("\n") == 0 and "within 1 seconds" in said and "--seconds" in said
    assert listed() == ["ACCREDO-1"]


def test_a_bad_text_is_one_sentence_with_its_place(cast: Cast) -> None:
    said = refused("--jql", "project = ACCREDO\nand assigne is EMPTY")
    assert said.strip().count("\n") == 0 and "line 2, character 5" in said and "“assignee”" in said
    assert "line 1, character 12" in refused("--jql", "status was (")


def test_a_ticket_is_shown_with_all_its_facts(cast: Cast) -> None:
    agent = Actor(cast.agent, "agent")
    change_labels(actor=agent, at=START, ticket=cast.ticket, labels=["vip"])
    cast.ticket.refresh_from_db()
    change_due(actor=agent, at=START, ticket=cast.ticket, due=START.date())
    other = Ticket.objects.get(pk=cast.ticket.pk)
    other.pk, other.number, other.key = None, 2, "ACCREDO-2"
    other.status = cast.desk.statuses.get(category="done")
    other.assignee, other.closed_at, other.resolution = cast.agent, START, Resolution.objects.order_by("pk")[0]
    other.save()
    TicketLink.objects.create(kind="blocks", source=cast.ticket, target=other, added_at=START)
    first = json.loads(CliRunner().invoke(ticket.app, ["show", "ACCREDO-1", "--json"]).output)
    assert (first["labels"], first["due"], first["priority"]) == (["vip"], "2026-11-02", "Стандартный")
    assert (first["assignee"], first["resolution"], first["resolved"], first["organization"]) == (None,) * 4
    assert first["participants"] == ["boris@clinic.test"] and first["request_type"] == "Ошибка"
    assert first["links"] == [{"kind": "blocks", "way": "out", "key": "ACCREDO-2"}]
    second = json.loads(CliRunner().invoke(ticket.app, ["show", "ACCREDO-2", "--json"]).output)
    assert (second["assignee"], second["resolution"]) == ("agent@desk.test", "Готово") and second["resolved"]
    assert second["links"] == [{"kind": "blocks", "way": "in", "key": "ACCREDO-1"}]

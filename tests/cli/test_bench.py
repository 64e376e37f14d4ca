"""`otklik bench`: the generated load is realistic and its figures are comparable."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from otklik.cli.bench import pages, seed
from otklik.cli.bench.bulk import measure_bulk
from otklik.cli.bench.comparison import compared, load, save
from otklik.cli.bench.pages import _FIGURES
from otklik.cli.bench.seed import KEY, START, seed_tickets
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.desks.models import Desk, Status
from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.models import Message, NumberSequence, Ticket
from tests.cli.forked import otklik
from tests.homes import copy_home, started_home

ROW = {
    "tickets": 10, "clients": 1, "page": "agent: queue", "p50_ms": 9.0, "cpu_ms": 8.0, "statements": 5,
    "yardstick_ms": 2.0,
}  # fmt: skip


@pytest.mark.django_db
def test_the_seeded_tickets_are_what_the_product_would_have_made() -> None:
    assert seed_tickets(30) == seed_tickets(40) - 10 == 30
    tickets = Ticket.objects.filter(desk__key=KEY)
    assert sorted(tickets.values_list("number", flat=True)) == list(range(1, 41))
    assert NumberSequence.objects.get(desk__key=KEY).last == 40
    ended = tickets.filter(status__category=Status.Category.DONE)
    assert 0 < ended.count() < 40
    assert not ended.filter(resolution=None).exists() and not ended.filter(closed_at=None).exists()
    assert not tickets.exclude(pk__in=ended).exclude(resolution=None, closed_at=None).exists()
    for ticket in tickets[:3]:
        sides = ticket.messages.order_by("created_at").values_list("side", "opening")
        assert list(sides) == [
            (Message.Side.CUSTOMER, True),
            (Message.Side.STAFF, False),
            (Message.Side.CUSTOMER, False),
        ]
        assert ticket.participants.get().person_id == ticket.requester_id == ticket.created_by_id
    with pytest.raises(UnableTo, match="fresh OTKLIK_HOME"):
        seed_tickets(39)


@pytest.mark.django_db
def test_acts_on_many_are_measured_and_taken_back() -> None:
    seed_tickets(60)
    columns = ("pk", "assignee", "status", "priority", "labels", "closed_at")
    before = list(Ticket.objects.order_by("pk").values_list(*columns))
    rows = measure_bulk(3)
    assert [row["act on many"] for row in rows] == ["assign", "close", "priority", "label"]
    assert {row["requests"] for row in rows} == {3}
    assert list(Ticket.objects.order_by("pk").values_list(*columns)) == before
    assert not Event.objects.exclude(batch_id=None).filter(dispatched_at=None).exists()


@pytest.mark.slow
@pytest.mark.services
def test_the_figures_of_a_run_are_kept_and_compared(tmp_path: Path) -> None:
    home, figures = tmp_path / "home", tmp_path / "figures.json"
    copy_home(started_home(), home)
    refused = otklik(home, "bench", "run", "--only", "pages")
    assert refused.returncode == 1 and "otklik bench seed" in refused.stderr
    assert otklik(home, "bench", "seed", "--tickets", "40").stdout == "BENCH has 40 tickets\n"
    measure = ("bench", "run", "--only", "pages", "--requests", "10", "--clients", "2", "--page", "agent: queue")
    run = otklik(home, *measure, "--save", str(figures), "--json")
    assert run.returncode == 0, run.stderr
    rows = json.loads(run.stdout)
    assert rows == json.loads(figures.read_text())
    assert [row["page"] for row in rows] == ["agent: queue"]
    for row in rows:
        assert tuple(row)[3:] == (*_FIGURES, "failed") and not row["failed"]
        assert row["statements"] >= 2 and row["bytes"] > 100 and row["per_s"] > 0, row
        assert row["cpu_ms"] > row["database_ms"] > 0 and row["p50_ms"] <= row["p95_ms"] <= row["max_ms"], row
    again = otklik(home, *measure, "--rounds", "2", "--against", str(figures))
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("agent: queue") == 2 and "ratio" in again.stdout
    none = otklik(home, *measure[:-1], "no such page")
    assert none.returncode == 1 and "no such page" in none.stderr


def test_a_slower_machine_is_taken_out_of_the_ratio() -> None:
    slow = {**ROW, "cpu_ms": 12.0, "yardstick_ms": 4.0, "statements": 4}
    (pair,) = compared([slow], [ROW, {**ROW, "page": "agent: ticket"}])
    assert (pair["ratio"], pair["machine"], pair["statements_before"], pair["statements"]) == (0.75, 2.0, 5, 4)


@pytest.mark.parametrize("other", [{"tickets": 20}, {"clients": 4}])
def test_runs_of_another_load_are_not_compared(other: dict[str, int]) -> None:
    with pytest.raises(UnableTo, match="nothing to compare"):
        compared([ROW], [{**ROW, **other}])


@pytest.mark.parametrize(
    "text", ["", "{}", '[{"page": 1}]', '[{"page": "x"}]', "[1]", '[{"page": "x", "cpu_ms": "-1"}]']
)
def test_a_file_without_figures_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "figures.json"
    file.write_text(text)
    with pytest.raises(UnableTo, match="holds no run"):
        load(file)


def test_a_page_that_is_not_shown_says_so_and_the_others_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(page: pages._Page, *_: int) -> dict[str, object]:
        raise UnableTo(CliRefusal.BENCH_PAGE_FAILED, path=page.paths[0], status=422)

    monkeypatch.setattr(pages, "_measured", refused)
    failed = pages._measured_or_failed(pages._Page("agent: filter", Person(), ["/issues/"]), 1, 1, 10, 1)
    assert failed == {"page": "agent: filter", **dict.fromkeys(pages._FIGURES), "failed": "422"}
    save([{**ROW, **failed}, ROW], tmp_path / "figures.json")
    assert load(tmp_path / "figures.json") == [ROW]
    assert not compared([{**ROW, **failed}], [{**ROW, "page": "agent: filter"}])

    def broken(*_: object) -> dict[str, object]:
        raise UnableTo(CliRefusal.BENCH_NOT_STARTED)

    monkeypatch.setattr(pages, "_measured", broken)
    with pytest.raises(UnableTo, match="did not start"):
        pages._measured_or_failed(pages._Page("agent: filter", Person(), ["/issues/"]), 1, 1, 10, 1)


def test_of_several_rounds_that_on_the_fastest_machine_counts() -> None:
    slow, fast = {**ROW, "yardstick_ms": 6.1, "p95_ms": 11.0}, {**ROW, "yardstick_ms": 3.1, "p95_ms": 12.0}
    failed = {"page": "agent: queue", **dict.fromkeys(pages._FIGURES), "failed": "422"}
    assert pages.on_the_fastest_machine(slow, fast, failed) == fast
    assert pages.on_the_fastest_machine(failed, slow) == slow
    assert pages.on_the_fastest_machine(failed, failed) == failed


def test_a_million_seeded_tickets_lie_in_the_past() -> None:
    parts = seed._Parts(Desk(), [1], 1, 1, 1, 1, 1, 1)
    assert seed._row(1, 1, parts)["updated"] > START and seed._row(1_500_000, 1, parts)["updated"] < timezone.now()


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    save([ROW], tmp_path / "figures.json")
    assert load(tmp_path / "figures.json") == [ROW]

"""A worker killed during a bulk action: each ticket is done or unchanged, and the rest continues."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from otklik.journal.models import Event
from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.bulk import undo_bulk
from otklik.tickets.models import BulkItem, BulkRun, Ticket
from tests.acting import by
from tests.cast import Cast
from tests.tickets.bulk.parts import begun, more_tickets, states, worked

WORKER = """
import sys, django
from django.conf import settings
from django.db import connections
django.setup()
settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = sys.argv[1]
from tests.acting import LATER
from otklik.tickets.commands import bulk_items
from otklik.tickets.pumps.bulk_runs import work_next
bulk_items.AT_ONCE = 2
while work_next(LATER):
    pass
"""
SIGKILLED = -9


def killed(nth: int) -> None:
    """Run a worker process that handles two tickets per batch and is killed in the middle of the nth."""
    path = os.pathsep.join(str(Path(__file__).parents[3] / part) for part in ("src", ""))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "otklik.config.test_settings",
        "PYTHONPATH": path,
        "OTKLIK_FAULT": f"mid_bulk:kill:{nth}",
    }
    command = [sys.executable, "-c", WORKER, connection.settings_dict["NAME"]]
    assert subprocess.run(command, env=environment, timeout=100, check=False).returncode == SIGKILLED


def whole(run: BulkRun, cast: Cast, done: str) -> bool:
    """Return whether exactly the tickets in this state are assigned to the agent."""
    said = set(BulkItem.objects.filter(run=run, state=done).values_list("ticket", flat=True))
    return said == set(Ticket.objects.filter(assignee=cast.agent).values_list("pk", flat=True))


@pytest.mark.services
def test_a_killed_worker_leaves_no_half_ticket_and_another_goes_on(people: Cast) -> None:
    tickets = more_tickets(people, 5)
    run = begun(people.agent, tickets, Assign(people.agent.pk))
    killed(3)
    assert states(run) == ["done", "done", "waiting", "waiting", "waiting"]
    assert whole(run, people, "done")
    assert worked(run).state == "done" and states(run) == ["done"] * 5
    assert Event.objects.filter(batch_id=run.batch).count() == 5

    undo_bulk(**by(people.agent), run=run)
    killed(4)
    assert states(run) == ["undone", "undone", "done", "done", "done"] and whole(run, people, "done")
    assert worked(run).state == "undone" and states(run) == ["undone"] * 5
    assert not Ticket.objects.filter(assignee=people.agent).exists()


@pytest.mark.services
def test_it_is_stopped_between_two_tickets(people: Cast) -> None:
    tickets = more_tickets(people, 4)
    run = begun(people.agent, tickets, Assign(people.agent.pk))
    killed(3)
    undo_bulk(**by(people.agent), run=run)
    assert worked(run).state == "undone"
    assert states(run) == ["undone", "undone", "ticket.not_begun", "ticket.not_begun"]
    assert not Ticket.objects.filter(assignee=people.agent).exists()

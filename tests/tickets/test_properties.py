"""Due date, labels and creator of a ticket."""

from datetime import date, timedelta

import pytest

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.base import ChangedMeanwhile
from otklik.tickets.commands.properties import change_due, change_labels
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.models import Change
from tests.cast import START, Cast

LATER = START + timedelta(hours=1)
DAY = date(2026, 12, 31)


def by(cast: Cast, who: str = "agent") -> dict[str, object]:
    return {"actor": Actor(getattr(cast, who), "agent"), "at": LATER, "ticket": cast.ticket}


def changes(cast: Cast) -> list[tuple[str, str, str, int | None]]:
    rows = Change.objects.filter(ticket=cast.ticket).order_by("id")
    return list(rows.values_list("field", "old", "new", "actor"))


def test_customers_see_no_change_of_due_date_and_labels(cast: Cast) -> None:
    change_due(**by(cast), due=DAY)
    change_labels(**by(cast), labels=["vip"])
    cast.ticket.refresh_from_db()
    assert cast.ticket.shown_at == START


def test_the_same_due_date_and_labels_leave_no_event(cast: Cast) -> None:
    change_due(**by(cast), due=DAY)
    change_labels(**by(cast), labels=["vip", "ККТ"])
    last = Event.objects.latest("id").pk
    change_due(**by(cast), due=DAY)
    change_labels(**by(cast), labels=["ККТ", "vip", "vip"])
    assert Event.objects.latest("id").pk == last


def test_rl_34_nobody_overwrites_what_they_did_not_see(cast: Cast) -> None:
    change_due(**by(cast, "lead"), due=DAY)
    change_labels(**by(cast, "lead"), labels=["vip"])
    with pytest.raises(ChangedMeanwhile, match="Лидия"):
        change_due(**by(cast), due=None, shown=Shown(None))
    with pytest.raises(ChangedMeanwhile, match="Лидия"):
        change_labels(**by(cast), labels=["a"], shown=Shown(()))
    change_due(**by(cast), due=None, shown=Shown(DAY))
    change_labels(**by(cast), labels=["a"], shown=Shown(("vip",)))

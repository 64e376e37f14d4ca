"""The day by which a ticket is to be done, its labels, and who wrote it down."""

from datetime import date, timedelta

import pytest

from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.tickets.commands.base import ChangedMeanwhile, UnableToChange
from otklik.tickets.commands.guard import Shown
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.properties import MOST_LABELS, change_due, change_labels
from otklik.tickets.content import Words
from otklik.tickets.models import Change, Ticket
from tests.cast import START, Cast

LATER = START + timedelta(hours=1)
DAY = date(2026, 12, 31)


def by(cast: Cast, who: str = "agent") -> dict[str, object]:
    return {"actor": Actor(getattr(cast, who), "agent"), "at": LATER, "ticket": cast.ticket}


def changes(cast: Cast) -> list[tuple[str, str, str, int | None]]:
    rows = Change.objects.filter(ticket=cast.ticket).order_by("id")
    return list(rows.values_list("field", "old", "new", "actor"))


def test_a_due_date_is_set_changed_and_taken_away(cast: Cast) -> None:
    for due in (DAY, date(2027, 1, 1), None):
        assert change_due(**by(cast), due=due).due == due
    cast.ticket.refresh_from_db()
    who = cast.agent.pk
    assert changes(cast) == [
        ("due", "", "2026-12-31", who), ("due", "2026-12-31", "2027-01-01", who), ("due", "2027-01-01", "", who),
    ]  # fmt: skip
    assert cast.ticket.due is None and cast.ticket.updated_at == LATER


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


def test_labels_are_sorted_and_kept_once_as_they_are_written(cast: Cast) -> None:
    assert change_labels(**by(cast), labels=["vip", "VIP", "ККТ", "vip"]).labels == ["VIP", "vip", "ККТ"]
    assert change_labels(**by(cast), labels=[]).labels == []
    assert [row[:3] for row in changes(cast)] == [("labels", "", "VIP vip ККТ"), ("labels", "VIP vip ККТ", "")]
    assert not Ticket.objects.filter(labels__contains=["vip"]).exists()


@pytest.mark.parametrize("label", ["", " ", "два слова", "a\tb", "a\u00a0b", "vip ", "x" * 256])
def test_what_is_no_label_is_refused(cast: Cast, label: str) -> None:
    change_labels(**by(cast), labels=["vip"])
    with pytest.raises(UnableToChange):
        change_labels(**by(cast), labels=["a", label])
    cast.ticket.refresh_from_db()
    assert cast.ticket.labels == ["vip"]


def test_labels_are_not_without_end(cast: Cast) -> None:
    many = [f"label{number}" for number in range(MOST_LABELS)]
    assert len(change_labels(**by(cast), labels=[*many, many[0]]).labels) == MOST_LABELS
    with pytest.raises(UnableToChange):
        change_labels(**by(cast), labels=[*many, "further"])


def test_rl_34_nobody_overwrites_what_they_did_not_see(cast: Cast) -> None:
    change_due(**by(cast, "lead"), due=DAY)
    change_labels(**by(cast, "lead"), labels=["vip"])
    with pytest.raises(ChangedMeanwhile, match="Лидия"):
        change_due(**by(cast), due=None, shown=Shown(None))
    with pytest.raises(ChangedMeanwhile, match="Лидия"):
        change_labels(**by(cast), labels=["a"], shown=Shown(()))
    change_due(**by(cast), due=None, shown=Shown(DAY))
    change_labels(**by(cast), labels=["a"], shown=Shown(("vip",)))


def test_a_due_date_and_other_changes_of_one_command_are_told_apart(cast: Cast) -> None:
    change_due(**by(cast), due=DAY)
    event = Event.objects.latest("id")
    assert (event.kind, event.data["field"], event.data["after"]) == ("ticket.fields_changed", "due", "2026-12-31")
    assert event.changes.get().field == "due"


def test_who_wrote_a_ticket_down_is_kept(cast: Cast) -> None:
    words = {"at": START, "desk": cast.desk, "subject": "x", "words": Words("x"), "requester": cast.anna}
    call = open_ticket(actor=Actor(cast.agent, "agent"), channel=Ticket.Channel.PHONE, **words)
    assert (call.created_by, cast.ticket.created_by) == (cast.agent, cast.anna)
    assert open_ticket(actor=system("mail"), channel=Ticket.Channel.MAIL, **words).created_by is None

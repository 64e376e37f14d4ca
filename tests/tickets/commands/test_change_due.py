"""`change_due` changes the due date."""

from datetime import date

from otklik.journal.models import Event
from otklik.tickets.commands.properties import change_due
from tests.cast import Cast
from tests.tickets.test_properties import DAY, LATER, by, changes


def test_a_due_date_is_set_changed_and_taken_away(cast: Cast) -> None:
    for due in (DAY, date(2027, 1, 1), None):
        assert change_due(**by(cast), due=due).due == due
    cast.ticket.refresh_from_db()
    who = cast.agent.pk
    assert changes(cast) == [
        ("due", "", "2026-12-31", who), ("due", "2026-12-31", "2027-01-01", who), ("due", "2027-01-01", "", who),
    ]  # fmt: skip
    assert cast.ticket.due is None and cast.ticket.updated_at == LATER


def test_a_due_date_and_other_changes_of_one_command_are_told_apart(cast: Cast) -> None:
    change_due(**by(cast), due=DAY)
    event = Event.objects.latest("id")
    assert (event.kind, event.data["field"], event.data["after"]) == ("ticket.fields_changed", "due", "2026-12-31")
    assert event.changes.get().field == "due"

"""`change_row` changes one row of a desk's settings."""

from otklik.desks.commands.settings import change_row
from otklik.desks.models import Status
from otklik.journal.models import Event
from tests.acting import by, tells
from tests.cast import Cast


def test_only_the_columns_that_may_be_changed_are(cast: Cast) -> None:
    row = cast.desk.statuses.exclude(category="done").order_by("position")[0]
    values = {"texts": {"en": {"name": "Fresh"}}, "category": "done"}
    with tells("desk.changed"):
        assert change_row(**by(cast.lead), desk=cast.desk, thing="status", row=row, values=values)
        assert not change_row(**by(cast.lead), desk=cast.desk, thing="status", row=row, values=values)
    again = Status.objects.get(pk=row.pk)
    assert again.texts == values["texts"] and again.category != "done"
    data = Event.objects.latest("id").data
    assert set(data["before"]) == set(data["after"]) == {"texts"}

"""`change_group` changes a group of request types."""

from otklik.desks.commands.forms import add_group, change_group
from otklik.desks.models import TypeGroup
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast


def test_a_group_gets_another_name_and_other_types(cast: Cast) -> None:
    row = add_group(**by(cast.lead), desk=cast.desk, values={"name": "Кадры"})
    kind = cast.desk.request_types.all()[0]
    with locks(TypeGroup), tells("desk.changed"):
        for _ in range(2):
            change_group(**by(cast.lead), group=row, values={"name": "Люди", "types": [kind.pk]})
    row.refresh_from_db()
    assert row.name == "Люди" and list(row.types.all()) == [kind]
    with refuses("desk.leads_only"):
        change_group(**by(cast.agent), group=row, values={"name": "x"})

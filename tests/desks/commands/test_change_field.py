"""`change_field` changes a field."""

from otklik.desks.commands.forms import change_field
from otklik.desks.models import Field
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast


def test_what_differs_is_saved_with_one_event_and_agents_change_nothing(cast: Cast) -> None:
    row = cast.desk.request_types.all()[0].form_fields.all()[0]
    with locks(Field), tells("desk.changed"):
        assert change_field(**by(cast.lead), field=row, values={"help": "Коротко", "key": "другой"})
        assert not change_field(**by(cast.lead), field=row, values={"help": "Коротко"})
    again = Field.objects.get(pk=row.pk)
    assert (again.help, again.key) == ("Коротко", row.key)
    with refuses("desk.leads_only"):
        change_field(**by(cast.agent), field=row, values={"help": "x"})

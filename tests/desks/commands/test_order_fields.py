"""`order_fields` orders the fields of a form."""

from otklik.desks.commands.forms import order_fields
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_fields_are_asked_in_the_order_named(cast: Cast) -> None:
    kind = cast.desk.request_types.all()[0]
    before = list(kind.form_fields.order_by("position").values_list("pk", flat=True))
    with tells("desk.changed"):
        assert order_fields(**by(cast.lead), request_type=kind, order=before[::-1])
    assert list(kind.form_fields.order_by("position").values_list("pk", flat=True)) == before[::-1]
    with refuses("desk.leads_only"):
        order_fields(**by(cast.agent), request_type=kind, order=before)

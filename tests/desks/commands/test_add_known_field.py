"""`add_known_field` adds another form's field to a form."""

from otklik.desks.commands.forms import add_field, add_known_field
from otklik.desks.models import CustomField
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.test_custom_fields import kinds, shared
from tests.refusing import refused_as


def test_what_cannot_be_put_on_a_form_is_refused(cast: Cast) -> None:
    one, two = shared(cast)
    other = cast.other_desk.request_types.first()
    for kind, who in (
        (one.request_type, "lead"),
        (two.request_type, "lead"),
        (other, "admin"),
        (kinds(cast)[1], "agent"),
    ):
        with refused_as("desk.field_on_form", "desk.field_of_other_desk", "desk.leads_only"):
            add_known_field(**by(getattr(cast, who)), request_type=kind, custom=one.custom)
    assert one.custom.fields.count() == 2


def test_a_field_of_another_form_comes_with_its_label_once(cast: Cast) -> None:
    one, other = cast.desk.request_types.all()[:2]
    known = add_field(**by(cast.lead), request_type=one, kind="text", label="Отделение").custom
    assert known is not None
    with locks(CustomField), tells("desk.changed"):
        row = add_known_field(**by(cast.lead), request_type=other, custom=known)
    assert (row.label, row.custom, row.archived) == ("Отделение", known, False)
    with refuses("desk.field_on_form"):
        add_known_field(**by(cast.lead), request_type=other, custom=known)

"""`add_field` adds a field to a form."""

from otklik.desks.commands.forms import add_field
from otklik.desks.models import Field
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.desks.test_custom_fields import city, kinds


def test_every_field_of_a_desks_own_is_in_the_registry(cast: Cast) -> None:
    row = city(cast)
    custom = row.custom
    assert (custom.name, custom.kind, custom.searchable, custom.desk) == ("Отделение", "choice", True, cast.desk)
    assert row.key == custom.key == f"customfield_{custom.number}"
    own = Field.objects.exclude(key__in=("summary", "description", "attachments"))
    assert all(one.custom is not None and one.custom.key == one.key for one in own.select_related("custom"))
    assert not Field.objects.filter(key__in=("summary", "description", "attachments")).exclude(custom=None).exists()
    file = add_field(**by(cast.lead), request_type=kinds(cast)[0], kind="attachment", label="Скан")
    assert file.custom.searchable is False


def test_it_stands_before_the_files_with_a_key_of_its_own(cast: Cast) -> None:
    kind = cast.desk.request_types.all()[0]
    with tells("desk.changed"):
        row = add_field(**by(cast.lead), request_type=kind, kind="text", label="Отделение")
    keys = [field.key for field in kind.form_fields.order_by("position")]
    assert keys.index(row.key) < keys.index("attachments") and row.custom is not None
    for who, what in ((cast.agent, "text"), (cast.lead, "no such kind")):
        with refuses("desk.leads_only", "desk.field_kind_unknown"):
            add_field(**by(who), request_type=kind, kind=what, label="x")

"""`change_names` changes translated names of a desk's parts."""

from otklik.desks.commands.translations import change_names
from otklik.desks.models import Desk
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast


def test_a_name_is_saved_with_its_event_and_other_desks_rows_count_as_not_said(cast: Cast) -> None:
    own, foreign = cast.desk.statuses.all()[0], cast.other_desk.statuses.all()[0]
    texts = {("status", row.pk): {"en": {"name": "Fresh"}} for row in (own, foreign)}
    with locks(Desk), tells("desk.changed"):
        assert change_names(**by(cast.lead), desk=cast.desk, texts=texts)
        assert not change_names(**by(cast.lead), desk=cast.desk, texts=texts)
    own.refresh_from_db()
    assert own.texts == {"en": {"name": "Fresh"}}
    with refuses("desk.leads_only"):
        change_names(**by(cast.agent), desk=cast.desk, texts=texts)


def test_fields_are_named_and_those_of_another_desk_count_as_not_said(cast: Cast) -> None:
    own, foreign = (desk.request_types.all()[0].form_fields.all()[0] for desk in (cast.desk, cast.other_desk))
    texts = {("field", row.pk): {"en": {"label": "Fresh"}} for row in (own, foreign)}
    with tells("desk.changed"):
        assert change_names(**by(cast.lead), desk=cast.desk, texts=texts)
    foreign.refresh_from_db()
    assert foreign.texts == {}

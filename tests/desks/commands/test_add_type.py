"""`add_type` adds a request type."""

from otklik.desks.commands.forms import add_type
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_it_is_the_last_and_asks_for_the_usual(cast: Cast) -> None:
    with tells("desk.changed"):
        row = add_type(**by(cast.lead), desk=cast.desk, values={"name": "Пропуск", "help": "x"})
    assert not row.archived and row.position == cast.desk.request_types.count()
    assert {field.key for field in row.form_fields.all()} >= {"summary", "description"}


def test_agents_add_none_and_a_name_stands_once(cast: Cast) -> None:
    with refuses("desk.leads_only"):
        add_type(**by(cast.agent), desk=cast.desk, values={"name": "Пропуск"})
    with refuses("desk.type_name_taken"):
        add_type(**by(cast.lead), desk=cast.desk, values={"name": cast.desk.request_types.all()[0].name})

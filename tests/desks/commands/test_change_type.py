"""`change_type` changes a request type."""

from otklik.desks.commands.forms import change_type
from otklik.desks.models import RequestType
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast


def test_what_differs_is_saved_with_one_event(cast: Cast) -> None:
    row = cast.desk.request_types.all()[0]
    with locks(RequestType), tells("desk.changed"):
        assert change_type(**by(cast.lead), request_type=row, values={"help": "Иначе"})
        assert not change_type(**by(cast.lead), request_type=row, values={"help": "Иначе"})


def test_agents_change_none_and_a_name_stands_once(cast: Cast) -> None:
    one, other = cast.desk.request_types.all()[:2]
    for who, values in ((cast.agent, {"help": "x"}), (cast.lead, {"name": other.name})):
        with refuses("desk.leads_only", "desk.type_name_taken"):
            change_type(**by(who), request_type=one, values=values)

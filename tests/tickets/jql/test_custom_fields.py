"""Form fields with the same name at several desks, as queried by staff of these desks."""

from typing import Any

from otklik.desks.models import CustomField, Desk, Field
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.tickets.jql.world import NOW


def branch(desk: Desk, number: int, labels: list[str]) -> CustomField:
    custom = CustomField.objects.create(number=number, desk=desk, name="Branch", kind="choice")
    options = [{"id": str(place), "label": label} for place, label in enumerate(labels, 1)]
    Field.objects.create(
        request_type=desk.request_types.first(),
        custom=custom,
        key=custom.key,
        kind="choice",
        label="Branch",
        options=options,
    )
    return custom


def test_an_option_is_meant_by_its_own_desk_s_id(cast: Cast) -> None:
    fields = {
        "ACCREDO": branch(cast.desk, 10601, ["North", "South"]),
        "OTHER": branch(cast.other_desk, 10602, ["South", "North"]),
    }
    for desk in (cast.desk, cast.other_desk):
        for number, option in ((11, "1"), (12, "2")):
            ticket: Any = Ticket.objects.get(pk=cast.ticket.pk)
            ticket.pk, ticket.key, ticket.number, ticket.desk = None, f"{desk.key}-{number}", number, desk
            ticket.status, ticket.priority = desk.statuses.first(), desk.priorities.first()
            ticket.request_type, ticket.answers = desk.request_types.first(), {fields[desk.key].key: option}
            ticket.save()
    for text, expected in (
        ("Branch = North", {"ACCREDO-11", "OTHER-12"}),
        ("Branch != North", {"ACCREDO-12", "OTHER-11"}),
    ):
        assert set(find(parse(text), Asker(cast.admin, NOW)).values_list("key", flat=True)) == expected

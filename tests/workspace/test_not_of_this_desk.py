"""Forms offer only objects of their own desk, even to leads of both desks."""

from collections.abc import Callable
from typing import Any

import pytest

from otklik.desks.commands.create import set_role
from otklik.desks.models import Channel, Desk, Priority, RequestType, TypeGroup
from otklik.intake.commands.placement import make_request
from otklik.journal.models import Event
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor, system
from otklik.tickets.commands.base import Words
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.postoffice import put_mail
from tests.workspace.helpers import as_

Act = tuple[str, dict[str, Any]]
CALL = {"subject": "Звонок", "name": "Ольга"}
SETTINGS = "/projects/ACCREDO/settings"


def last_type(desk: Desk) -> RequestType:
    return desk.request_types.order_by("-position")[0]


def last_priority(desk: Desk) -> Priority:
    return desk.priorities.order_by("-level")[0]


def ticket_at(cast: Cast, desk: Desk) -> Ticket:
    return open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=desk, channel=Ticket.Channel.PORTAL,
        subject="Ещё один", words=Words("Ещё один"), requester=cast.anna,
    )  # fmt: skip


def looked_at(mail: InboundMail) -> InboundMail:
    """Return the mail after the worker has processed it."""
    if mail.state == InboundMail.State.WAITING:
        mail.state, mail.fate, mail.settled_at = InboundMail.State.HELD, "own", START
        mail.save()
    return mail


def assignee(cast: Cast, desk: Desk) -> Act:
    return "/browse/ACCREDO-1/assign", {"assignee": (cast.agent if desk == cast.desk else cast.agent_elsewhere).pk}


def priority(cast: Cast, desk: Desk) -> Act:
    return "/browse/ACCREDO-1/priority", {"priority": last_priority(desk).pk}


def step_of_a_reply(cast: Cast, desk: Desk) -> Act:
    step = next(row for row in desk.transitions.select_related("target") if row.target.is_done)
    return "/browse/ACCREDO-1/reply", {"comment": "Готово", "step": step.pk}


def type_of_a_request(cast: Cast, desk: Desk) -> Act:
    return "/browse/ACCREDO-1/type", {"request_type": last_type(desk).pk}


def type_of_a_call(cast: Cast, desk: Desk) -> Act:
    return "/projects/ACCREDO/create", {**CALL, "request_type": last_type(desk).pk, "priority": cast.ticket.priority_id}


def priority_of_a_call(cast: Cast, desk: Desk) -> Act:
    words = {"request_type": last_type(cast.desk).pk, "priority": last_priority(desk).pk}
    return "/projects/ACCREDO/create", {**CALL, **words}


def request_for_a_mail(cast: Cast, desk: Desk) -> Act:
    return f"/projects/ACCREDO/mail/{looked_at(put_mail()).pk}/attach", {"ticket": ticket_at(cast, desk).key}


def request_for_a_message(cast: Cast, desk: Desk) -> Act:
    mail = looked_at(put_mail())
    if not Message.objects.filter(inbound=mail).exists():
        make_request(actor=Actor(cast.agent, "agent"), at=START, mail=mail)
    message = Message.objects.select_related("ticket").get(inbound=mail)
    address = f"/browse/{message.ticket.key}/messages/{message.pk}/move"
    return address, {"to": ticket_at(cast, desk).key}


def request_for_a_link(cast: Cast, desk: Desk) -> Act:
    return "/browse/ACCREDO-1/links", {"link": "blocks:out", "to": ticket_at(cast, desk).key}


def types_of_a_group(cast: Cast, desk: Desk) -> Act:
    row = TypeGroup.objects.create(desk=cast.desk, name="Группа", position=9)
    return f"{SETTINGS}/groups/{row.pk}", {"name": "Группа", "types": [last_type(desk).pk]}


def groups_of_a_type(cast: Cast, desk: Desk) -> Act:
    row, kind = TypeGroup.objects.create(desk=desk, name="Группа", position=9), last_type(cast.desk)
    return f"{SETTINGS}/types/{kind.pk}", {"name": kind.name, "icon": kind.icon, "groups": [row.pk]}


def order_of_types(cast: Cast, desk: Desk) -> Act:
    ids = [row.pk for row in cast.desk.request_types.order_by("position")]
    return f"{SETTINGS}/types/order", {"order": [last_type(desk).pk, *(pk for pk in ids if pk != last_type(desk).pk)]}


def order_of_fields(cast: Cast, desk: Desk) -> Act:
    kind = last_type(cast.desk)
    ids = [row.pk for row in kind.form_fields.order_by("position")]
    moved = last_type(desk).form_fields.exclude(key="attachments").order_by("-position")[0].pk
    return f"{SETTINGS}/types/{kind.pk}/form/order", {"order": [moved, *(pk for pk in ids if pk != moved)]}


def type_of_new_mail(cast: Cast, desk: Desk) -> Act:
    channel = Channel.objects.get(desk=cast.desk)
    words = {"staff_told": cast.desk.staff_told, f"type_{channel.pk}": last_type(desk).pk}
    return f"{SETTINGS}/mail", words


def who_is_told(cast: Cast, desk: Desk) -> Act:
    who = cast.agent if desk == cast.desk else cast.agent_elsewhere
    return f"{SETTINGS}/mail", {"staff_told": Desk.Told.NAMED, "told_people": [who.pk]}


ACTS = [
    assignee, priority, step_of_a_reply, type_of_a_request, type_of_a_call, priority_of_a_call, request_for_a_mail,
    request_for_a_message, request_for_a_link, types_of_a_group, groups_of_a_type, order_of_types, order_of_fields,
    type_of_new_mail, who_is_told,
]  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_what_another_desk_owns_cannot_be_chosen(cast: Cast, act: Callable[[Cast, Desk], Act]) -> None:
    set_role(actor=system(), at=START, desk=cast.other_desk, person=cast.lead, role="lead")
    client = as_(cast.lead)
    for desk, chosen in ((cast.other_desk, False), (cast.desk, True)):
        address, data = act(cast, desk)
        before = Event.objects.count()
        client.post(address, data)
        assert (Event.objects.count() > before) == chosen, desk.key

"""Change a ticket's request type."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from otklik.core.locks import lock_all
from otklik.desks.models import RequestType
from otklik.desks.queries import form_rows
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.answers.type_change import moved_answers
from otklik.tickets.commands.answers import search_by
from otklik.tickets.commands.approve import ask_of_type, people_of_type, withdraw_approval
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch
from otklik.tickets.commands.stale_values import Shown, require_shown
from otklik.tickets.events import FieldChanged
from otklik.tickets.models import Approval, Ticket
from otklik.tickets.move_events import ApprovalRestored
from otklik.tickets.refusals import NO_TYPE, TicketRefusal

FIELD = "request_type"


def change_type(
    *, actor: Actor, at: datetime, ticket: Ticket, request_type: RequestType, shown: Shown | None = None
) -> Ticket:
    """Change the request type; answers are kept where the new form has the same questions (answers.type_change).

    An approval that the former type asked for automatically and that is pending is withdrawn; the new type asks for its
    own, unless the ticket is closed or another approval is pending. For the desk's staff. Raises UnableToChange: a type
    of another desk or a retired one; `shown` (an id, None for no type) as for `fields.assign`.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if request_type.desk_id != ticket.desk_id:
            raise UnableToChange(TicketRefusal.TYPE_OF_OTHER_DESK)
        if ticket.request_type_id == request_type.pk:
            return ticket
        if request_type.archived:
            raise UnableToChange(TicketRefusal.TYPE_RETIRED)
        before = ticket.request_type
        name = before.name if before else ""
        require_shown(ticket, shown, ticket.request_type_id, FieldChanged.where(field=FIELD), name or NO_TYPE)
        ticket.answers = moved_answers(ticket.answers, form_rows(before) if before else [], form_rows(request_type))
        ticket.request_type = request_type
        touch(ticket, at, "request_type", "answers")
        search_by(ticket)
        tell(ticket, FieldChanged(field=FIELD, before=name, after=request_type.name), actor, at)
        ask_anew(actor, at, ticket)
    return ticket


def ask_anew(actor: Actor, at: datetime, ticket: Ticket) -> None:
    """Withdraw the pending approval of the former type, and ask for that of the present one."""
    pending = Approval.objects.filter(ticket=ticket, state=Approval.State.PENDING)
    for approval in lock_all(pending.filter(asked_by=None)):
        withdraw_approval(actor=actor, at=at, approval=approval)
    if not ticket.status.is_done and not pending.exists():
        ask_of_type(at=at, ticket=ticket, within=actor)


def asked_by_type(ticket: Ticket) -> list[int]:
    """Return the ids of pending approvals that the ticket's type asked for automatically."""
    pending = Approval.objects.filter(ticket=ticket, state=Approval.State.PENDING, asked_by=None)
    return list(pending.values_list("pk", flat=True))


def ask_as_before(actor: Actor, at: datetime, ticket: Ticket, asked: Collection[int]) -> None:
    """Restore the approvals `asked` by a type that the ticket has again, with the votes given until then.

    `asked`: as `asked_by_type` returned it. The pending approval of the other type is withdrawn. Nothing is restored on
    a ticket that is done or has another pending approval; approvals that were decided stay so.
    """
    pending = Approval.objects.filter(ticket=ticket, state=Approval.State.PENDING)
    for approval in lock_all(pending.filter(asked_by=None).exclude(pk__in=asked)):
        withdraw_approval(actor=actor, at=at, approval=approval)
    if ticket.status.is_done or not asked or pending.exists():
        return
    for approval in lock_all(Approval.objects.filter(ticket=ticket, pk__in=asked, state=Approval.State.WITHDRAWN)):
        approval.state, approval.settled_at = Approval.State.PENDING, None
        approval.save(update_fields=["state", "settled_at"])
        tell(ticket, ApprovalRestored(approval=approval.pk), actor, at)


def people_asked_anew(ticket: Ticket, request_type: RequestType) -> list[Person]:
    """Return whom `ask_anew` would ask if the ticket had this type. Changes nothing."""
    if ticket.status.is_done or not request_type.approval_rule:
        return []
    by_people = Approval.objects.filter(ticket=ticket, state=Approval.State.PENDING).exclude(asked_by=None)
    return [] if by_people.exists() else people_of_type(request_type, ticket)

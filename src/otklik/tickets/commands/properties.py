"""Change due date, labels and resolution of a ticket. Customers see none of them."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from otklik.desks.models import Resolution
from otklik.desks.texts import name_of
from otklik.mail.secret_scan import blanked
from otklik.people.actor import Actor
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch
from otklik.tickets.commands.stale_values import Shown, require_shown
from otklik.tickets.events import FieldChanged
from otklik.tickets.models import LABEL_LENGTH, Change, Ticket
from otklik.tickets.refusals import NO_DAY, NO_LABELS, NO_RESOLUTION, TicketRefusal

MOST_LABELS = 50


def change_due(*, actor: Actor, at: datetime, ticket: Ticket, due: date | None, shown: Shown | None = None) -> Ticket:
    """Set the due date, None for none; it may lie in the past. For the desk's staff.

    `shown`: the date on the page; raises ChangedMeanwhile if somebody else changed it meanwhile. Raises UnableToChange.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if ticket.due == due:
            return ticket
        before, after = _day(ticket.due), _day(due)
        stands = before or NO_DAY
        require_shown(ticket, shown, ticket.due, FieldChanged.where(field=Change.Field.DUE.value), stands)
        ticket.due = due
        touch(ticket, at, "due", inside=True)
        tell(ticket, FieldChanged(field=Change.Field.DUE.value, before=before, after=after), actor, at)
    return ticket


def change_labels(
    *, actor: Actor, at: datetime, ticket: Ticket, labels: Sequence[str], shown: Shown | None = None
) -> Ticket:
    """Replace the ticket's labels; they are stored sorted and without duplicates.

    As in Jira a label has no whitespace and at most 255 characters. `shown`: a tuple of the labels on the page, as for
    `change_due`. Raises UnableToChange for an invalid label, and for more than MOST_LABELS.
    """
    wanted = sorted({blanked(label) for label in labels})
    for label in wanted:
        if label.split() != [label]:
            raise UnableToChange(TicketRefusal.LABEL_INVALID, label=label[:40])
        if len(label) > LABEL_LENGTH:
            raise UnableToChange(TicketRefusal.LABEL_TOO_LONG, most=LABEL_LENGTH, label=label[:40])
    if len(wanted) > MOST_LABELS:
        raise UnableToChange(TicketRefusal.TOO_MANY_LABELS, most=MOST_LABELS)
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if ticket.labels == wanted:
            return ticket
        before, after = " ".join(ticket.labels), " ".join(wanted)
        stands = before or NO_LABELS
        require_shown(ticket, shown, tuple(ticket.labels), FieldChanged.where(field=Change.Field.LABELS.value), stands)
        ticket.labels = wanted
        touch(ticket, at, "labels", inside=True)
        tell(ticket, FieldChanged(field=Change.Field.LABELS.value, before=before, after=after), actor, at)
    return ticket


def change_resolution(
    *, actor: Actor, at: datetime, ticket: Ticket, resolution: Resolution, shown: Shown | None = None
) -> Ticket:
    """Change the resolution of a closed ticket, which the closing transition had set (status.set_status).

    `shown` (an id) as for `change_due`. Raises UnableToChange: the ticket is open, the resolution is retired.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if ticket.closed_at is None:
            raise UnableToChange(TicketRefusal.UNRESOLVED)
        if ticket.resolution_id == resolution.pk:
            return ticket
        if resolution.archived:
            raise UnableToChange(TicketRefusal.RESOLUTION_RETIRED)
        before = name_of(ticket.resolution) if ticket.resolution else ""
        field = Change.Field.RESOLUTION.value
        require_shown(ticket, shown, ticket.resolution_id, FieldChanged.where(field=field), before or NO_RESOLUTION)
        ticket.resolution = resolution
        touch(ticket, at, "resolution", inside=True)
        tell(ticket, FieldChanged(field=field, before=before, after=name_of(resolution)), actor, at)
    return ticket


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""

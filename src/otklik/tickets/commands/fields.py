"""Change a ticket's assignee, priority, subject and participants."""

from datetime import datetime

from django.db import transaction

from otklik.desks.access import is_agent
from otklik.desks.models import Priority
from otklik.mail.secret_scan import blanked
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.base import (
    UnableToChange,
    join,
    locked,
    require_agent,
    require_involved,
    tell,
    touch,
)
from otklik.tickets.commands.stale_values import Shown, require_shown
from otklik.tickets.events import (
    FieldChanged,
    ParticipantAdded,
    ParticipantRemoved,
    StatusChanged,
    TicketAssigned,
    TicketCommented,
    TicketMuted,
    TicketUnmuted,
)
from otklik.tickets.models import Participant, Ticket
from otklik.tickets.refusals import NOBODY, TicketRefusal


def assign(
    *, actor: Actor, at: datetime, ticket: Ticket, assignee: Person | None, shown: Shown | None = None
) -> Ticket:
    """Assign the ticket to a member of the desk, or to nobody. For the desk's staff. Raises UnableToChange.

    `shown`: the id of the assignee on the page; raises ChangedMeanwhile if somebody else assigned another person
    meanwhile.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if assignee is not None and not is_agent(assignee, ticket.desk):
            raise UnableToChange(TicketRefusal.NOT_A_MEMBER, name=assignee.display_name)
        if ticket.assignee_id == (assignee.pk if assignee else None):
            return ticket
        stands = ticket.assignee.display_name if ticket.assignee else NOBODY
        by_step = TicketCommented.having("assigned") | StatusChanged.having("assigned")
        require_shown(ticket, shown, ticket.assignee_id, TicketAssigned.where() | by_step, stands)
        ticket.assignee = assignee
        touch(ticket, at, "assignee", inside=True)
        tell(ticket, TicketAssigned(assignee=assignee.display_name if assignee else ""), actor, at)
    return ticket


def change_priority(
    *, actor: Actor, at: datetime, ticket: Ticket, priority: Priority, shown: Shown | None = None
) -> Ticket:
    """Set the priority. Raises UnableToChange if it belongs to another desk; `shown` (an id) as for `assign`."""
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if priority.desk_id != ticket.desk_id:
            raise UnableToChange(TicketRefusal.PRIORITY_OF_OTHER_DESK)
        if ticket.priority_id == priority.pk:
            return ticket
        require_shown(ticket, shown, ticket.priority_id, FieldChanged.where(field="priority"), ticket.priority.name)
        before, ticket.priority = ticket.priority.name, priority
        touch(ticket, at, "priority")
        tell(ticket, FieldChanged(field="priority", before=before, after=priority.name), actor, at)
    return ticket


def change_subject(*, actor: Actor, at: datetime, ticket: Ticket, subject: str, shown: Shown | None = None) -> Ticket:
    """Set the subject (one line, 300 characters). Raises UnableToChange for an empty one; `shown` as for `assign`."""
    line = " ".join(blanked(subject).split())[:300]
    if not line:
        raise UnableToChange(TicketRefusal.SUBJECT_MISSING)
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if ticket.subject == line:
            return ticket
        require_shown(ticket, shown, ticket.subject, FieldChanged.where(field="subject"), ticket.subject)
        before, ticket.subject = ticket.subject, line
        touch(ticket, at, "subject")
        tell(ticket, FieldChanged(field="subject", before=before, after=line), actor, at)
    return ticket


def add_participant(
    *, actor: Actor, at: datetime, ticket: Ticket, person: Person, sees_all: bool = False, with_reply: bool = False
) -> bool:
    """Add a participant, who sees messages from now on; return whether they are new.

    `with_reply`: as of ParticipantAdded. `sees_all` shows the history as well, which only the requester and the staff
    may do (AB-01). Raises UnableToChange, also for an inactive person.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        if sees_all and (actor.id is None or actor.id != ticket.requester_id):
            require_agent(actor, ticket)
        else:
            require_involved(actor, ticket)
        if not person.is_active:
            raise UnableToChange(TicketRefusal.CANNOT_BE_ADDED)
        new = join(ticket, person, at, sees_all=sees_all, by=actor.person)
        if new:
            touch(ticket, at)
            added = ParticipantAdded(person=person.pk, name=person.display_name, with_reply=with_reply)
            tell(ticket, added, actor, at)
    return new


def remove_participant(*, actor: Actor, at: datetime, ticket: Ticket, person: Person) -> None:
    """Remove a participant and invalidate their reply addresses. Raises UnableToChange for the requester."""
    with transaction.atomic():
        ticket = locked(ticket)
        require_involved(actor, ticket)
        if ticket.requester_id == person.pk:
            raise UnableToChange(TicketRefusal.REQUESTER_STAYS)
        link = Participant.objects.filter(ticket=ticket, person=person, removed_at=None).first()
        if link is None:
            return
        link.removed_at, link.epoch = at, link.epoch + 1
        link.save(update_fields=["removed_at", "epoch"])
        touch(ticket, at)
        tell(ticket, ParticipantRemoved(person=person.pk, name=person.display_name), actor, at)


def set_muted(*, actor: Actor, at: datetime, ticket: Ticket, muted: bool) -> None:
    """Turn the acting participant's mails about this ticket off or on. Raises UnableToChange for others."""
    with transaction.atomic():
        ticket = locked(ticket)
        require_involved(actor, ticket)
        changed = Participant.objects.filter(ticket=ticket, person=actor.person, removed_at=None).update(muted=muted)
        if not changed:
            raise UnableToChange(TicketRefusal.PARTICIPANTS_ONLY)
        tell(ticket, TicketMuted() if muted else TicketUnmuted(), actor, at)

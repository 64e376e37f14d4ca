"""Queries for pending replies on tickets that the reader may see."""

from collections.abc import Sequence

from django.db.models import QuerySet

from otklik.core.fast_reads import fast_read
from otklik.desks.models import Transition
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.content import NewFile
from otklik.tickets.models import PendingReply, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.workspace.refusals import WorkspaceRefusal


def reply_of(ticket: Ticket, reply_id: int) -> PendingReply | None:
    """Return this pending reply of the ticket, in any state, or None."""
    replies = PendingReply.objects.filter(ticket=ticket, pk=reply_id)
    return replies.select_related("author", "transition__target", "ticket", "message").first()


def replies_of(person: Person, ticket: Ticket) -> list[PendingReply]:
    """Return the ticket's scheduled and stopped replies, and the person's own drafts. One query."""
    rows = _replies(ticket=ticket.pk)
    return [reply for reply in rows if reply.state != PendingReply.State.DRAFT or reply.author_id == person.pk]


@fast_read("ticket")
def _replies(*, ticket: int) -> QuerySet[PendingReply]:
    return reply_rows(Ticket(pk=ticket)).select_related("author", "transition__target").order_by("due_at", "id")


def reply_rows(ticket: Ticket) -> QuerySet[PendingReply]:
    """Return the queryset of `replies_of`, with everybody's drafts."""
    return PendingReply.objects.filter(ticket=ticket.pk).exclude(state=PendingReply.State.SENT)


def draft_of(person: Person, ticket: Ticket, reply_id: int | None) -> PendingReply | None:
    """Return this draft of the person on the ticket, or None."""
    state = PendingReply.State.DRAFT
    return PendingReply.objects.filter(ticket=ticket, pk=reply_id or 0, author=person, state=state).first()


def kept_of(draft: PendingReply | None, chosen: Sequence[int]) -> list[NewFile]:
    """Return the draft's files at the indexes `chosen`. Raises UnableToChange if the stored data cannot be read."""
    files = draft.files if draft is not None else []
    try:
        return [NewFile(**file) for place, file in enumerate(files) if place in chosen]
    except TypeError as error:
        raise UnableToChange(WorkspaceRefusal.DRAFT_FILE_UNREADABLE) from error


def step_for(ticket: Ticket, transition_id: int | None) -> Transition | None:
    """Return the transition to do with a reply; None for None. Raises UnableToChange for one of another desk."""
    if transition_id is None:
        return None
    transition = Transition.objects.filter(desk_id=ticket.desk_id, pk=transition_id).select_related("target").first()
    if transition is None:
        raise UnableToChange(TicketRefusal.STEP_UNKNOWN)
    return transition

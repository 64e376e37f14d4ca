"""Who may see and do what on a ticket (rule R4): the one policy that pages, mail and API ask.

"Not yours" and "does not exist" are the same answer: these functions return None or an empty queryset.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from otklik.desks.access import Viewer, worked_desks
from otklik.people.models import Person
from otklik.tickets.models import Attachment, Message, Participant, Ticket


def visible_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """Tickets the viewer may see at all: as agent of the desk, or as participant."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Ticket.objects.none()
    return Ticket.objects.filter(Q(desk__in=worked_desks(viewer)) | Q(_involved(viewer)))


def involved_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """Tickets the viewer takes part in as a customer: what the portal lists, for agents too."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Ticket.objects.none()
    return Ticket.objects.filter(_involved(viewer))


def worked_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """Tickets of the desks where the viewer works: what the agents' pages show."""
    return Ticket.objects.filter(desk__in=worked_desks(viewer))


def ticket_for_agent(viewer: Viewer, key: str) -> Ticket | None:
    """The ticket, if the viewer works at its desk."""
    return _by_key(worked_tickets(viewer), key)


def ticket_for_customer(viewer: Viewer, key: str) -> Ticket | None:
    """The ticket, if the viewer may see its portal card: a participant, or an agent of the desk."""
    return _by_key(visible_tickets(viewer), key)


def readable_messages(viewer: Viewer, ticket: Ticket, *, as_agent: bool) -> QuerySet[Message]:
    """The messages of this ticket that the viewer may read, oldest first.

    `as_agent` True only on the agents' pages: everything. Else what customers may see, for a participant who joined
    late only what was said since. The caller has loaded the ticket through this module.
    """
    messages = Message.objects.filter(ticket=ticket).order_by("created_at", "id")
    if as_agent:
        return messages if is_agent_of(viewer, ticket) else messages.none()
    messages = messages.for_customers()
    since = (
        Participant.objects.filter(ticket=ticket, person_id=viewer.pk or 0).values_list("sees_from", flat=True).first()
    )
    return messages.filter(Q(created_at__gte=since) | Q(author_id=viewer.pk)) if since else messages


def attachment_for(viewer: Viewer, attachment_id: int) -> Attachment | None:
    """The attachment, if the viewer may read the message it belongs to (AB-45, AB-48)."""
    found = Attachment.objects.filter(pk=attachment_id).select_related("message__ticket").first()
    if found is None or not visible_tickets(viewer).filter(pk=found.message.ticket_id).exists():
        return None
    ticket = found.message.ticket
    readable = readable_messages(viewer, ticket, as_agent=is_agent_of(viewer, ticket))
    return found if readable.filter(pk=found.message_id).exists() else None


def is_agent_of(viewer: Viewer, ticket: Ticket) -> bool:
    """Whether the viewer works at the ticket's desk."""
    return worked_desks(viewer).filter(pk=ticket.desk_id).exists()


def is_participant(person: Person, ticket: Ticket) -> bool:
    """Whether the person is on the ticket now."""
    return Participant.objects.filter(ticket=ticket, person=person, removed_at=None).exists()


def _involved(person: Person) -> Exists:
    return Exists(Participant.objects.filter(ticket=OuterRef("pk"), person=person, removed_at=None))


def _by_key(tickets: QuerySet[Ticket], key: str) -> Ticket | None:
    return tickets.filter(key=key.upper()).select_related("desk", "status", "priority", "requester", "assignee").first()

"""Permissions on tickets (rule R4): the one policy that pages, mail and API ask.

"Not yours" and "does not exist" are the same answer: these functions return None or an empty queryset.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from otklik.core.fast_reads import AnyOf, Counted, fast_read
from otklik.desks.access import Viewer, is_agent, worked_desks
from otklik.desks.models import Desk
from otklik.people.models import Organization, OrganizationMember, Person
from otklik.tickets.keys import canonical, with_key
from otklik.tickets.models import Approval, Attachment, Message, Participant, SharedOrganization, Ticket, Vote
from otklik.tickets.models.message import MessageQuerySet
from otklik.tickets.search.frequency import tickets_there_are

# Up to so many tickets joined late are listed in the query; beyond, each message is checked by a subquery.
LATE_AT_MOST = 50
# Viewers with more tickets than MANY, and more than 1/PART of all, get queries that scan all tickets.
MANY, PART = 5_000, 50
_SHOWN_WITH = ("desk", "status", "priority", "requester", "assignee", "request_type")
# Deferred: long, or private to the person.
_UNSHOWN_OF_PEOPLE = (
    "password", "last_login", "source_key", "address_note", "sight", "theme", "digest_hour", "password_short",
    "reset_epoch", "created_at", "heard_at",
)  # fmt: skip
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def visible_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """Tickets the viewer may see: as agent of the desk, participant, organization member or approver."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Ticket.objects.none()
    return Ticket.objects.filter(Q(desk__in=worked_desks(viewer).order_by().values("pk")) | _as_customer(viewer))


def is_visible(viewer: Viewer, ticket_id: int) -> bool:
    """Whether the ticket is among the viewer's `visible_tickets`."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return False
    return bool(_seen_by(person=viewer.pk, is_admin=viewer.is_admin, ticket=ticket_id))


@fast_read("person", "ticket")
def _seen_by(*, person: int, is_admin: bool, ticket: int) -> QuerySet[Ticket, int]:
    """The ticket's id, if the person may see it at all."""
    viewer = Person(pk=person, is_admin=is_admin)
    return visible_tickets(viewer).filter(pk=ticket).order_by().values_list("pk", flat=True)


def involved_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """Tickets the viewer takes part in as a customer, which the portal lists, for agents as well."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Ticket.objects.none()
    return Ticket.objects.filter(_involved(viewer))


def customer_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """All tickets the viewer may see as a customer: `visible_tickets` without the viewer's desks.

    Selected by ids from the viewer's own rows, which is fast for lists; `visible_tickets` suits questions about one
    ticket.
    """
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Ticket.objects.none()
    return customer_tickets_of(viewer, is_member=is_member_anywhere(viewer))


def customer_tickets_of(viewer: Person, *, is_member: bool = True) -> QuerySet[Ticket]:
    """Like `customer_tickets`, without queries of its own, for fast reads.

    The caller has checked that the person is active. `is_member`: pass False only for people in no organization.
    """
    first, *others = _customer_ids(viewer, is_member=is_member)
    return Ticket.objects.filter(pk__in=first.union(*others, all=True))


def customer_tickets_by_row(viewer: Person) -> QuerySet[Ticket]:
    """The same tickets by a condition on each row, for queries that scan tickets anyway.

    The caller has checked that the person is active.
    """
    return Ticket.objects.filter(_as_customer(viewer))


def sees_many(viewer: Person) -> bool:
    """Return whether organizations show the viewer so many tickets that scanning all is faster than collecting ids.

    Takes two statements, plus now and then one for the statistics.
    """
    if not is_member_anywhere(viewer):
        return False
    part = tickets_there_are() // PART
    # A few limits only, for each is a statement.
    most = 1 << part.bit_length() if part > MANY else MANY + 1
    return _gathered(person=viewer.pk, most=most) == [most]


@fast_read("person")
def _gathered(*, person: int, most: int) -> QuerySet[Person, int]:
    """The number of those tickets, up to `most`. Tickets visible for two reasons count twice."""
    first, *others = _customer_ids(Person(pk=person), is_member=True)
    rows = first.union(*others, all=True)[:most]
    return Person.objects.filter(pk=person).values_list(Counted(rows), flat=True)


def _customer_ids(viewer: Person, *, is_member: bool) -> list[QuerySet[Any, Any]]:
    ids = Participant.objects.filter(person=viewer.pk, removed_at=None).values(found=F("ticket"))
    votes = Vote.objects.filter(person=viewer.pk).exclude(approval__state=Approval.State.WITHDRAWN)
    parts: list[QuerySet[Any, Any]] = [ids, votes.values(found=F("approval__ticket"))]
    return [*parts, _shared_ids(viewer), _made_in(_open_organizations(viewer))] if is_member else parts


def _as_customer(viewer: Person) -> Q:
    return Q(_involved(viewer)) | Q(_by_organization(viewer)) | Q(_asked(viewer))


def is_member_anywhere(person: Person) -> bool:
    """Return whether the person belongs to an organization. One statement."""
    return bool(_memberships(person=person.pk))


@fast_read("person")
def _memberships(*, person: int) -> QuerySet[OrganizationMember, int]:
    return OrganizationMember.objects.filter(person=person).values_list("pk", flat=True)[:1]


def organization_tickets(viewer: Viewer, organization_id: int) -> QuerySet[Ticket]:
    """Tickets shared with this organization of the viewer, and its members' requests that the viewer may see."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return Ticket.objects.none()
    mine = Organization.objects.filter(pk=organization_id, members=viewer.pk)
    shared = _shared_ids(viewer).filter(organization__in=mine)
    involved = involved_tickets(viewer).filter(requester__organizations__in=mine).values(found=F("pk"))
    made = _made_in(_open_organizations(viewer).filter(pk=organization_id))
    return Ticket.objects.filter(pk__in=shared.union(involved, made, all=True))


def worked_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """Tickets of the desks where the viewer works, which the agents' pages show."""
    return Ticket.objects.filter(desk__in=worked_desks(viewer))


def tickets_at(desks: Iterable[int]) -> QuerySet[Ticket]:
    """Tickets of these desks. Like `worked_tickets`, but saves a query: the caller must have got the ids from
    `desks.access.worked_desks` for the current viewer."""
    return Ticket.objects.filter(desk_id__in=list(desks))


def ticket_at(desks: Sequence[Desk], key: str) -> Ticket | None:
    """The ticket with this key if it is at one of these desks, with its desk set; otherwise as `tickets_at`."""
    ticket = next(iter(_at_with_key(desks=[desk.pk for desk in desks], key=canonical(key))), None)
    if ticket is not None:
        ticket.desk = next(desk for desk in desks if desk.pk == ticket.desk_id)
    return ticket


@fast_read("desks", "key")
def _at_with_key(*, desks: list[int], key: str) -> QuerySet[Ticket]:
    tickets = with_key(Ticket.objects.filter(AnyOf("desk_id", desks)), key)
    tickets = tickets.select_related("status", "priority", "requester", "assignee", "created_by", "request_type")
    return tickets.defer("words", *_unshown_of("requester", "assignee", "created_by"))


def _unshown_of(*people: str) -> list[str]:
    return [f"{person}__{column}" for person in people for column in _UNSHOWN_OF_PEOPLE]


def ticket_for_agent(viewer: Viewer, key: str) -> Ticket | None:
    """The ticket with this key, if the viewer works at its desk."""
    return _by_key(worked_tickets(viewer), key)


def ticket_for_customer(viewer: Viewer, key: str) -> Ticket | None:
    """The ticket with this key, if it is among the viewer's `visible_tickets`."""
    if not isinstance(viewer, Person) or not viewer.is_active:
        return None
    tickets = _seen_with_key(person=viewer.pk, is_admin=viewer.is_admin, key=canonical(key))
    return tickets[0] if tickets else None


@fast_read("person", "key")
def _seen_with_key(*, person: int, is_admin: bool, key: str) -> QuerySet[Ticket]:
    viewer = Person(pk=person, is_admin=is_admin)
    tickets = with_key(visible_tickets(viewer), key).select_related(*_SHOWN_WITH)
    return tickets.defer("words", *_unshown_of("requester", "assignee"))


def messages_for_staff(ticket: Ticket) -> MessageQuerySet:
    """All messages of the ticket, oldest first, notes included. Only for pages for the desk's staff."""
    return Message.objects.filter(ticket=ticket.pk).order_by("created_at", "id")


def readable_messages(viewer: Viewer, ticket: Ticket, *, as_agent: bool) -> QuerySet[Message]:
    """The messages of the ticket that the viewer may read, oldest first.

    `as_agent`: True on the agents' pages, where everything is shown; empty for a viewer who does not work at the desk.
    Otherwise public messages only, for a participant who joined late those since then. The caller has loaded the ticket
    through this module.
    """
    if as_agent:
        messages = messages_for_staff(ticket)
        return messages if is_agent_of(viewer, ticket) else messages.none()
    own = Participant.objects.filter(ticket=ticket, person_id=viewer.pk or 0)
    return messages_since(viewer, ticket, own.values_list("sees_from", flat=True).first())


def messages_since(viewer: Viewer, ticket: Ticket, since: datetime | None) -> QuerySet[Message]:
    """Like `readable_messages` for customers, for callers that know the viewer's `sees_from`."""
    return messages_read(ticket, viewer.pk or 0, reads_since(viewer, ticket, since))


def reads_since(viewer: Viewer, ticket: Ticket, since: datetime | None) -> datetime | None:
    """Return the time from which the viewer reads public messages, given `sees_from`; None for the beginning."""
    return None if since is None or sees_all(viewer, ticket) else since


def messages_read(ticket: Ticket, viewer_id: int, since: datetime | None) -> MessageQuerySet:
    """Public messages from `since` (a result of `reads_since`) on, and those the viewer wrote."""
    messages = messages_for_staff(ticket).for_customers()
    return messages if since is None else messages.filter(Q(created_at__gte=since) | Q(author_id=viewer_id))


def customer_messages(viewer: Person) -> QuerySet[Message]:
    """What the viewer may read as a customer, of all tickets at once, for searching.

    Does not check access to tickets: combine it with tickets from this module. Takes a query first to find out whether
    the viewer joined any ticket late, which most people did not.
    """
    messages = Message.objects.for_customers()
    joined = Participant.objects.filter(person=viewer.pk, sees_from__isnull=False)
    late = dict(joined.values_list("ticket_id", "sees_from")[: LATE_AT_MOST + 1])
    if len(late) > LATE_AT_MOST:
        return read_by(viewer)
    if late:
        whole = Ticket.objects.filter(_by_organization(viewer) | Q(_asked(viewer)), pk__in=late)
        late = {
            ticket: since for ticket, since in late.items() if ticket not in set(whole.values_list("pk", flat=True))
        }
    if not late:
        return messages
    seen = ~Q(ticket__in=late) | Q(author=viewer.pk)
    for ticket, since in late.items():
        seen |= Q(ticket=ticket, created_at__gte=since)
    return messages.filter(seen)


def read_by(viewer: Person) -> QuerySet[Message]:
    """Like `customer_messages`, without a query of its own but with a costlier condition per message."""
    return Message.objects.for_customers().filter(_read_late(viewer))


def _read_late(viewer: Person) -> Q:
    since = Participant.objects.filter(ticket=OuterRef("ticket"), person=viewer.pk).values("sees_from")[:1]
    whole = Ticket.objects.filter(_by_organization(viewer) | Q(_asked(viewer)), pk=OuterRef("ticket"))
    never = Coalesce(Subquery(since), Value(LONG_AGO))
    return Q(created_at__gte=never) | Q(author=viewer.pk) | Q(Exists(whole))


def sees_all(viewer: Viewer, ticket: Ticket) -> bool:
    """Return whether the viewer reads the whole public conversation even if they joined late: the ticket is shared with
    their organization, or they are asked for an approval."""
    shown = Ticket.objects.filter(pk=ticket.pk)
    return isinstance(viewer, Person) and shown.filter(Q(_by_organization(viewer)) | Q(_asked(viewer))).exists()


def attachment_for(viewer: Viewer, attachment_id: int) -> Attachment | None:
    """Return the attachment if the viewer may read its message (AB-45, AB-48), otherwise None."""
    attachment = Attachment.objects.filter(pk=attachment_id).select_related("message__ticket").first()
    if attachment is None or not is_visible(viewer, attachment.message.ticket_id):
        return None
    ticket = attachment.message.ticket
    as_agent = is_agent_of(viewer, ticket)
    if attachment.message.withdrawn_at is not None and not as_agent:
        return None
    readable = readable_messages(viewer, ticket, as_agent=as_agent)
    return attachment if readable.filter(pk=attachment.message_id).exists() else None


def is_agent_of(viewer: Viewer, ticket: Ticket) -> bool:
    """Return whether the viewer works at the ticket's desk."""
    return is_agent(viewer, Desk(pk=ticket.desk_id))


def is_participant(person: Person, ticket: Ticket) -> bool:
    """Return whether the person is a current participant of the ticket."""
    return Participant.objects.filter(ticket=ticket, person=person, removed_at=None).exists()


def may_write(person: Person, ticket: Ticket) -> bool:
    """Return whether the person may write public messages: as participant, staff of the desk, or member of an
    organization that the ticket is shared with. Approvers alone may not, and neither may inactive people."""
    if not person.is_active:
        return False
    if is_participant(person, ticket) or is_agent_of(person, ticket):
        return True
    return Ticket.objects.filter(_by_organization(person), pk=ticket.pk).exists()


def _by_organization(person: Person) -> Q:
    """Shared with an organization of the person, or created by a member whose requests the person may see."""
    shared = SharedOrganization.objects.filter(ticket=OuterRef("pk"), organization__members=person.pk)
    made = OrganizationMember.objects.filter(
        Q(joined_at=None) | Q(joined_at__lte=OuterRef("created_at")),
        person=OuterRef("requester"),
        organization__in=_open_organizations(person),
    )
    return Q(Exists(shared)) | Q(Exists(made))


def _open_organizations(person: Person) -> QuerySet[Organization]:
    """Organizations in which the person sees members' requests: open ones, or with the right `sees_all`."""
    mine = OrganizationMember.objects.filter(person=person.pk)
    return Organization.objects.filter(pk__in=mine.filter(sees_all=True).values("organization")) | (
        Organization.objects.filter(pk__in=mine.values("organization"), open_inside=True)
    )


def _made_in(organizations: QuerySet[Organization]) -> QuerySet[Any, Any]:
    """Ids of tickets that members created since they joined, found from the few members rather than from all
    tickets."""
    since = "requester__organization_memberships__joined_at"
    # One call of filter: all of it is about the same membership.
    return Ticket.objects.filter(
        Q(**{since: None}) | Q(**{f"{since}__lte": F("created_at")}),
        requester__organization_memberships__organization__in=organizations,
    ).values(found=F("pk"))


def _shared_ids(person: Person) -> QuerySet[Any, Any]:
    return SharedOrganization.objects.filter(organization__members=person.pk).values(found=F("ticket"))


def _asked(person: Person) -> Exists:
    votes = Vote.objects.filter(approval__ticket=OuterRef("pk"), person=person.pk)
    return Exists(votes.exclude(approval__state=Approval.State.WITHDRAWN))


def _involved(person: Person) -> Exists:
    return Exists(Participant.objects.filter(ticket=OuterRef("pk"), person=person.pk, removed_at=None))


def _by_key(tickets: QuerySet[Ticket], key: str) -> Ticket | None:
    return with_key(tickets, canonical(key)).select_related(*_SHOWN_WITH).first()

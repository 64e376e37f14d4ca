"""Link two tickets of a desk, and remove links."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from otklik.core.locks import gone
from otklik.journal.record import record_all
from otklik.people.actor import Actor
from otklik.tickets.commands.base import UnableToChange, locked_all, require_agent, telling, touch
from otklik.tickets.events import LinkAdded, LinkRemoved
from otklik.tickets.models import Change, Ticket, TicketLink
from otklik.tickets.refusals import TicketRefusal

MOST_LINKS = 50


def add_link(*, actor: Actor, at: datetime, source: Ticket, target: Ticket, kind: str) -> TicketLink:
    """Link two tickets of a desk: `source` relates to, duplicates, blocks or causes `target`. Idempotent.

    Records an event and a Change on both tickets. Raises UnableToChange: the same ticket, another desk, unknown kind,
    too many links.
    """
    with transaction.atomic():
        near, other = _both(actor, source, target)
        if near.pk == other.pk:
            raise UnableToChange(TicketRefusal.LINKED_WITH_ITSELF)
        if near.desk_id != other.desk_id:
            raise UnableToChange(TicketRefusal.REQUEST_OF_OTHER_DESK)
        if kind not in TicketLink.Kind.values:
            raise UnableToChange(TicketRefusal.LINK_KIND_UNKNOWN)
        if (known := links_between(near, other, kind).first()) is not None:
            return known
        for ticket in (near, other):
            if linked_by_people(ticket) >= MOST_LINKS:
                raise UnableToChange(TicketRefusal.TOO_MANY_LINKS, key=ticket.key, most=MOST_LINKS)
        link = TicketLink.objects.create(kind=kind, source=near, target=other, added_by=actor.person, added_at=at)
        _tell_both(actor, at, near, other, kind, added=True)
    return link


def remove_link(*, actor: Actor, at: datetime, link: TicketLink) -> None:
    """Remove the link; both tickets record it. Raises core.locks.Gone, UnableToChange."""
    with transaction.atomic():
        near, other = _both(actor, link.source, link.target)
        deleted, _rows = TicketLink.objects.filter(pk=link.pk).delete()
        if not deleted:
            raise gone()
        _tell_both(actor, at, near, other, link.kind, added=False)


def linked_by_people(ticket: Ticket) -> int:
    """Count the ticket's links made by people. Links made by mails do not count towards the limit, as anybody who knows
    a key can cause them."""
    return TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket)).exclude(added_by=None).count()


def links_between(source: Ticket, target: Ticket, kind: str) -> QuerySet[TicketLink]:
    """Return the link of this kind between the two; "relates" counts in either direction."""
    straight = Q(source=source, target=target)
    both = straight | Q(source=target, target=source) if kind == TicketLink.Kind.RELATES else straight
    return TicketLink.objects.filter(both, kind=kind)


def _both(actor: Actor, source: Ticket, target: Ticket) -> tuple[Ticket, Ticket]:
    rows = locked_all([source, target])
    if not {source.pk, target.pk} <= rows.keys():
        raise gone()
    for ticket in rows.values():
        require_agent(actor, ticket)
    return rows[source.pk], rows[target.pk]


def _tell_both(actor: Actor, at: datetime, source: Ticket, target: Ticket, kind: str, *, added: bool) -> None:
    """Record an event on both tickets, each with a Change of the field `link:<kind>:out` or `link:<kind>:in`, whose
    value is the other ticket. Customers do not see them."""
    ends = [(source, target, "out"), (target, source, "in")]
    name = LinkAdded if added else LinkRemoved
    events = [
        telling(ticket, name(link=kind, way=way, other=other.key, other_id=other.pk), actor, at)
        for ticket, other, way in ends
    ]
    record_all(events)
    side = "new" if added else "old"
    Change.objects.bulk_create(
        Change(
            ticket=ticket,
            event=event,
            field=f"link:{kind}:{way}",
            at=at,
            actor_id=event.actor_id,
            **{side: other.key, f"{side}_id": other.pk},
        )
        for event, (ticket, other, way) in zip(events, ends, strict=True)
    )
    for ticket, _other, _way in ends:
        touch(ticket, at, inside=True)

"""Queries for the portal: a customer's tickets, filtered, searched and sorted."""

from dataclasses import replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.desks.models import Status
from otklik.desks.texts import name_of
from otklik.people.models import Person
from otklik.portal.listing import SORTS, Wanted
from otklik.tickets.access import (
    customer_messages,
    customer_tickets,
    customer_tickets_by_row,
    customer_tickets_of,
    involved_tickets,
    is_member_anywhere,
    organization_tickets,
    sees_many,
)
from otklik.tickets.approvals import votes_of
from otklik.tickets.models import Approval, Ticket
from otklik.tickets.read_marks import unseen
from otklik.tickets.search.lookup import candidates, with_words
from otklik.tickets.search.query import ParsedSearch, is_number, matching, numbered

# Up to this many tickets of a reader are searched one by one.
FEW = 2000


def open_tickets(person: Person) -> QuerySet[Ticket]:
    """Return the person's own open tickets."""
    return _by_status(involved_tickets(person).filter(requester=person.pk, closed_at=None), "open")


def waiting_tickets(person: Person) -> QuerySet[Ticket]:
    """Return own tickets that wait for the person's answer, and tickets that need their approval."""
    # closed_at says nothing new, but is on the ticket: only open ones are joined with their status.
    own = involved_tickets(person).filter(requester=person.pk, closed_at=None)
    own = own.filter(status__category=Status.Category.WAITING)
    asked = votes_of(person, pending=True).order_by().values(found=F("approval__ticket"))
    return Ticket.objects.filter(pk__in=own.order_by().values(found=F("pk")).union(asked, all=True))


def wanted_tickets(person: Person, wanted: Wanted, search: ParsedSearch | None) -> QuerySet[Ticket]:
    """Return the tickets that match all parameters, unsorted. `search`: the parsed `wanted.text`.

    A ticket whose number was typed is found regardless of the other parameters.
    """
    if not wanted.text:
        return narrowed(person, wanted)
    ids = found_ids(person, wanted, search)
    return Ticket.objects.filter(AnyOf("pk", ids)) if ids is not None else walked_tickets(person, wanted, search)


def found_ids(person: Person, wanted: Wanted, search: ParsedSearch | None) -> list[int] | None:
    """Return ids of the tickets matching the search, in order; None if too many would have to be searched.

    In that case use `walked_tickets`. Few tickets are searched one by one; of many, those are searched that contain the
    rarest word.
    """
    held = _found_among(person, wanted, search) if search else []
    if held is None:
        return None
    named = [pk for pk in named_tickets(person, wanted.text) if pk not in held]
    if not named:
        return held
    return list(in_order(Ticket.objects.filter(AnyOf("pk", held + named)), wanted).values_list("pk", flat=True))


def walked_tickets(person: Person, wanted: Wanted, search: ParsedSearch | None) -> QuerySet[Ticket]:
    """Return the tickets matching a search of common words, for readers who see very many tickets, unsorted."""
    tickets = narrowed(person, wanted, by_row=is_walked(person, wanted))
    matches = matching(tickets, customer_messages(person), search) if search else Ticket.objects.none()
    named = named_tickets(person, wanted.text)
    return customer_tickets(person).filter(Q(pk__in=named) | Q(pk__in=matches.values("pk"))) if named else matches


def wanted_ids(person: Person, wanted: Wanted, search: ParsedSearch | None, most: int) -> list[int]:
    """Return ids of the first `most` of `wanted_tickets`, in order."""
    if not wanted.text:
        return _narrowed_ids(person, wanted, most=most)
    ids = found_ids(person, wanted, search)
    if ids is None:
        ids = list(in_order(walked_tickets(person, wanted, search), wanted).values_list("pk", flat=True)[:most])
    return ids[:most]


def _found_among(person: Person, wanted: Wanted, search: ParsedSearch) -> list[int] | None:
    is_many = is_walked(person, wanted)
    ids = [] if is_many else _narrowed_ids(person, wanted)
    if is_many or len(ids) > FEW:
        matches = candidates(search)
        if matches.walked:
            return None
        ids = _narrowed_ids(person, wanted, matches.ids)
        if len(ids) > FEW:
            return None
    held = with_words(ids, person, search)
    return [pk for pk in ids if pk in held]


def is_walked(person: Person, wanted: Wanted) -> bool:
    """Return whether the person sees so many of these tickets that a query should walk all tickets."""
    return wanted.reporter == "all" and person.is_active and sees_many(person)


def _narrowed_ids(person: Person, wanted: Wanted, among: list[int] | None = None, *, most: int = FEW + 1) -> list[int]:
    """Return ids of the first `most` of the `narrowed` tickets, in order; only those in `among` if it is given."""
    if not person.is_active:
        return []
    is_member = wanted.reporter == "all" and is_member_anywhere(person)
    read = _ids if is_common(wanted) else _ids.plain
    return list(
        read(
            person=person.pk, is_member=is_member, wanted=replace(wanted, text=""),
            among=among or [], is_cut=among is not None, most=most,
        )
    )  # fmt: skip


@fast_read("person", "among")
def _ids(
    *, person: int, is_member: bool, wanted: Wanted, among: list[int], is_cut: bool, most: int
) -> QuerySet[Ticket, int]:
    """Ids of a list, restricted to `among` if `is_cut`."""
    tickets = narrowed(Person(pk=person), wanted, is_member=is_member, by_row=is_cut)
    if is_cut:
        tickets = tickets.filter(AnyOf("pk", among))
    return in_order(tickets, wanted).values_list("pk", flat=True)[:most]


def is_common(wanted: Wanted) -> bool:
    """Return whether many lists share this statement, so that caching it pays: no type, desk, status or organisation
    chosen."""
    chosen = wanted.type_id or wanted.desk_id or isinstance(wanted.status, int) or isinstance(wanted.reporter, int)
    return not chosen


def named_tickets(person: Person, text: str) -> list[int]:
    """Return ids of the tickets with this number, up to 10."""
    if not is_number(text):
        return []
    return list(numbered(customer_tickets(person), text).order_by("-shown_at").values_list("pk", flat=True)[:10])


def in_order(tickets: QuerySet[Ticket], wanted: Wanted) -> QuerySet[Ticket]:
    """Return the tickets sorted; ties by id, so that pages do not overlap."""
    sign = "-" if wanted.descending else ""
    return tickets.order_by(f"{sign}{SORTS[wanted.sort]}", f"{sign}id")


def narrowed(
    person: Person, wanted: Wanted, *, is_member: bool | None = None, by_row: bool = False
) -> QuerySet[Ticket]:
    """Return the person's tickets that match all parameters but the search text, unsorted.

    `is_member`: as in `access.customer_tickets_of`, None if unknown; `by_row`: use `access.customer_tickets_by_row`.
    """
    if by_row and wanted.reporter == "all":
        tickets = customer_tickets_by_row(person)
    else:
        tickets = _by_reporter(person, wanted.reporter, is_member)
    tickets = _by_status(tickets, wanted.status)
    if wanted.type_id is not None:
        tickets = tickets.filter(request_type_id=wanted.type_id)
    if wanted.desk_id is not None:
        tickets = tickets.filter(desk_id=wanted.desk_id)
    if wanted.show == "waiting":
        tickets = tickets.filter(pk__in=waiting_tickets(person).values("pk"))
    return unseen(person, tickets) if wanted.show == "new" else tickets


def with_approvals(person: Person, tickets: QuerySet[Ticket]) -> QuerySet[Any]:
    """Annotate the tickets with `needs_me` (the person's approval is pending) and `needs_approval` (anybody's is)."""
    mine = votes_of(person, pending=True).filter(approval__ticket=OuterRef("pk")).order_by()
    open_ones = Approval.objects.filter(ticket=OuterRef("pk"), state=Approval.State.PENDING)
    return tickets.annotate(needs_me=Exists(mine), needs_approval=Exists(open_ones))


def _by_status(tickets: QuerySet[Ticket], status: str | int) -> QuerySet[Ticket]:
    if isinstance(status, int):
        named = {known.pk: name_of(known) for known in Status.objects.all()}
        return tickets.filter(status__in=[pk for pk, name in named.items() if name == named.get(status)])
    if status == "closed":
        return tickets.filter(status__category=Status.Category.DONE)
    return tickets.exclude(status__category=Status.Category.DONE) if status == "open" else tickets


def _by_reporter(person: Person, reporter: str | int, is_member: bool | None) -> QuerySet[Ticket]:
    if isinstance(reporter, int):
        return organization_tickets(person, reporter)
    if reporter == "me":
        return involved_tickets(person).filter(requester=person.pk)
    if reporter == "participant":
        return involved_tickets(person).exclude(requester=person.pk)
    return customer_tickets(person) if is_member is None else customer_tickets_of(person, is_member=is_member)

"""Change a ticket's requester, and undo that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange, join, locked, require_agent, tell, touch
from otklik.tickets.commands.guard import Shown, require_shown
from otklik.tickets.events import RequesterChanged
from otklik.tickets.models import Approval, Message, Participant, Ticket, Vote
from otklik.tickets.refusals import NOBODY, TicketRefusal


@dataclass(frozen=True, slots=True)
class Stood:
    """How things stood before somebody else became the requester: ids, and what the two could read and were mailed.

    `since` is None where the later requester was not on the request, else from when they saw it ("" for all of it).
    `silenced`: the change itself turned the former requester's mails off.
    """

    ticket: int
    former: int
    author: int | None
    now: int
    since: str | None
    silenced: bool = False


def note_claims(*, message: Message, claims: Sequence[tuple[str, str]]) -> None:
    """Show the staff whom the message's mail claims as its author (address, name); makes and tells nobody."""
    claims_kept = [{"address": address[:320], "name": name[:250]} for address, name in claims]
    Message.objects.filter(pk=message.pk).update(claims=claims_kept)


def take_claim(*, actor: Actor, at: datetime, message: Message, address: str) -> Stood | None:
    """Make a claimed author of the message the requester, who reads all of it and gets the mails from now on.

    The opening message becomes theirs. Who stood there before stays on the request; where nobody answers mail there
    (the mail's `silent`), muted. Returns what `give_back` restores, None where nothing changed or nobody stood there.
    Raises UnableToChange: not staff, an address that the mail does not claim, somebody who cannot be the requester, as
    `change_requester`.
    """
    with transaction.atomic():
        ticket = locked(message.ticket)
        require_agent(actor, ticket)
        claim = next((claimed for claimed in message.claims if claimed["address"] == address), None)
        if claim is None:
            raise UnableToChange(TicketRefusal.ADDRESS_NOT_IN_MAIL)
        person, _new = ensure_person(address=address, name=claim["name"], at=at)
        if ticket.requester_id == person.pk:
            return None
        _require_fit(ticket, person)
        stood = _standing(ticket, person)
        if stood is not None and message.inbound is not None and message.inbound.silent:
            heard = Participant.objects.filter(ticket=ticket, person=ticket.requester, muted=False)
            stood = replace(stood, silenced=bool(heard.update(muted=True)))
        if message.opening:
            Message.objects.filter(pk=message.pk).update(author=person)
        _give(actor, at, ticket, person)
    return stood


def change_requester(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    person: Person,
    former_stays: bool = True,
    shown: Shown | None = None,
) -> Stood | None:
    """Make this person the requester, who reads all that customers may read and gets the mails from now on.

    Who stood there before stays on the request, or with `former_stays` False is taken off it: their reply addresses
    stop working. What was written down for a caller becomes the new requester's words; what somebody wrote stays
    theirs. Only the desk's staff. Returns what `give_back` restores, None where nothing changed or nobody stood there.
    Raises UnableToChange: somebody deactivated, or asked for the approval of this very request; `shown` (an id, None
    for nobody) as for `fields.assign`.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if ticket.requester_id == person.pk:
            return None
        _require_fit(ticket, person)
        stood = _standing(ticket, person)
        former = ticket.requester
        name = former.staff_name if former else NOBODY
        require_shown(ticket, shown, ticket.requester_id, RequesterChanged.where(), name)
        if ticket.channel == Ticket.Channel.PHONE:
            Message.objects.filter(ticket=ticket, opening=True, author=former).update(author=person)
        if former is not None and not former_stays:
            _take_off(ticket, former, at)
        _give(actor, at, ticket, person, removed=former is not None and not former_stays)
    return stood


def give_back(*, actor: Actor, at: datetime, ticket: Ticket, stood: Stood) -> Ticket:
    """Undo a change of the requester: both stand as before, in what they may read and are mailed, too.

    What was mailed meanwhile is not called back; whoever turned the mails off meanwhile gets none. Raises
    UnableToChange: not staff, not of this ticket, the requester is somebody else by now, and as `change_requester`.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        former = Person.objects.filter(pk=stood.former).first()
        if stood.ticket != ticket.pk or former is None:
            raise UnableToChange(TicketRefusal.PERSON_NOT_CHOSEN)
        _require_fit(ticket, former)
        name = ticket.requester.staff_name if ticket.requester else NOBODY
        require_shown(ticket, Shown(stood.now), ticket.requester_id, RequesterChanged.where(), name)
        now = Person.objects.get(pk=stood.now)  # they have the request, as was just shown
        if stood.since is None:
            _take_off(ticket, now, at)
        else:
            since = datetime.fromisoformat(stood.since) if stood.since else None
            Participant.objects.filter(ticket=ticket, person=now).update(sees_from=since)
        author = Person.objects.filter(pk=stood.author).first() if stood.author is not None else None
        # Whose account was merged with another one meanwhile is gone from here: it was the former requester's request.
        wrote = former if author is None and stood.author is not None else author
        Message.objects.filter(ticket=ticket, opening=True, author=now).update(author=wrote)
        _give(actor, at, ticket, former, removed=stood.since is None)
        if stood.silenced:
            Participant.objects.filter(ticket=ticket, person=former).update(muted=False)
    return ticket


def _standing(ticket: Ticket, now: Person) -> Stood | None:
    """What giving the request back restores, when `now` is about to become its requester; None: nobody asked for it."""
    if ticket.requester_id is None:
        return None
    other = Participant.objects.filter(ticket=ticket, person=now, removed_at=None).first()
    return Stood(
        ticket=ticket.pk,
        former=ticket.requester_id,
        author=Message.objects.filter(ticket=ticket, opening=True).values_list("author", flat=True).first(),
        now=now.pk,
        since=(other.sees_from.isoformat() if other.sees_from else "") if other is not None else None,
    )


def _require_fit(ticket: Ticket, person: Person) -> None:
    if not person.is_active:
        raise UnableToChange(TicketRefusal.ACCOUNT_OFF)
    asked = Vote.objects.filter(approval__ticket=ticket, approval__state=Approval.State.PENDING, person=person)
    if asked.exists():
        raise UnableToChange(TicketRefusal.APPROVER_CANNOT_REQUEST, name=person.staff_name)


def _take_off(ticket: Ticket, person: Person, at: datetime) -> None:
    for link in Participant.objects.filter(ticket=ticket, person=person, removed_at=None):
        link.removed_at, link.epoch = at, link.epoch + 1
        link.save(update_fields=["removed_at", "epoch"])


def _give(actor: Actor, at: datetime, ticket: Ticket, person: Person, *, removed: bool = False) -> None:
    """Write the requester down, who reads everything from the beginning, and tell."""
    before, ticket.requester = ticket.requester, person
    if not join(ticket, person, at, sees_all=True, by=actor.person):
        Participant.objects.filter(ticket=ticket, person=person).update(sees_from=None)
    touch(ticket, at, "requester")
    told = RequesterChanged(
        person=person.pk,
        removed=removed,
        before=before.display_name if before else "",
        after=person.display_name,
    )
    tell(ticket, told, actor, at)

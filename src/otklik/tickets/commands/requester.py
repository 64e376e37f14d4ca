"""Change a ticket's requester, and undo that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange, join, locked, require_agent, tell, touch
from otklik.tickets.commands.stale_values import Shown, require_shown
from otklik.tickets.events import RequesterChanged
from otklik.tickets.models import Approval, Message, Participant, Ticket, Vote
from otklik.tickets.refusals import NOBODY, TicketRefusal


@dataclass(frozen=True, slots=True)
class RequesterUndo:
    """What to restore when a change of requester is undone: ids, and what both people could read and were mailed.

    `since`: None if the new requester was not on the ticket, otherwise from when they saw it ("" for the beginning).
    `silenced`: the change muted the former requester.
    """

    ticket: int
    former: int
    author: int | None
    now: int
    since: str | None
    silenced: bool = False


def note_claims(*, message: Message, claims: Sequence[tuple[str, str]]) -> None:
    """Store the claimed authors (address, name) of the message's mail, for the staff to choose. Creates nobody."""
    claims_kept = [{"address": address[:320], "name": name[:250]} for address, name in claims]
    Message.objects.filter(pk=message.pk).update(claims=claims_kept)


def adopt_claimed_author(
    *, actor: Actor, at: datetime, message: Message, address: str, verified: bool = False
) -> RequesterUndo | None:
    """Make a claimed author of the message the requester, and the author of an opening message.

    The former requester stays a participant, muted if nobody answers mail there (the mail's `silent`). Returns what
    `undo_requester_change` restores; None if nothing changed or there was no requester. `verified`: an authenticated
    mail of the claimed author says the same. Raises UnableToChange: not staff, an address that the mail does not
    claim, and as `change_requester`.
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
        _require_eligible(ticket, person)
        undo = _undo_data(ticket, person)
        if undo is not None and message.inbound is not None and message.inbound.silent:
            heard = Participant.objects.filter(ticket=ticket, person=ticket.requester, muted=False)
            undo = replace(undo, silenced=bool(heard.update(muted=True)))
        if message.opening:
            Message.objects.filter(pk=message.pk).update(author=person)
        ticket.sender_unverified &= not verified
        _set_requester(actor, at, ticket, person)
    return undo


def change_requester(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    person: Person,
    former_stays: bool = True,
    shown: Shown | None = None,
) -> RequesterUndo | None:
    """Make this person the requester, who reads all public messages and gets the mails. For the desk's staff.

    The former requester stays a participant, or with `former_stays` False is removed, and their reply addresses stop
    working. Text written down for a caller becomes the new requester's; messages by somebody stay theirs. Returns what
    `undo_requester_change` restores; None if nothing changed or there was no requester. Raises UnableToChange: an
    inactive person, or an approver of this ticket; `shown` (an id, None for nobody) as for `fields.assign`.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if ticket.requester_id == person.pk:
            return None
        _require_eligible(ticket, person)
        undo = _undo_data(ticket, person)
        former = ticket.requester
        name = former.staff_name if former else NOBODY
        require_shown(ticket, shown, ticket.requester_id, RequesterChanged.where(), name)
        if ticket.channel == Ticket.Channel.PHONE:
            Message.objects.filter(ticket=ticket, opening=True, author=former).update(author=person)
        if former is not None and not former_stays:
            _remove_participant(ticket, former, at)
        _set_requester(actor, at, ticket, person, removed=former is not None and not former_stays)
    return undo


def undo_requester_change(*, actor: Actor, at: datetime, ticket: Ticket, undo: RequesterUndo) -> Ticket:
    """Undo a change of requester, including what both may read and are mailed.

    Mails sent meanwhile are not recalled; somebody who muted the ticket meanwhile stays muted. Raises UnableToChange:
    not staff, another ticket, a different requester by now, and as `change_requester`.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        former = Person.objects.filter(pk=undo.former).first()
        if undo.ticket != ticket.pk or former is None:
            raise UnableToChange(TicketRefusal.PERSON_NOT_CHOSEN)
        _require_eligible(ticket, former)
        name = ticket.requester.staff_name if ticket.requester else NOBODY
        require_shown(ticket, Shown(undo.now), ticket.requester_id, RequesterChanged.where(), name)
        now = Person.objects.get(pk=undo.now)  # exists: `require_shown` found them to be the requester
        if undo.since is None:
            _remove_participant(ticket, now, at)
        else:
            since = datetime.fromisoformat(undo.since) if undo.since else None
            Participant.objects.filter(ticket=ticket, person=now).update(sees_from=since)
        author = Person.objects.filter(pk=undo.author).first() if undo.author is not None else None
        # The author's account was merged since; attribute the text to the former requester.
        wrote = former if author is None and undo.author is not None else author
        Message.objects.filter(ticket=ticket, opening=True, author=now).update(author=wrote)
        _set_requester(actor, at, ticket, former, removed=undo.since is None)
        if undo.silenced:
            Participant.objects.filter(ticket=ticket, person=former).update(muted=False)
    return ticket


def _undo_data(ticket: Ticket, now: Person) -> RequesterUndo | None:
    """Return what `undo_requester_change` restores once `now` is the requester; None if there is no requester yet."""
    if ticket.requester_id is None:
        return None
    other = Participant.objects.filter(ticket=ticket, person=now, removed_at=None).first()
    return RequesterUndo(
        ticket=ticket.pk,
        former=ticket.requester_id,
        author=Message.objects.filter(ticket=ticket, opening=True).values_list("author", flat=True).first(),
        now=now.pk,
        since=(other.sees_from.isoformat() if other.sees_from else "") if other is not None else None,
    )


def _require_eligible(ticket: Ticket, person: Person) -> None:
    if not person.is_active:
        raise UnableToChange(TicketRefusal.ACCOUNT_OFF)
    asked = Vote.objects.filter(approval__ticket=ticket, approval__state=Approval.State.PENDING, person=person)
    if asked.exists():
        raise UnableToChange(TicketRefusal.APPROVER_CANNOT_REQUEST, name=person.staff_name)


def _remove_participant(ticket: Ticket, person: Person, at: datetime) -> None:
    for link in Participant.objects.filter(ticket=ticket, person=person, removed_at=None):
        link.removed_at, link.epoch = at, link.epoch + 1
        link.save(update_fields=["removed_at", "epoch"])


def _set_requester(actor: Actor, at: datetime, ticket: Ticket, person: Person, *, removed: bool = False) -> None:
    """Set the requester, who reads everything from the beginning, and record it."""
    before, ticket.requester = ticket.requester, person
    if not join(ticket, person, at, sees_all=True, by=actor.person):
        Participant.objects.filter(ticket=ticket, person=person).update(sees_from=None)
    touch(ticket, at, "requester", "sender_unverified")
    told = RequesterChanged(
        person=person.pk,
        removed=removed,
        before=before.display_name if before else "",
        after=person.display_name,
    )
    tell(ticket, told, actor, at)

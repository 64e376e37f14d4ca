"""Who asks: taken from a mail whose From was rewritten on its way, by an agent's word."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.tickets.commands.base import UnableToChange, join, locked, require_agent, tell, touch
from otklik.tickets.models import Message, Participant, Ticket


def note_claims(*, message: Message, claims: Sequence[tuple[str, str]]) -> None:
    """Show the staff whom the message's mail claims as its author (address, name); makes and tells nobody."""
    kept = [{"address": address[:320], "name": name[:250]} for address, name in claims]
    Message.objects.filter(pk=message.pk).update(claims=kept)


def take_claim(*, actor: Actor, at: datetime, message: Message, address: str) -> Ticket:
    """Make a claimed author of the message the requester, who reads all of it and gets the mails from now on.

    The opening message becomes theirs. Who stood there before stays on the request; where nobody answers mail there
    (the mail's `silent`), muted. Raises UnableToChange: not staff, an address that the mail does not claim.
    """
    with transaction.atomic():
        row = locked(message.ticket)
        require_agent(actor, row)
        claim = next((one for one in message.claims if one["address"] == address), None)
        if claim is None:
            raise UnableToChange(_("The mail does not name this address."))
        person, _new = ensure_person(address=address, name=claim["name"], at=at)
        if row.requester_id == person.pk:
            return row
        if row.requester is not None and message.inbound is not None and message.inbound.silent:
            Participant.objects.filter(ticket=row, person=row.requester).update(muted=True)
        before, row.requester = row.requester, person
        join(row, person, at, sees_all=True, by=actor.person)
        if message.opening:
            Message.objects.filter(pk=message.pk).update(author=person)
        touch(row, at, "requester")
        names = {"before": before.display_name if before else "", "after": person.display_name}
        tell(row, "ticket.requester_changed", actor, at, person=person.pk, **names)
    return row

"""Say something on a ticket."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.mail.ledger import locked_row, now_a_comment
from otklik.mail.models import InboundMail
from otklik.mail.reasons import because
from otklik.people.actor import Actor
from otklik.tickets.access import is_agent_of
from otklik.tickets.commands.base import (
    NewFile,
    UnableToChange,
    Words,
    locked,
    require_agent,
    require_involved,
    tell,
    touch,
    write_message,
)
from otklik.tickets.commands.status import after_customer_reply
from otklik.tickets.models import Message, Ticket


def comment(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    words: Words,
    kind: str = Message.Kind.PUBLIC,
    files: Sequence[NewFile] = (),
    inbound: InboundMail | None = None,
    why: str = "",
) -> Message:
    """Add a message by somebody who may: participants publicly, the desk's staff publicly or as internal note.

    A customer's message moves the ticket as the transition table says (waiting goes back to work, closed reopens).
    Raises UnableToChange: not on the ticket, note by a customer, nothing written and nothing attached.
    """
    if not words.text.strip() and not files:
        raise UnableToChange(_("Write something or attach a file."))
    with transaction.atomic():
        row = locked(ticket)
        if kind == Message.Kind.INTERNAL:
            require_agent(actor, row)
        else:
            require_involved(actor, row)
        message = write_message(row, at, words, kind=kind, files=files, author=actor.person, inbound=inbound, why=why)
        moved = _moved_by_reply(row, actor, at, kind)
        if actor.id is not None and actor.id == row.requester_id:
            # Whoever owns the address has now spoken for this request, by login or by answering our mail.
            row.sender_unverified = False
        touch(row, at, "sender_unverified")
        tell(row, "ticket.commented", actor, at, message=message.pk, kind=kind, moved=moved)
    return message


def hold_comment(
    *,
    at: datetime,
    ticket: Ticket,
    words: Words,
    claimed_author: str,
    inbound: InboundMail,
    files: Sequence[NewFile] = (),
    why: str,
) -> Message:
    """Keep a mail's words inside the ticket, for agents only, until one of them admits it (AB-06, rule R1).

    Moves nothing, tells nobody outside, makes nobody a participant.
    """
    system = Actor(None, "mail")
    with transaction.atomic():
        row = locked(ticket)
        message = write_message(
            row,
            at,
            words,
            kind=Message.Kind.PUBLIC,
            files=files,
            claimed_author=claimed_author,
            inbound=inbound,
            held=True,
            why=why,
        )
        touch(row, at)
        tell(row, "ticket.held", system, at, message=message.pk, claimed=claimed_author)
    return message


def admit_message(*, actor: Actor, at: datetime, message: Message) -> Message:
    """An agent lets a held message in: everybody on the ticket sees it from now on, and its mail is filed.

    The one place where a held mail becomes a comment, whatever page that is done on. Raises UnableToChange.
    """
    with transaction.atomic():
        mail = locked_row(message.inbound_id)
        row = locked(message.ticket)
        require_agent(actor, row)
        held = Message.objects.select_for_update().get(pk=message.pk)
        if not held.held:
            raise UnableToChange(_("This message was admitted already."))
        held.held = False
        held.save(update_fields=["held"])
        if mail is not None:
            now_a_comment(mail, because("admitted", actor.name), at)
        touch(row, at)
        tell(row, "ticket.admitted", actor, at, message=held.pk)
    return held


def _moved_by_reply(ticket: Ticket, actor: Actor, at: datetime, kind: str) -> str:
    """Apply the table's `on_customer_reply` row, if the writer is a customer here; returns the new status's name."""
    if kind != Message.Kind.PUBLIC or actor.person is None or is_agent_of(actor.person, ticket):
        return ""
    return after_customer_reply(ticket, at)

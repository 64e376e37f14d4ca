"""Undo an import of old mail: delete what it created and nobody has touched; the ledger's rows stay."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, ProtectedError, RestrictedError
from django.db.models.functions import Greatest

from otklik.core.errors import UnableTo
from otklik.core.locks import lock, lock_all
from otklik.core.transient_errors import is_transient
from otklik.intake.events import ImportRolledBack
from otklik.intake.mail_outcome import settle
from otklik.intake.refusals import IntakeRefusal
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.models import ImapAccount, InboundMail, MailImport
from otklik.mail.reasons import because
from otklik.people.actor import Actor
from otklik.tickets.commands.base import tell
from otklik.tickets.event_lines import status_after
from otklik.tickets.events import MessageMoved, TicketRolledBack, about_message
from otklik.tickets.models import Message, Ticket

log = logging.getLogger("otklik.intake")
State, Fate = InboundMail.State, InboundMail.Fate
_ROW = InboundMail.objects.defer("raw", "error")


class UnableToRollBack(UnableTo):
    """The import was rolled back already."""


@dataclass
class Counts:
    """How many mails the import has, and what was removed: `tickets` and `comments`.

    `kept`: mails on tickets that others have changed; `failed`: mails that could not be removed.
    """

    mails: int = 0
    tickets: int = 0
    comments: int = 0
    kept: int = 0
    failed: int = 0


def survey_of(run: MailImport) -> Counts:
    """Return what `roll_back` would do now. Changes nothing."""
    return _gone_through(run, lambda mail: _judged(mail, run)[0])


def roll_back(*, actor: Actor, at: datetime, run: MailImport) -> Counts:
    """Delete the tickets and messages that this import created, except those that somebody has changed since.

    Stops reading the folder. Each mail is a transaction of its own, so an interrupted call can be repeated. Numbers of
    tickets stay used; persons and files stay. Rows of the ledger stay, marked; a later import of the same folder takes
    the mails again. Records an event on the mailbox and on each deleted ticket. If some could not be removed, the
    import does not count as rolled back. Raises UnableToRollBack if it was rolled back before.
    """
    _stop(run, at)
    counts = _gone_through(run, lambda mail: _tried(actor, at, run, mail.pk))
    with transaction.atomic():
        run.rolled_back_at = None if counts.failed else at
        run.save(update_fields=["rolled_back_at"])
        told = ImportRolledBack(run=run.pk, source=run.source, **counts.__dict__)
        record(told, about=run.mailbox_id, by=actor, at=at)
    return counts


def _gone_through(run: MailImport, judge: Callable[[InboundMail], str]) -> Counts:
    """Process the tickets first, since their comments are deleted with them."""
    counts, mails = Counts(), _ROW.filter(import_run=run).exclude(fate=Fate.ROLLED_BACK)
    opening = Message.objects.filter(inbound__import_run=run, opening=True).values("inbound_id")
    for rows in (mails.filter(pk__in=opening), mails.exclude(pk__in=opening)):
        for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
            mail = _ROW.filter(pk=pk).first()
            if mail is None:
                continue
            counts.mails += 1
            what = judge(mail)
            if what:
                setattr(counts, what, getattr(counts, what) + 1)
    return counts


def _judged(mail: InboundMail, run: MailImport) -> tuple[str, Message | None]:
    """Return ("tickets" | "comments" | "kept" | "", message); "" for a mail without a message."""
    message = Message.objects.filter(inbound_id=mail.pk).select_related("ticket").first()
    if message is None:
        return "", None
    ticket = message.ticket
    others = Message.objects.filter(ticket=ticket).exclude(inbound__import_run=run)
    by_hand = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).exclude(via="mail")
    if message.opening:
        return ("kept" if others.exists() or by_hand.exists() else "tickets"), message
    if Message.objects.filter(ticket=ticket, opening=True, inbound__import_run=run).exists() and not others.exists():
        return ("kept" if by_hand.exists() else "comments"), message
    own = Event.objects.filter(about_message(message.pk), subject_id=ticket.pk)
    moved = any(status_after(event.typed) for event in own)
    later = others.filter(created_at__gte=message.created_at).exists() or by_hand.filter(at__gte=message.created_at)
    return ("kept" if moved or later else "comments"), message


def _tried(actor: Actor, at: datetime, run: MailImport, pk: int) -> str:
    try:
        return _undone(actor, at, run, pk)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("mail %s cannot be taken back", pk)
        return "failed"


def _undone(actor: Actor, at: datetime, run: MailImport, pk: int) -> str:
    with transaction.atomic():
        mail = lock_all(_ROW.filter(pk=pk))[0]
        what, message = _judged(mail, run)
        if what == "kept":
            return what
        if message is not None and not _removed(message, actor, at):
            return "kept"
        settle_row(mail, actor, at)
    return what


def _removed(message: Message, actor: Actor, at: datetime) -> bool:
    """Delete the message, with its ticket if it opened one; return False if a protected reference prevents it."""
    ticket = lock(Ticket, message.ticket_id)
    try:
        with transaction.atomic():
            if message.opening:
                _let_go(ticket, actor, at)
                ticket.delete()
            else:
                message.delete()
                tell(ticket, MessageMoved(to=""), actor, at)
    except (ProtectedError, RestrictedError):
        return False
    return True


def _let_go(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """Mark the ticket's other mails, which are of the same import, and record the event."""
    for mail in _ROW.filter(pk__in=ticket.messages.filter(opening=False).values("inbound_id")):
        settle_row(mail, actor, at)
    tell(ticket, TicketRolledBack(), actor, at)


def settle_row(mail: InboundMail, actor: Actor, at: datetime) -> None:
    """Mark the mail as rolled back: without ticket, and not processed again."""
    mail.ticket_id, mail.ticket_key = None, ""
    reason = because("rolled_back", actor.name)
    settle(mail, state=State.FILED, fate=Fate.ROLLED_BACK, reason=reason, ticket=None, at=at)


def _stop(run: MailImport, at: datetime) -> None:
    with transaction.atomic():
        run = lock(MailImport, run.pk)
        if run.rolled_back_at is not None:
            raise UnableToRollBack(IntakeRefusal.IMPORT_TAKEN_BACK)
        accounts = ImapAccount.objects.filter(current_import=run)
        accounts.update(last_uid=Greatest("last_uid", F("import_below") - 1), current_import=None, changed_at=at)

"""Place a received mail: as a new ticket, as a comment, or released from its hold."""

from datetime import datetime

from otklik.desks.queries import own_addresses
from otklik.intake import checks, content, ticket_matching
from otklik.intake.apply import open_unreadable
from otklik.intake.cc import show_addressees
from otklik.intake.claimed_senders import settle_claims
from otklik.intake.commands.base import BY_HAND, Case, UnableToAct, case_of, require_original, tell_mail, understood
from otklik.intake.events import MadeRequest, MailAttached
from otklik.intake.mail_outcome import copy_headers, settle
from otklik.intake.refusals import IntakeRefusal
from otklik.intake.sender import Sender, identify
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.reasons import because
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.base import locked_all
from otklik.tickets.commands.comment import admit_message
from otklik.tickets.commands.inbound_placement import add_mailed, release_message
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.models import Message, Ticket

State, Fate = InboundMail.State, InboundMail.Fate


def make_request(*, actor: Actor, at: datetime, mail: InboundMail) -> Ticket:
    """Open a ticket for the mail, whatever became of it before; its former message is removed.

    Automatic mail and our own is not answered. An unreadable mail becomes a ticket with the original attached. Raises
    UnableToAct if it has a ticket already, or is marked as spam.
    """
    with case_of(actor, mail) as case:
        if case.mail.fate == Fate.SPAM:
            raise UnableToAct(IntakeRefusal.IS_SPAM)
        if case.message is not None and case.message.opening:
            return _kept_request(case, case.message, actor, at)
        require_original(case.mail)
        beside = case.message.ticket if case.message else None
        ticket = _opened(case, beside, actor, at)
        reason = because("made_request", actor.name)
        settle(case.mail, state=State.FILED, fate=Fate.REQUEST, reason=reason, ticket=ticket, at=at)
        tell_mail(case, MadeRequest(key=ticket.key, before=beside.key if beside else ""), actor, at)
    return ticket


def attach(*, actor: Actor, at: datetime, mail: InboundMail, ticket: Ticket) -> Message:
    """Put the mail on the ticket as a public message of its claimed author, and notify everybody there.

    A former message of the mail is removed. Raises UnableToAct: a ticket of another desk, or the mail is there already;
    UnableToChange: others have written on the ticket that the mail opened.
    """
    with case_of(actor, mail) as case:
        _require_target(case, ticket)
        parsed = understood(case.mail)
        if case.message is not None:
            locked_all([case.message.ticket, ticket])
            release_message(actor=actor, at=at, message=case.message, target=ticket.key)
        writer = _identified(case, parsed)
        why = because("put_here", actor.name)
        words = content.words_of_reply(parsed, case.mail, ticket)
        message = add_mailed(
            actor=actor,
            at=at,
            ticket=ticket,
            words=words,
            claimed_author=writer.shown,
            inbound=case.mail,
            files=content.files_of(parsed, case.mail, words),
            why=why,
        )
        show_addressees(case.mail, parsed, writer)
        before = case.mail.ticket_key
        settle(case.mail, state=State.FILED, fate=Fate.COMMENT, reason=why, ticket=ticket, at=at)
        tell_mail(case, MailAttached(key=ticket.key, before=before), actor, at)
    return message


def admit(*, actor: Actor, at: datetime, mail: InboundMail) -> Message:
    """Admit a held mail to the conversation of its ticket, and file the mail. Raises UnableToAct."""
    with case_of(actor, mail) as case:
        if case.message is None or not case.message.held:
            raise UnableToAct(IntakeRefusal.NOT_HELD)
        return admit_message(actor=actor, at=at, message=case.message)


def _kept_request(case: Case, message: Message, actor: Actor, at: datetime) -> Ticket:
    """Keep the ticket of an unreadable mail as it is, marked as seen by a person."""
    if case.mail.state == State.FILED:
        raise UnableToAct(IntakeRefusal.IS_REQUEST_ALREADY, key=message.ticket.key)
    reason = f"{case.mail.reason} " + because("took_it", actor.name)
    settle(case.mail, state=State.FILED, fate=Fate.REQUEST, reason=reason, ticket=message.ticket, at=at)
    tell_mail(case, MadeRequest(key=message.ticket.key, before=""), actor, at)
    return message.ticket


def _opened(case: Case, beside: Ticket | None, actor: Actor, at: datetime) -> Ticket:
    if case.message is None:
        try:
            parsed = understood(case.mail)
        except UnableToAct as unreadable:
            return open_unreadable(case.mail, unreadable.translated(), at)
    else:
        parsed = understood(case.mail)
        release_message(actor=actor, at=at, message=case.message)
    writer = _identified(case, parsed)
    requester = _requester(case.mail, parsed, writer, at)
    words = content.words_of_request(parsed, case.mail)
    ticket = open_ticket(
        actor=actor,
        at=at,
        desk=case.desk,
        channel=Ticket.Channel.MAIL,
        subject=parsed.subject,
        words=words,
        requester=requester,
        request_type=case.channel.request_type if case.desk.pk == case.channel.desk_id else None,
        files=content.files_of(parsed, case.mail, words),
        inbound=case.mail,
        related=beside,
        sender_unverified=not writer.powers.is_verified,
        claimed_author="" if requester else writer.shown,
        why=because("made_of_mail", actor.name),
    )
    show_addressees(case.mail, parsed, writer)
    settle_claims(case.mail, parsed)
    return ticket


def _identified(case: Case, parsed: ParsedMail) -> Sender:
    """Identify the sender and set the columns that the ledger shows."""
    copy_headers(case.mail, parsed)
    writer = identify(parsed, ticket_matching.find(parsed, case.mail, case.desk), case.mail)
    case.mail.level, case.mail.rule = writer.level, BY_HAND
    finding = checks.first_finding(parsed, case.mail)
    case.mail.silent = (finding[1] if finding else checks.silence(parsed, case.mail))[:200]
    return writer


def _requester(mail: InboundMail, parsed: ParsedMail, writer: Sender, at: datetime) -> Person | None:
    """Return the sender's person, created if missing; None for our own mail and delivery reports."""
    if not writer.powers.makes_person or writer.address in own_addresses() or parsed.is_bounce:
        return None
    person, _new = ensure_person(address=writer.address, name=writer.name, at=at)
    return person


def _require_target(case: Case, ticket: Ticket) -> None:
    if ticket.desk_id != case.desk.pk:
        raise UnableToAct(IntakeRefusal.REQUEST_OF_OTHER_DESK)
    if case.mail.fate == Fate.SPAM:
        raise UnableToAct(IntakeRefusal.IS_SPAM)
    if case.message is not None and case.message.ticket_id == ticket.pk:
        if case.message.held:
            raise UnableToAct(IntakeRefusal.HELD_IN_REQUEST)
        raise UnableToAct(IntakeRefusal.IN_REQUEST_ALREADY)

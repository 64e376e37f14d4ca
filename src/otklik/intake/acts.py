"""Doing what was decided: each act is one ticket command and the ledger row, in one transaction."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.models import Channel, Desk
from otklik.intake import content, thread
from otklik.intake.bounces import mark_bounced
from otklik.intake.checks import Check
from otklik.intake.decide import Act, Decision
from otklik.intake.sender import Sender
from otklik.intake.settle import settle
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child import UnableToParse
from otklik.mail.reasons import because
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.base import Words
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.models import Ticket

log = logging.getLogger("otklik.intake")

State, Fate = InboundMail.State, InboundMail.Fate


def do(
    decision: Decision, mail: InboundMail, parsed: ParsedMail, sender: Sender, channel: Channel, at: datetime
) -> None:
    """Comment, hold or open, and settle the mail."""
    reason = " ".join(filter(None, [decision.why, _same_message_id(mail)]))
    if decision.act is Act.OPEN:
        ticket = _open(decision, mail, parsed, sender, channel, at)
        settle(mail, state=State.FILED, fate=Fate.REQUEST, reason=reason, ticket=ticket, at=at)
        return
    assert decision.ticket is not None
    if decision.act is Act.COMMENT:
        _comment(decision, decision.ticket, mail, parsed, sender, at)
        settle(mail, state=State.FILED, fate=Fate.COMMENT, reason=reason, ticket=decision.ticket, at=at)
        return
    _hold(decision, decision.ticket, mail, parsed, sender, at)
    settle(mail, state=State.HELD, fate=Fate.HELD_COMMENT, reason=reason, ticket=decision.ticket, at=at)


def settle_finding(mail: InboundMail, parsed: ParsedMail, desk: Desk, finding: tuple[Check, str], at: datetime) -> None:
    """A mail that a check took out: recorded with its reason, linked to the ticket it speaks of, never answered."""
    check, reason = finding
    clue = thread.find(parsed, mail, desk)
    ticket = clue.ticket if clue is not None and clue.rule != thread.SUBJECT else None
    if check.fate == Fate.BOUNCE and parsed.bounce is not None:
        ticket = mark_bounced(parsed.bounce, desk, at) or ticket
    settle(mail, state=check.state, fate=check.fate, reason=reason, ticket=ticket, at=at)


def give_up(pk: int, error: Exception, at: datetime) -> None:
    """Make a mail that we cannot process a visible ticket with the original attached; nobody is answered (RL-10)."""
    reason = error.reason if isinstance(error, UnableToParse) else f"{type(error).__name__}: {error}"
    try:
        with transaction.atomic():
            mail = InboundMail.objects.select_for_update(of=("self",)).select_related("mailbox").get(pk=pk)
            ticket = open_unreadable(mail, reason, at)
            settle(mail, state=State.FAILED, fate=Fate.UNREADABLE, reason=reason[:2000], ticket=ticket, at=at)
    except Exception:
        log.exception("mail %s became no ticket; it stays in the ledger as failed", pk)
        InboundMail.objects.filter(pk=pk, state=State.WAITING).update(
            state=State.FAILED, fate=Fate.UNREADABLE, reason=reason[:2000].replace("\0", ""), settled_at=at
        )


def _open(
    decision: Decision, mail: InboundMail, parsed: ParsedMail, sender: Sender, channel: Channel, at: datetime
) -> Ticket:
    requester = _requester(sender, at)
    return open_ticket(
        actor=Actor(requester, "mail"),
        at=at,
        desk=channel.desk,
        channel=Ticket.Channel.MAIL,
        subject=parsed.subject,
        words=content.words_of_request(parsed, mail),
        requester=requester,
        request_type=channel.request_type,
        files=content.files_of(parsed, mail),
        inbound=mail,
        related=decision.related,
        sender_unverified=decision.unverified,
        claimed_author="" if requester else sender.shown,
        why=decision.why[:300],
    )


def _requester(sender: Sender, at: datetime) -> Person | None:
    if not sender.powers.makes_person:
        return None
    person, _new = ensure_person(address=sender.address, name=sender.name, at=at)
    return person


def _comment(
    decision: Decision, ticket: Ticket, mail: InboundMail, parsed: ParsedMail, sender: Sender, at: datetime
) -> None:
    comment(
        actor=Actor(sender.person, "mail"),
        at=at,
        ticket=ticket,
        words=content.words_of_reply(parsed, mail),
        files=content.files_of(parsed, mail),
        inbound=mail,
        why=decision.why[:300],
    )


def _hold(
    decision: Decision, ticket: Ticket, mail: InboundMail, parsed: ParsedMail, sender: Sender, at: datetime
) -> None:
    hold_comment(
        at=at,
        ticket=ticket,
        words=content.words_of_reply(parsed, mail),
        claimed_author=sender.shown,
        inbound=mail,
        files=content.files_of(parsed, mail),
        why=decision.why[:300],
    )


def open_unreadable(mail: InboundMail, reason: str, at: datetime) -> Ticket:
    """A request that holds the mail as it came, because it could not be read. Raises UnableTo without a desk."""
    channel = Channel.objects.select_related("desk", "request_type").filter(mailbox=mail.mailbox).first()
    if channel is None:
        raise UnableTo(f"The mailbox {mail.mailbox.address} belongs to no desk.")
    mail.silent = mail.silent or because("unreadable")
    with translation.override(channel.desk.language):
        return open_ticket(
            actor=Actor(None, "mail"),
            at=at,
            desk=channel.desk,
            channel=Ticket.Channel.MAIL,
            subject=_("A mail could not be read"),
            words=Words(_("A mail came that could not be read. It is attached as it came.") + f"\n\n{reason[:500]}"),
            requester=None,
            files=[content.original(mail)],
            inbound=mail,
            sender_unverified=True,
            claimed_author=mail.envelope_from[:600] or "?",
            why=because("unreadable"),
        )


def _same_message_id(mail: InboundMail) -> str:
    """Another mail had this Message-ID already: both are kept, and the ledger says so (AB-14)."""
    if not mail.message_id:
        return ""
    twins = InboundMail.objects.filter(message_id=mail.message_id, mailbox=mail.mailbox).exclude(pk=mail.pk)
    return because("same_id") if twins.exists() else ""

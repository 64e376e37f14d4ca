"""Apply decisions: ticket commands and the fates of the mails, in one transaction."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.desks.models import Channel, Desk
from otklik.intake import content, ticket_matching
from otklik.intake.bounces import mark_bounced
from otklik.intake.checks import Check
from otklik.intake.decide import Act, Decision
from otklik.intake.mail_outcome import set_outcome, settle
from otklik.intake.refusals import IntakeRefusal
from otklik.intake.reply_commands import Order, Wish, order_in
from otklik.intake.sender import Level, Sender
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child_process import UnableToParse
from otklik.mail.reasons import because
from otklik.mail.suppressed_addresses import clear
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import ensure_persons, mark_heard
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.by_mail import Mailed, close_by_mail, rate_by_mail
from otklik.tickets.commands.comment import HeldWords, comment, hold_comments
from otklik.tickets.commands.filed_mail import tell_filed
from otklik.tickets.commands.forward import note_answer
from otklik.tickets.commands.open import NewTicket, open_ticket, open_tickets
from otklik.tickets.content import Words
from otklik.tickets.models import Forward, Ticket

log = logging.getLogger("otklik.intake")

State, Fate = InboundMail.State, InboundMail.Fate


@dataclass(frozen=True, slots=True)
class Case:
    """A mail, what was found out about it, and the decision. `forward`: the forwarded message that it answers, if
    any."""

    mail: InboundMail
    parsed: ParsedMail
    sender: Sender
    decision: Decision
    channel: Channel
    forward: Forward | None = None


def do_all(cases: Sequence[Case], at: datetime) -> None:
    """Apply the decisions: open, hold and comment, and set each mail's outcome, which the caller saves.

    Takes a fixed number of statements: no two cases may concern the same ticket or have the same Message-ID.
    """
    known = _twins(cases)
    reasons = {case.mail.pk: " ".join(filter(None, [case.decision.why, known(case.mail)])) for case in cases}
    cases = [replace(case, decision=replace(case.decision, why=reasons[case.mail.pk])) for case in cases]
    opened = [case for case in cases if case.decision.act is Act.OPEN]
    tickets = _open_all(opened, at)
    for case, ticket in zip(opened, tickets, strict=True):
        reason = reasons[case.mail.pk]
        set_outcome(case.mail, state=State.FILED, fate=Fate.REQUEST, reason=reason, ticket=ticket, at=at)
    heard = [ticket.requester for case, ticket in zip(opened, tickets, strict=True) if not case.decision.unverified]
    mark_heard(persons=[person for person in heard if person is not None], at=at)
    _hold_all([case for case in cases if case.decision.act is Act.HOLD], reasons, at)
    for case in cases:
        if case.decision.act is Act.COMMENT:
            _comment(case, at)
            reason, there = reasons[case.mail.pk], case.decision.ticket
            set_outcome(case.mail, state=State.FILED, fate=Fate.COMMENT, reason=reason, ticket=there, at=at)
        elif case.decision.act is Act.NOTE:
            _note(case, at)
            reason, there = reasons[case.mail.pk], case.decision.ticket
            set_outcome(case.mail, state=State.FILED, fate=Fate.NOTE, reason=reason, ticket=there, at=at)


def do_finding(mail: InboundMail, parsed: ParsedMail, desk: Desk, finding: tuple[Check, str], at: datetime) -> None:
    """Set the outcome of a mail that a check sorted out; nobody is answered. The caller saves it."""
    check, reason = finding
    ticket = ticket_matching.ticket_of_answer(parsed, mail, desk)
    if check.fate == Fate.BOUNCE and parsed.bounce is not None:
        ticket = mark_bounced(parsed.bounce, desk, at, mail.envelope_to, report=mail.pk) or ticket
    if ticket is not None and check.fate in {Fate.BOUNCE, Fate.AUTO_REPLY}:
        tell_filed(ticket=ticket, mail=mail, why=reason, excerpt=content.first_words(parsed), at=at)
    set_outcome(mail, state=check.state, fate=check.fate, reason=reason, ticket=ticket, at=at)


def give_up(pk: int, error: Exception, at: datetime) -> None:
    """Turn a mail that cannot be processed into a ticket with the original attached; nobody is answered (RL-10)."""
    reason = error.reason if isinstance(error, UnableToParse) else f"{type(error).__name__}: {error}"
    try:
        with transaction.atomic():
            mail = lock(InboundMail, pk)
            ticket = open_unreadable(mail, reason, at)
            settle(mail, state=State.FAILED, fate=Fate.UNREADABLE, reason=reason[:2000], ticket=ticket, at=at)
    except Exception:
        log.exception("mail %s became no ticket; it stays in the ledger as failed", pk)
        InboundMail.objects.filter(pk=pk, state=State.WAITING).update(
            state=State.FAILED, fate=Fate.UNREADABLE, reason=reason[:2000].replace("\0", ""), settled_at=at
        )


def _open_all(cases: Sequence[Case], at: datetime) -> list[Ticket]:
    if not cases:
        return []
    persons = _requesters([case.sender for case in cases], at)
    return open_tickets(requests=[_request(case, persons.get(case.sender.address)) for case in cases], at=at)


def _requesters(senders: Sequence[Sender], at: datetime) -> dict[str, Person]:
    """Return the persons of these senders by address, creating missing ones; senders without identity are left out."""
    somebody = [sender for sender in senders if sender.powers.makes_person]
    known = {sender.address: sender.person for sender in somebody if sender.person is not None}
    names: dict[str, str] = {}
    for sender in somebody:
        if sender.address not in known:
            names.setdefault(sender.address, sender.name)
    return {**known, **ensure_persons(names=names, at=at)} if names else known


def _request(case: Case, requester: Person | None) -> NewTicket:
    words = content.words_of_request(case.parsed, case.mail)
    related = case.decision.related
    # A follow-up of a moved ticket opens at the ticket's present desk.
    desk = related.desk if related is not None and case.decision.follows else case.channel.desk
    return NewTicket(
        actor=Actor(requester, "mail"),
        desk=desk,
        channel=Ticket.Channel.MAIL,
        subject=case.parsed.subject,
        words=words,
        requester=requester,
        request_type=case.channel.request_type if desk.pk == case.channel.desk_id else None,
        files=content.files_of(case.parsed, case.mail, words),
        inbound=case.mail,
        related=related,
        sender_unverified=case.decision.unverified,
        claimed_author="" if requester else case.sender.shown,
        why=case.decision.why[:300],
    )


def _comment(case: Case, at: datetime) -> None:
    ticket = case.decision.ticket
    assert ticket is not None
    words = content.words_of_reply(case.parsed, case.mail, ticket)
    actor, files = Actor(case.sender.person, "mail"), content.files_of(case.parsed, case.mail, words)
    # Before others are notified, so that the author is among the recipients from now on.
    mark_heard(persons=[case.sender.person] if case.sender.person is not None else [], at=at)
    if case.sender.level is Level.PROVED:
        # Answering our mail proves that the address receives mail.
        clear(case.sender.address, at)
    order, why = order_in(words.text, ticket, actor.person, at), case.decision.why
    if order is None or not _ordered(order, actor, ticket, Mailed(words, files, case.mail, why), at):
        comment(actor=actor, at=at, ticket=ticket, words=words, files=files, inbound=case.mail, why=why[:300])


def _note(case: Case, at: datetime) -> None:
    """Store the answer to a forwarded message as a note. Commands in it are ignored, since its author is not on the
    ticket."""
    ticket, forward = case.decision.ticket, case.forward
    assert ticket is not None
    assert forward is not None
    words = content.words_of_reply(case.parsed, case.mail, ticket)
    files = content.files_of(case.parsed, case.mail, words)
    if case.sender.level is Level.PROVED:
        clear(case.sender.address, at)
    note_answer(
        at=at,
        forward=forward,
        words=words,
        claimed_author=case.sender.shown,
        inbound=case.mail,
        files=files,
        why=case.decision.why[:300],
        by=_told_before(case, ticket),
    )


def _told_before(case: Case, ticket: Ticket) -> Person | None:
    """Return the recipient of the notification that this mail answers; None if it answers none.

    Knowing its Message-ID and writing from the address it went to is the proof.
    """
    answered = [one.strip("<>") for one in case.parsed.in_reply_to]
    ids = [spelling for one in answered for spelling in (one, f"<{one}>")]
    notices = OutboundMail.objects.filter(message_id__in=ids, kind="forward_answered", ticket_id=ticket.pk)
    notice = notices.filter(recipient=case.sender.address).select_related("person").first()
    return notice.person if notice is not None else None


def _ordered(order: Order, actor: Actor, ticket: Ticket, mailed: Mailed, at: datetime) -> bool:
    """Execute the command in the mail; return False, with nothing done, if it is no longer possible."""
    why = f"{mailed.why} {because('asks_to_close' if order.wish is Wish.CLOSE else 'rates')}"
    mailed = replace(mailed, why=why[:300])
    try:
        if order.wish is Wish.CLOSE:
            close_by_mail(actor=actor, at=at, ticket=ticket, mailed=mailed)
        else:
            rate_by_mail(actor=actor, at=at, ticket=ticket, score=order.score, words=order.words, mailed=mailed)
    except UnableToChange:
        return False
    return True


def _hold_all(cases: Sequence[Case], reasons: Mapping[int, str], at: datetime) -> None:
    if cases:
        hold_comments(held=[_held(case) for case in cases], at=at)
    for case in cases:
        reason, ticket = reasons[case.mail.pk], case.decision.ticket
        set_outcome(case.mail, state=State.HELD, fate=Fate.HELD_COMMENT, reason=reason, ticket=ticket, at=at)


def _held(case: Case) -> HeldWords:
    assert case.decision.ticket is not None
    words = content.words_of_reply(case.parsed, case.mail, case.decision.ticket)
    return HeldWords(
        ticket=case.decision.ticket,
        words=words,
        claimed_author=case.sender.shown,
        inbound=case.mail,
        files=content.files_of(case.parsed, case.mail, words),
        why=case.decision.why[:300],
    )


def open_unreadable(mail: InboundMail, reason: str, at: datetime) -> Ticket:
    """Open a ticket with the original of an unreadable mail attached. Raises UnableTo if the mailbox has no desk."""
    channel = Channel.objects.select_related("desk", "request_type").filter(mailbox=mail.mailbox).first()
    if channel is None:
        raise UnableTo(IntakeRefusal.MAILBOX_WITHOUT_DESK, address=mail.mailbox.address)
    mail.silent = mail.silent or because("unreadable")
    with translation.override(channel.desk.language):
        return open_ticket(
            actor=system("mail"),
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


def _twins(cases: Sequence[Case]) -> Callable[[InboundMail], str]:
    """Return a function that gives the ledger's remark on a Message-ID that an earlier mail had; both are kept
    (AB-14)."""
    ids = {case.mail.message_id for case in cases} - {""}
    rows = InboundMail.objects.filter(message_id__in=ids).exclude(pk__in=[case.mail.pk for case in cases])
    twins = set(rows.values_list("mailbox_id", "message_id")) if ids else set()
    return lambda mail: because("same_id") if (mail.mailbox_id, mail.message_id) in twins else ""

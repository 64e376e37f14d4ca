"""From an event's context to outbox rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.domains import box_of, organisational_domain
from otklik.mail.events import BudgetExceeded
from otklik.notify.account_mails import activation_mail
from otklik.notify.digest_choice import is_sent_now
from otklik.notify.event_context import EventContext, Recipient, contexts
from otklik.notify.outbox import Draft, post
from otklik.notify.planning import Planning, planning_for
from otklik.notify.rules import RULES, Rule
from otklik.notify.stranger_limits import Terms, terms_of
from otklik.notify.texts.mail_kinds import BY_NAME
from otklik.notify.texts.overrides import is_sent
from otklik.notify.ticket_mails import ticket_mail
from otklik.people.actor import system


def plan_mails(events: Sequence[Event], at: datetime) -> None:
    """Queue the mails that follow from these events, which must be of distinct tickets."""
    told = contexts(events)
    planning = planning_for(told, at)
    post([draft for context in told for draft in plan(context, planning)])


def plan(context: EventContext, planning: Planning) -> list[Draft]:
    """Return the mails that the rules require. Idempotent, since `cause` is unique."""
    if context.imported or context.is_overtaken:
        return []
    written: list[Draft] = []
    told: set[int] = set()
    for rule in RULES:
        if not rule.fits(context.event.typed):
            continue
        is_invitation = rule.template == "activation"
        known = planning.invited if is_invitation else told
        for recipient in rule.audience(context):
            if recipient.person.pk in known:
                continue
            if not is_invitation:
                told.add(recipient.person.pk)
            written += _written(rule, context, recipient, planning)
    return written


def _written(rule: Rule, context: EventContext, recipient: Recipient, planning: Planning) -> list[Draft]:
    at, spent = planning.at, planning.spent
    if not is_sent(context.ticket.desk, BY_NAME[rule.template]):
        return []
    if not is_sent_now(rule.template, context, recipient.person, at):
        return []
    terms = terms_of(context, recipient)
    stranger = context.by_naming and recipient.person.activated_at is None
    automatic = not rule.human and (context.ticket.sender_unverified or stranger)
    unproved = automatic or terms.causer is not None
    address, ticket_id = recipient.person.email or "", context.ticket.pk
    if terms.hide and terms.causer and spent.had_enough(address, causer=terms.causer, ticket_id=ticket_id):
        return []
    if unproved and (why := spent.exceeded(address, terms.causer)):
        _tell_silence(rule, context, recipient, why, at)
        return []
    draft = _draft(rule, context, recipient, terms, planning, hide=automatic)
    if draft is not None and unproved:
        draft.mail.budget, draft.mail.box = organisational_domain(box_of(address)), box_of(address)
        draft.mail.caused_by = terms.causer
        spent.add(address, terms.causer, ticket_id)
    return [draft] if draft else []


def _draft(
    rule: Rule, context: EventContext, recipient: Recipient, terms: Terms, planning: Planning, *, hide: bool
) -> Draft | None:
    at, person = planning.at, recipient.person
    if rule.template == "activation":
        planning.invited.add(person.pk)
        own = context.own_texts
        return activation_mail(person, context.ticket.desk, at, sender=context.sender, own=own, hide=hide)
    if terms.hide and BY_NAME[rule.template].with_words and not context.said_by_staff:
        rule = replace(rule, template="unread")
    return ticket_mail(rule, context, recipient, at, hide=terms.hide)


def _tell_silence(rule: Rule, context: EventContext, recipient: Recipient, why: str, at: datetime) -> None:
    told = BudgetExceeded(
        key=context.ticket.key,
        template=rule.template,
        person=recipient.person.pk,
        address=recipient.person.email or "",
        budget=why,
    )
    record(told, about=context.ticket.pk, by=system(cause=context.event), at=at)

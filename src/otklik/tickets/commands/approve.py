"""Approvals: ask people whether a ticket may go ahead, and record their votes (ADR 30)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.locks import lock
from otklik.desks.models import ApprovalRule, RequestType
from otklik.desks.queries import transitions_from
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import mark_heard
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch, write_message
from otklik.tickets.commands.status import set_status
from otklik.tickets.content import Words
from otklik.tickets.events import (
    ApprovalAnswered,
    ApprovalAsked,
    ApprovalReminded,
    ApprovalWithdrawn,
    TicketCommented,
)
from otklik.tickets.models import Approval, Message, Ticket, Vote
from otklik.tickets.refusals import TicketRefusal

MOST_APPROVERS = 10
MOST_QUESTIONS = 20
LONGEST = 5_000


class NoReason(UnableToChange):
    """The approver declined without giving a reason."""


def ask_approval(
    *, actor: Actor, at: datetime, ticket: Ticket, people: Sequence[Person], rule: str, question: str = ""
) -> Approval:
    """Ask these people for approval. Each gets a mail, and from now on sees of the ticket what customers see.

    `rule`: an ApprovalRule. The actor must be an agent of the desk or the system. Raises UnableToChange if nobody or
    more than MOST_APPROVERS are named, if the requester or somebody without an address is among them, if another
    approval is pending, or if the ticket is closed.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        asked = list({person.pk: person for person in people}.values())
        _require_sound(ticket, asked, rule)
        approval = Approval.objects.create(
            ticket=ticket, rule=rule, question=question.strip()[:LONGEST], asked_by=actor.person, asked_at=at
        )
        Vote.objects.bulk_create(Vote(approval=approval, person=person) for person in asked)
        touch(ticket, at)
        tell(ticket, ApprovalAsked(approval=approval.pk, question=approval.question, **_named(asked)), actor, at)
    return approval


def ask_of_type(*, at: datetime, ticket: Ticket, within: Actor | None = None) -> None:
    """Ask the approvers of the ticket's request type, if it has any. The requester never approves their own ticket.

    The system asks. `within`: the actor whose command set the type; the approval joins its batch, and its mails are
    held as long.
    """
    kind = ticket.request_type
    if kind is None or not kind.approval_rule:
        return
    if people := people_of_type(kind, ticket):
        asker = replace(system(), batch=within.batch, held_until=within.held_until) if within else system()
        ask_approval(actor=asker, at=at, ticket=ticket, people=people, rule=kind.approval_rule)


def people_of_type(kind: RequestType, ticket: Ticket) -> list[Person]:
    """The people whom `ask_of_type` would ask if the ticket had this type. `kind` must have an approval rule."""
    return list(kind.approvers.filter(is_active=True).exclude(pk=ticket.requester_id or 0)[:MOST_APPROVERS])


def answer_approval(*, actor: Actor, at: datetime, approval: Approval, approved: bool, words: str = "") -> Approval:
    """Record an approver's vote. `words`: a comment, which everybody on the ticket can read; required for a "no".

    A single "no" declines the request; one "yes" or all of them approve it, depending on the rule. The ticket then
    takes the transition marked `on_approved` or `on_declined`, if its status has one. Raises NoReason; UnableToChange
    if the actor was not asked, has voted, or the approval is settled.
    """
    with transaction.atomic():
        ticket = locked(approval.ticket)
        approval = lock(Approval, approval.pk)
        vote = _awaited(approval, actor)
        if not approved and not words.strip():
            raise NoReason(TicketRefusal.REASON_MISSING)
        vote.answer = Vote.Answer.APPROVED if approved else Vote.Answer.DECLINED
        vote.words, vote.answered_at = words.strip()[:LONGEST], at
        vote.save(update_fields=["answer", "words", "answered_at"])
        if actor.person is not None:
            mark_heard(persons=[actor.person], at=at)
        moved = _settled(approval, ticket, at)
        touch(ticket, at)
        state = approval.state if approval.state != Approval.State.PENDING else ""
        event = ApprovalAnswered(
            approval=approval.pk, answer=vote.answer, words=vote.words, name=actor.name, settled=state, moved=moved
        )
        tell(ticket, event, actor, at)
    return approval


def ask_about(*, actor: Actor, at: datetime, approval: Approval, words: str) -> Message:
    """Post an approver's question before they vote, as a public message. The approval stays pending.

    Changes no status and adds no participant; replies are mailed to the approver until they vote. Raises UnableToChange
    if the actor was not asked, has voted, the approval is settled, the text is blank, or they have posted
    MOST_QUESTIONS.
    """
    with transaction.atomic():
        ticket = locked(approval.ticket)
        approval = lock(Approval, approval.pk)
        vote = _awaited(approval, actor)
        if not words.strip():
            raise UnableToChange(TicketRefusal.QUESTION_MISSING)
        messages = Message.objects.filter(ticket=ticket, author=vote.person, created_at__gte=approval.asked_at)
        if messages.count() >= MOST_QUESTIONS:
            raise UnableToChange(TicketRefusal.TOO_MANY_QUESTIONS)
        question = Words(words.strip()[:LONGEST])
        message = write_message(ticket, at, question, kind=Message.Kind.PUBLIC, author=vote.person)
        mark_heard(persons=[vote.person], at=at)
        touch(ticket, at)
        event = TicketCommented(message=message.pk, message_kind=message.kind, moved="", approval=approval.pk)
        tell(ticket, event, actor, at)
    return message


def remind_approval(*, at: datetime, approval: Approval) -> None:
    """Remind everybody who has not voted yet. The pump calls this, once, holding the row's lock."""
    approval.reminded_at = at
    approval.save(update_fields=["reminded_at"])
    pending = approval.votes.filter(answer="").select_related("person").order_by("id")
    event = ApprovalReminded(
        approval=approval.pk, question=approval.question, **_named([vote.person for vote in pending])
    )
    tell(approval.ticket, event, system(), at)


def _named(people: Sequence[Person]) -> dict[str, Any]:
    """The `names` and `people` (ids) of an event about these people."""
    return {"names": tuple(person.display_name for person in people), "people": tuple(person.pk for person in people)}


def withdraw_approval(*, actor: Actor, at: datetime, approval: Approval) -> None:
    """Withdraw a pending approval: approvers lose the access to the ticket that it gave them.

    Raises UnableToChange if the actor is not an agent of the desk, or if the approval is settled.
    """
    with transaction.atomic():
        ticket = locked(approval.ticket)
        require_agent(actor, ticket)
        approval = lock(Approval, approval.pk)
        if approval.state != Approval.State.PENDING:
            raise UnableToChange(TicketRefusal.APPROVAL_DECIDED)
        approval.state, approval.settled_at = Approval.State.WITHDRAWN, at
        approval.save(update_fields=["state", "settled_at"])
        touch(ticket, at)
        tell(ticket, ApprovalWithdrawn(approval=approval.pk), actor, at)


def _awaited(approval: Approval, actor: Actor) -> Vote:
    """The actor's pending vote; raises UnableToChange if there is none. `approval` must be locked."""
    votes = Vote.objects.filter(approval=approval, person=actor.person).select_related("person")
    vote = votes.first() if actor.person and actor.person.is_active else None
    if vote is None or approval.state == Approval.State.WITHDRAWN:
        raise UnableToChange(TicketRefusal.NOT_AN_APPROVER)
    if approval.state != Approval.State.PENDING or vote.answer:
        raise UnableToChange(TicketRefusal.APPROVAL_DECIDED)
    return vote


def _require_sound(ticket: Ticket, people: list[Person], rule: str) -> None:
    if not people or rule not in ApprovalRule.values:
        raise UnableToChange(TicketRefusal.APPROVERS_MISSING)
    if len(people) > MOST_APPROVERS:
        raise UnableToChange(TicketRefusal.TOO_MANY_APPROVERS, count=MOST_APPROVERS)
    if any(person.pk == ticket.requester_id for person in people):
        raise UnableToChange(TicketRefusal.OWN_REQUEST)
    if any(not person.is_active or not person.email for person in people):
        raise UnableToChange(TicketRefusal.APPROVER_WITHOUT_ADDRESS)
    if ticket.status.is_done:
        raise UnableToChange(TicketRefusal.CLOSED)
    if Approval.objects.filter(ticket=ticket, state=Approval.State.PENDING).exists():
        raise UnableToChange(TicketRefusal.APPROVAL_PENDING)


def _settled(approval: Approval, ticket: Ticket, at: datetime) -> str:
    """Settle the approval if the votes decide it; returns the ticket's new status by name, "" if it kept its own."""
    answers = list(approval.votes.values_list("answer", flat=True))
    if Vote.Answer.DECLINED in answers:
        approval.state = Approval.State.DECLINED
    elif all(answers) or (approval.rule == ApprovalRule.ONE and any(answers)):
        approval.state = Approval.State.APPROVED
    else:
        return ""
    approval.settled_at = at
    approval.save(update_fields=["state", "settled_at"])
    wanted = "on_approved" if approval.state == Approval.State.APPROVED else "on_declined"
    marked = [transition for transition in transitions_from(ticket.status) if getattr(transition, wanted)]
    # A transition from this very status takes precedence over one from any status.
    transition = next(
        (transition for transition in sorted(marked, key=lambda transition: transition.source_id is None)), None
    )
    if transition is None:
        return ""
    set_status(ticket, transition.target, at, transition.resolution)
    return transition.target.name

"""Ask named people whether a request may go on, and take their answers (ADR 30)."""

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
    """A "no" without a word why."""


def ask_approval(
    *, actor: Actor, at: datetime, ticket: Ticket, people: Sequence[Person], rule: str, question: str = ""
) -> Approval:
    """Ask these people; each gets a mail. From now on they see what customers see of the ticket.

    `rule`: ApprovalRule. Only the desk's staff asks (or the product, for a request type). Raises UnableToChange: nobody
    or too many named, the requester among them, a question open already, the request closed.
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
    """Ask whom the request's type names, if it names anybody; the requester is never asked about an own request.

    `within`: by whose act the request got its type; the product asks in the same batch, and is told of no sooner.
    """
    kind = ticket.request_type
    if kind is None or not kind.approval_rule:
        return
    if people := people_of_type(kind, ticket):
        asker = replace(system(), batch=within.batch, held_until=within.held_until) if within else system()
        ask_approval(actor=asker, at=at, ticket=ticket, people=people, rule=kind.approval_rule)


def people_of_type(kind: RequestType, ticket: Ticket) -> list[Person]:
    """Whom `ask_of_type` would ask about the ticket if it had this type, which has a rule."""
    return list(kind.approvers.filter(is_active=True).exclude(pk=ticket.requester_id or 0)[:MOST_APPROVERS])


def answer_approval(*, actor: Actor, at: datetime, approval: Approval, approved: bool, words: str = "") -> Approval:
    """One of the people asked says yes or no, once, with words that everybody on the request reads; a "no" needs some.

    One "no" declines; one or all "yes" approve, as the rule says; then the table's `on_approved` or `on_declined` row
    moves the ticket, if it has one from here. Raises UnableToChange: not asked, answered or settled already; NoReason.
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
        approval_answered = ApprovalAnswered(
            approval=approval.pk, answer=vote.answer, words=vote.words, name=actor.name, settled=state, moved=moved
        )
        tell(ticket, approval_answered, actor, at)
    return approval


def ask_about(*, actor: Actor, at: datetime, approval: Approval, words: str) -> Message:
    """Who is asked wants to know something first: a public message of theirs. The question stays open.

    It moves nothing and makes nobody a participant; what is answered is mailed to them until they decide. Raises
    UnableToChange: not asked, answered or settled already, nothing written, MOST_QUESTIONS written already.
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
        told = TicketCommented(message=message.pk, message_kind=message.kind, moved="", approval=approval.pk)
        tell(ticket, told, actor, at)
    return message


def remind_approval(*, at: datetime, approval: Approval) -> None:
    """Remind whoever has not answered yet, once. For the pump, which holds the row's lock."""
    approval.reminded_at = at
    approval.save(update_fields=["reminded_at"])
    waited = approval.votes.filter(answer="").select_related("person").order_by("id")
    told = ApprovalReminded(
        approval=approval.pk, question=approval.question, **_named([vote.person for vote in waited])
    )
    tell(approval.ticket, told, system(), at)


def _named(people: Sequence[Person]) -> dict[str, Any]:
    """What an event says of them."""
    return {"names": tuple(person.display_name for person in people), "people": tuple(person.pk for person in people)}


def withdraw_approval(*, actor: Actor, at: datetime, approval: Approval) -> None:
    """The staff no longer needs an answer; who was asked no longer sees the ticket by this. Raises UnableToChange."""
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
    """The actor's vote, which is waited for; raises UnableToChange where none is. `approval` is locked."""
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
    """Settle the approval if the answers allow it; returns the name of the status the ticket was moved to, or ""."""
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
    # What is said of this very status goes before what is said of any.
    transition = next(
        (transition for transition in sorted(marked, key=lambda transition: transition.source_id is None)), None
    )
    if transition is None:
        return ""
    set_status(ticket, transition.target, at, transition.resolution)
    return transition.target.name

"""Approvals: on the card of a request, and «На согласовании», the list of what waits for the reader."""

from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.desks.models import ApprovalRule
from otklik.desks.texts import text_of
from otklik.people.models import Person, known_as
from otklik.tickets.answers.display import AnswerLine, answer_lines
from otklik.tickets.approvals import approvals_of, votes_of
from otklik.tickets.drafts import Begun, DraftPart
from otklik.tickets.models import Approval, Attachment, Draft, Message, Ticket, Vote
from otklik.ui.message_html import message_html
from otklik.ui.paging import Pages, pages_of

PER_PAGE = 25
FILES_NAMED = 10


@dataclass(frozen=True, slots=True)
class Approver:
    """An approver. `state`: "approved", "declined" or "" while pending."""

    name: str
    state: str
    state_words: str
    icon: str
    words: SafeString
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ApprovalBlock:
    """An approval. `approve_url`, `decline_url`, `ask_url`, `draft`: set while the reader's vote is pending; `error`,
    `typed`: of a rejected submission, or a draft's text."""

    id: int
    state: str
    state_words: str
    rule_words: str
    question: SafeString
    people: list[Approver]
    approve_url: str
    decline_url: str
    ask_url: str
    draft: DraftPart | None
    error: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A vote that was refused: for which approval, why, and what was typed."""

    approval_id: int
    error: str
    typed: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of the newest approval: when, by whom, with which comment. `names`: the decisive voters."""

    declined: bool
    names: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A row of the list of approvals."""

    key: str
    url: str
    subject: str
    desk: str
    requester: str
    asked_at: datetime
    state: str
    state_words: str
    category: str


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    """`pending`: lists pending votes, otherwise past ones."""

    pending: bool
    rows: list[ApprovalRow]
    pages: Pages


@dataclass(frozen=True, slots=True)
class LinkPage:
    """The page behind a mailed voting link, which shows no more than the mail.

    `answered`: "approved", "declined" or ""; `open`: the vote is pending; `reason`: the voter's comment.
    """

    key: str
    desk: str
    subject: str
    requester: str
    answers: list[AnswerLine]
    files: list[str]
    question: SafeString
    url: str
    person: str
    answered: str
    open: bool
    state_words: str
    reason: SafeString


def link_page(vote: Vote) -> LinkPage:
    """Build the page. Values that an unauthenticated sender chose are left out, as in the mail (AB-88)."""
    approval, ticket = vote.approval, vote.approval.ticket
    is_verified = not ticket.sender_unverified
    answers = answer_lines(ticket, for_staff=False) if is_verified else []
    opening = Message.objects.for_customers().filter(ticket=ticket, opening=True, withdrawn_at=None)
    files = Attachment.objects.filter(message__in=opening).order_by("id").values_list("name", flat=True)
    return LinkPage(
        key=ticket.key,
        desk=text_of(ticket.desk, "name"),
        subject=ticket.subject if is_verified else "",
        requester=ticket.requester.display_name if is_verified and ticket.requester else "",
        answers=[line for line in answers if line.words],
        files=list(files[:FILES_NAMED]) if is_verified else [],
        question=message_html(approval.question) if approval.question else SafeString(""),
        url=reverse("portal:card", args=[ticket.desk_id, ticket.key]),
        person=known_as(vote.person.name, vote.person.email),
        answered=vote.answer,
        open=approval.state == Approval.State.PENDING and not vote.answer,
        state_words=state_words(approval.state),
        reason=message_html(vote.words) if vote.words else SafeString(""),
    )


def approval_blocks(
    reader: Person, ticket: Ticket, begun: Begun, refused: Refused | None = None
) -> list[ApprovalBlock]:
    """Return the ticket's approvals, newest first. Two or three queries."""
    blocks = [_block(reader, ticket, approval, begun) for approval in approvals_of(ticket)]
    return [
        replace(block, error=refused.error, typed=refused.typed)
        if refused and refused.approval_id == block.id
        else block
        for block in blocks
    ]


def verdict_of(blocks: list[ApprovalBlock]) -> Verdict | None:
    """Return the outcome of the newest approval; None if there is none or it is pending."""
    newest = blocks[0] if blocks else None
    approvers = (
        [approver for approver in newest.people if approver.state == newest.state and approver.at] if newest else []
    )
    if newest is None or not approvers:
        return None
    reasons = " ".join(strip_tags(approver.words).strip() for approver in approvers if approver.words)
    names = ", ".join(approver.name for approver in approvers)
    return Verdict(
        newest.state == Approval.State.DECLINED,
        names,
        unescape(reasons),
        max(approver.at for approver in approvers if approver.at),
    )


def awaited_names(blocks: list[ApprovalBlock]) -> list[str]:
    """Names of the approvers who have not voted in pending approvals."""
    return [
        approver.name
        for block in blocks
        if block.state == Approval.State.PENDING
        for approver in block.people
        if not approver.state
    ]


def approvals_page(reader: Person, *, pending: bool, number: int) -> ApprovalsPage:
    """Build one page of the list, with a fixed number of queries."""
    votes = votes_of(reader, pending=pending)
    query = {"approvalQueryType": "myPending" if pending else "myApproval"}
    pages = pages_of(number=number, per_page=PER_PAGE, total=votes.count(), query=query)
    shown = votes.select_related("approval__ticket__desk", "approval__ticket__requester", "approval__ticket__status")
    return ApprovalsPage(pending, [_row(vote) for vote in shown[max(0, pages.first - 1) : pages.last]], pages)


def _block(reader: Person, ticket: Ticket, approval: Approval, begun: Begun) -> ApprovalBlock:
    votes = sorted(approval.votes.all(), key=lambda vote: vote.pk)
    is_mine = any(vote.person_id == reader.pk and not vote.answer for vote in votes)
    place = [ticket.desk_id, ticket.key, approval.pk]
    asked = is_mine and approval.state == Approval.State.PENDING
    rule = _("One of them is enough.") if approval.rule == ApprovalRule.ONE else _("All of them must agree.")
    return ApprovalBlock(
        id=approval.pk,
        state=approval.state,
        state_words=state_words(approval.state),
        rule_words=rule if len(votes) > 1 else "",
        question=message_html(approval.question) if approval.question else SafeString(""),
        people=[_approver(vote) for vote in votes],
        approve_url=reverse("portal:approve", args=place) if asked else "",
        decline_url=reverse("portal:decline", args=place) if asked else "",
        ask_url=reverse("portal:ask", args=place) if asked else "",
        draft=begun.part(Draft.Kind.APPROVAL, approval.pk) if asked else None,
        typed=begun.said(Draft.Kind.APPROVAL, "words", approval.pk) if asked else "",
    )


def _approver(vote: Vote) -> Approver:
    answers = {Vote.Answer.APPROVED: _("approved"), Vote.Answer.DECLINED: _("declined")}
    icons = {Vote.Answer.APPROVED: "thumb-up", Vote.Answer.DECLINED: "thumb-down"}
    return Approver(
        name=vote.person.display_name,
        state=vote.answer,
        state_words=answers.get(Vote.Answer(vote.answer), "") if vote.answer else _("no answer yet"),
        icon=icons.get(Vote.Answer(vote.answer), "clock") if vote.answer else "clock",
        words=message_html(vote.words) if vote.words else SafeString(""),
        at=vote.answered_at,
    )


def state_words(state: str) -> str:
    """Return the label of an approval's state."""
    states = {
        Approval.State.PENDING: _("Waiting for approval"),
        Approval.State.APPROVED: _("Approved"),
        Approval.State.DECLINED: _("Declined"),
        Approval.State.WITHDRAWN: _("No longer needed"),
    }
    return states[Approval.State(state)]


def _row(vote: Vote) -> ApprovalRow:
    ticket, state = vote.approval.ticket, vote.approval.state
    tones = {Approval.State.PENDING: "waiting", Approval.State.APPROVED: "done", Approval.State.DECLINED: "new"}
    return ApprovalRow(
        key=ticket.key,
        url=reverse("portal:card", args=[ticket.desk_id, ticket.key]),
        subject=ticket.subject,
        desk=text_of(ticket.desk, "name"),
        requester=ticket.requester.display_name if ticket.requester else "",
        asked_at=vote.approval.asked_at,
        state=state,
        state_words=state_words(state),
        category=tones.get(Approval.State(state), "new"),
    )

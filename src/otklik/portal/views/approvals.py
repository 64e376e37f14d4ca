"""«На согласовании»: pending approvals of the reader; approve, decline or ask back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.actor import Actor
from otklik.portal.forms.ticket import AnswerForm
from otklik.portal.pages.approvals import Refused, approvals_page, link_page
from otklik.portal.secret_pages import sealed
from otklik.portal.view_access import actor_of, for_everybody, for_persons, for_ticket, login_first, person_of
from otklik.portal.views.card import show_card
from otklik.tickets.approvals import vote_of
from otklik.tickets.commands.approve import NoReason, answer_approval, ask_about
from otklik.tickets.commands.drafts import Place
from otklik.tickets.drafts import draft_at, said_in
from otklik.tickets.models import Approval, Draft, Ticket, Vote
from otklik.ui.drafts_after_login import bring, keep_posted, settle_posted
from otklik.ui.refusal_words import refusal_words


@for_persons("GET")
def approvals(request: HttpRequest) -> HttpResponse:
    """List approvals. `approvalQueryType` as in Jira: "myPending" or "myApproval" (decided)."""
    page_text = request.GET.get("page", "")
    number = int(page_text) if page_text.isascii() and page_text.isdigit() and len(page_text) < 9 else 1
    pending = request.GET.get("approvalQueryType", "myPending") != "myApproval"
    page = approvals_page(person_of(request), pending=pending, number=number)
    return render(request, "portal/approvals.html", {"page": page})


@for_ticket("POST")
def approve(request: HttpRequest, ticket: Ticket, approval_id: int) -> HttpResponseBase:
    """Record the reader's approval."""
    return _answer(request, ticket, approval_id, approved=True)


@for_ticket("POST")
def decline(request: HttpRequest, ticket: Ticket, approval_id: int) -> HttpResponseBase:
    """Record that the reader declines; the form must give a reason."""
    return _answer(request, ticket, approval_id, approved=False)


@for_ticket("POST")
def ask(request: HttpRequest, ticket: Ticket, approval_id: int) -> HttpResponseBase:
    """Ask a question about the approval as a public comment."""
    approval, question = _asked_of(request, ticket, approval_id)
    try:
        message = ask_about(actor=actor_of(request), at=timezone.now(), approval=approval, words=question)
    except UnableTo as error:
        return _refused(request, ticket, approval, error, question)
    settle_posted(person=person_of(request), at=timezone.now(), place=_place(approval), post=request.POST)
    messages.success(request, _("Your question is on the request. The answer comes by mail."))
    return redirect(f"{reverse('portal:card', args=[ticket.desk_id, ticket.key])}#message-{message.pk}")


@for_everybody("GET", "POST")
def answer_by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET: show what the mail said. POST: vote or ask (`answer`: "approve", "decline" or "ask"). 422 if it is refused.

    GET changes nothing, so mail scanners cannot vote.
    """
    vote = vote_of(token)
    form = AnswerForm(request.POST)
    answer = request.POST.get("answer", "")
    if vote is None or (request.method == "POST" and (answer not in _SAID or not form.is_valid())):
        raise Http404
    if vote.link_seen_at is not None and request.user != vote.person:
        # Others may have read the link, so a login is required (ADR 44).
        return login_first(request, request.path)
    place = _place(vote.approval)
    if request.user == vote.person:
        bring(request.session, person=vote.person, at=timezone.now(), page=request.path, place=place)
    context: dict[str, object] = {"typed": ""}
    if request.method == "POST":
        context |= _by_link(vote, answer, form.cleaned_data["words"])
        if "error" not in context:
            settle_posted(person=vote.person, at=timezone.now(), place=place, post=request.POST)
        vote.refresh_from_db()
    elif request.user == vote.person:
        context["typed"] = said_in(draft_at(vote.person, place), "words")
    context["page"] = link_page(vote)
    status = 422 if context.get("error") else 200
    return sealed(render(request, "portal/approval_answer.html", context, status=status))


_SAID = ("approve", "decline", "ask")


def _by_link(vote: Vote, answer: str, comment: str) -> dict[str, object]:
    """Return the page's context: `asked`, or `error` with the text `typed`; empty after a vote."""
    actor, at = Actor(vote.person, "mail"), timezone.now()
    try:
        if answer == "ask":
            ask_about(actor=actor, at=at, approval=vote.approval, words=comment)
            return {"asked": True}
        answer_approval(actor=actor, at=at, approval=vote.approval, approved=answer == "approve", words=comment)
    except NoReason as refusal:
        return {"error": refusal_words(refusal)}
    except UnableTo as refusal:
        return {"error": refusal_words(refusal, comment), "typed": comment}
    return {}


def _answer(request: HttpRequest, ticket: Ticket, approval_id: int, *, approved: bool) -> HttpResponseBase:
    approval, comment = _asked_of(request, ticket, approval_id)
    try:
        answer_approval(actor=actor_of(request), at=timezone.now(), approval=approval, approved=approved, words=comment)
    except UnableTo as error:
        return _refused(request, ticket, approval, error, comment)
    settle_posted(person=person_of(request), at=timezone.now(), place=_place(approval), post=request.POST)
    messages.success(request, _("You approved the request.") if approved else _("You declined the request."))
    return redirect("portal:card", ticket.desk_id, ticket.key)


def _place(approval: Approval) -> Place:
    return Place(Draft.Kind.APPROVAL, approval.pk, approval.ticket_id)


def _asked_of(request: HttpRequest, ticket: Ticket, approval_id: int) -> tuple[Approval, str]:
    """Return the approval for which the reader is asked, and the posted comment. Raises Http404."""
    rows = Approval.objects.filter(pk=approval_id, ticket=ticket, votes__person=person_of(request))
    approval = rows.exclude(state=Approval.State.WITHDRAWN).first()
    form = AnswerForm(request.POST)
    if approval is None or not form.is_valid():
        raise Http404
    return approval, str(form.cleaned_data["words"])


def _refused(
    request: HttpRequest, ticket: Ticket, approval: Approval, error: UnableTo, typed_text: str
) -> HttpResponseBase:
    """Show the card with the comment in its form; if there is no form any more, in the message."""
    vote = approval.votes.filter(person=person_of(request)).first()
    if vote is not None and not vote.answer and approval.state == Approval.State.PENDING:
        keep_posted(person=person_of(request), at=timezone.now(), place=_place(approval), post=request.POST)
        refused = Refused(approval.pk, refusal_words(error), typed_text)
        return show_card(request, ticket, refused=refused, status=422)
    messages.warning(request, refusal_words(error, typed_text))
    return redirect("portal:card", ticket.desk_id, ticket.key)

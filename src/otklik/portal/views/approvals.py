"""What waits for the reader's approval; say yes or no on the card."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.actor import Actor
from otklik.portal.entrance import actor_of, for_everybody, for_persons, for_ticket, person_of
from otklik.portal.forms.ticket import AnswerForm
from otklik.portal.pages.approvals import approvals_page, link_page
from otklik.tickets.approvals import vote_of
from otklik.tickets.commands.approve import answer_approval
from otklik.tickets.models import Approval, Ticket
from otklik.tickets.refusals import refusal_words


@for_persons("GET")
def approvals(request: HttpRequest) -> HttpResponse:
    """`approvalQueryType`, as Jira has it: "myPending" waits for an answer, "myApproval" is decided."""
    said = request.GET.get("page", "")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 1
    pending = request.GET.get("approvalQueryType", "myPending") != "myApproval"
    page = approvals_page(person_of(request), pending=pending, number=number)
    return render(request, "portal/approvals.html", {"page": page})


@for_ticket("POST")
def approve(request: HttpRequest, ticket: Ticket, approval_id: int) -> HttpResponseBase:
    """Yes."""
    return _answer(request, ticket, approval_id, approved=True)


@for_ticket("POST")
def decline(request: HttpRequest, ticket: Ticket, approval_id: int) -> HttpResponseBase:
    """No."""
    return _answer(request, ticket, approval_id, approved=False)


@for_everybody("GET", "POST")
def answer_by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET shows what the mail said; only POST answers, so no scanner of mails can. `answer`: "approve" or "decline"."""
    vote = vote_of(token)
    form = AnswerForm(request.POST)
    said = request.POST.get("answer", "")
    if vote is None or (request.method == "POST" and (said not in {"approve", "decline"} or not form.is_valid())):
        raise Http404
    if vote.link_seen_at is not None and request.user != vote.person:
        # Others may have read the link (ADR 44): the person answers with a login.
        return redirect_to_login(request.path)
    error = ""
    if request.method == "POST":
        yes, words = said == "approve", form.cleaned_data["words"]
        actor, at = Actor(vote.person, "mail"), timezone.now()
        try:
            answer_approval(actor=actor, at=at, approval=vote.approval, approved=yes, words=words)
        except UnableTo as refusal:
            error = refusal_words(refusal, words)
        vote.refresh_from_db()
    response = render(request, "portal/approval_answer.html", {"page": link_page(vote), "error": error})
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _answer(request: HttpRequest, ticket: Ticket, approval_id: int, *, approved: bool) -> HttpResponseBase:
    rows = Approval.objects.filter(pk=approval_id, ticket=ticket, votes__person=person_of(request))
    approval = rows.exclude(state=Approval.State.WITHDRAWN).first()
    form = AnswerForm(request.POST)
    if approval is None or not form.is_valid():
        raise Http404
    try:
        answer_approval(
            actor=actor_of(request),
            at=timezone.now(),
            approval=approval,
            approved=approved,
            words=form.cleaned_data["words"],
        )
    except UnableTo as error:
        messages.warning(request, refusal_words(error, form.cleaned_data["words"]))
    else:
        messages.success(request, _("You approved the request.") if approved else _("You declined the request."))
    return redirect("portal:card", ticket.desk_id, ticket.key)

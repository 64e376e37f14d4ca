"""Rate a closed ticket, on its card or by a mailed link; GET changes nothing (AB-92)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.texts import text_of
from otklik.people.actor import Actor
from otklik.portal.forms.ticket import RatingForm
from otklik.portal.pages.rating import rating_block
from otklik.portal.secret_pages import sealed
from otklik.portal.view_access import actor_of, for_everybody, for_ticket, person_of
from otklik.portal.views.card import show_card
from otklik.tickets.commands.drafts import Place
from otklik.tickets.commands.rate import rate
from otklik.tickets.models import Draft, Participant, Ticket
from otklik.tickets.ratings import rater_of
from otklik.ui.drafts_after_login import keep_posted, settle_posted
from otklik.ui.refusal_words import refusal_words


@for_ticket("POST")
def rate_on_card(request: HttpRequest, ticket: Ticket) -> HttpResponseBase:
    """Save score and comment; 422 with the comment if there is no score."""
    form = RatingForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Choose a number from 1 to 5."))
        keep_posted(person=person_of(request), at=timezone.now(), place=_place(ticket), post=request.POST)
        return show_card(request, ticket, rated=_typed(form), status=422)
    try:
        rate(actor=actor_of(request), at=timezone.now(), ticket=ticket, **form.cleaned_data)
    except UnableTo as error:
        messages.warning(request, refusal_words(error, form.cleaned_data["words"]))
    else:
        settle_posted(person=person_of(request), at=timezone.now(), place=_place(ticket), post=request.POST)
        messages.success(request, _("Thank you for rating our help."))
    return redirect("portal:card", ticket.desk_id, ticket.key)


@for_everybody("GET", "POST")
def rate_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET: show the scores, with the one in the URL selected.

    POST: save. GET saves nothing, so mail scanners cannot rate.
    """
    rater = rater_of(token)
    if rater is None:
        raise Http404
    if request.method != "POST":
        form = RatingForm(request.GET)
        chosen = form.cleaned_data.get("score", 0) if form.is_valid() or "score" in form.cleaned_data else 0
        return _page(request, rater, chosen=chosen)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _page(request, rater, typed=_typed(form), error=_("Choose a number from 1 to 5."), status=422)
    try:
        rate(actor=Actor(rater.person, "mail"), at=timezone.now(), ticket=rater.ticket, **form.cleaned_data)
    except UnableTo as error:
        return _page(request, rater, error=refusal_words(error, form.cleaned_data["words"]), status=422)
    return _page(request, rater, done=True)


def _place(ticket: Ticket) -> Place:
    return Place(Draft.Kind.RATING, ticket.pk, ticket.pk)


def _typed(refused: RatingForm) -> str:
    return str(refused.cleaned_data.get("words", ""))


def _page(
    request: HttpRequest,
    rater: Participant,
    *,
    chosen: int = 0,
    typed: str = "",
    error: str = "",
    done: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Show only the ticket's key: people with the link may not be allowed to read the ticket."""
    block = rating_block(rater.person, rater.ticket, timezone.now(), chosen=chosen, typed=typed)
    desk = text_of(rater.ticket.desk, "name")
    context = {"key": rater.ticket.key, "desk": desk, "rating": block, "error": error, "done": done}
    return sealed(render(request, "portal/rating.html", context, status=status))

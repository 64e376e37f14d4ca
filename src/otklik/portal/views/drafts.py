"""Save, discard and restore drafts of every composer, including the agents'."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.upload_views import takes_files
from otklik.portal.view_access import for_everybody, login_first, person_of
from otklik.tickets.commands.drafts import Place, keep_draft, restore_draft, throw_draft
from otklik.tickets.drafts import (
    draft_at,
    former_of,
    hand_of,
    kept_files_of,
    page_of,
    place_of,
    typed,
)
from otklik.tickets.models import Draft
from otklik.ui.drafts_in_other_forms import stored_uploads
from otklik.ui.unsaved_side_fields import set_aside

_MOST_ASKED = 20


@for_everybody("GET", "POST")
@takes_files
def drafts(request: HttpRequest) -> HttpResponseBase:
    """POST: save a composer's draft. `draft.act`: "keep", "aside" (as the former text), "discard" or "restore".

    Scripts (X-Draft) get a status line, buttons a redirect to their page. GET returns the state of drafts and a CSRF
    token to scripts. Without a login, scripts get 401; text sent by a button is restored after the login.
    """
    by_script = request.headers.get("X-Draft") == "1"
    if not request.user.is_authenticated:
        return HttpResponse(status=401) if by_script else login_first(request, _page(request))
    if request.method != "POST":
        return _standing(request)
    set_aside(request, page_of(request.POST).partition("?")[0], person_of(request))
    if not by_script and "draft.place" not in request.POST and "draft.page" in request.POST:
        return redirect(_page(request))  # fields without a draft are kept in the session (set_aside)
    place = place_of(person_of(request), request.POST.get("draft.place", ""))
    if place is None:
        raise Http404
    act = request.POST.get("draft.act", "keep")
    draft = _done(request, place, act)
    if not by_script:
        _told(request, act, draft)
        return redirect(_page(request))
    shown = {"at": draft.updated_at if draft and (draft.words or draft.files) else None, "former": former_of(draft)}
    response = render(request, "otklik/_draft_kept.html", {**shown, "restored": False})
    response["X-Draft-Version"] = str(draft.version if draft else 0)
    return response


def _page(request: HttpRequest) -> str:
    """Return the page to redirect to: `to`, or the composer's page."""
    return page_of({"draft.page": request.POST["to"]} if "to" in request.POST else request.POST)


def _standing(request: HttpRequest) -> HttpResponse:
    person, standing = person_of(request), dict[str, object]()
    for place_text in request.GET.getlist("place")[:_MOST_ASKED]:
        place = place_of(person, place_text)
        draft = draft_at(person, place) if place is not None else None
        if draft is not None and (draft.words or draft.files):
            standing[place_text] = {"version": draft.version, "writer": draft.writer}
    return JsonResponse({"csrf": get_token(request), "drafts": standing})


def _done(request: HttpRequest, place: Place, act: str) -> Draft | None:
    person, at, post = person_of(request), timezone.now(), request.POST
    texts, files, by = typed(post, place.kind), kept_files_of(post, person), hand_of(post)
    for name, new_files in stored_uploads(request, person).items():
        files[name] = [*files.get(name, []), *new_files]
    if act == "discard":
        throw_draft(person=person, at=at, place=place, words=texts, files=files, by=by)
    elif act == "restore":
        restore_draft(person=person, at=at, place=place, words=texts, files=files, by=by)
    else:
        older = act == "aside"
        keep_draft(person=person, at=at, place=place, words=texts, files=files, by=by, older=older)
    return draft_at(person, place)


def _told(request: HttpRequest, act: str, draft: Draft | None) -> None:
    if act == "discard":
        messages.success(request, _("The draft is thrown away."))
    elif act == "restore":
        messages.success(request, _("The draft is here again."))
    elif draft is not None and (draft.words or draft.files):
        messages.success(request, _("The draft is kept. You find it here when you come back."))

"""The form of one request type. The same address shows it and takes it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.once import new_nonce, once
from otklik.desks.models import Desk, RequestType
from otklik.portal import drafts
from otklik.portal.entrance import actor_of, desk_or_404, for_persons, person_of
from otklik.portal.forms.ticket import NewRequestForm
from otklik.portal.refusals import refusal_words
from otklik.tickets.commands.base import NewFile, Words
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.models import Ticket
from otklik.tickets.uploads import kept_files


@for_persons("GET", "POST")
def create(request: HttpRequest, desk_id: int, type_id: int, group_id: int = 0) -> HttpResponseBase:
    """GET: the form. POST: the request is opened, or 422 with everything typed kept. Sent twice, opened once."""
    desk = desk_or_404(request, desk_id)
    kind = desk.request_types.filter(pk=type_id, hidden=False).first()
    if kind is None:
        raise Http404
    if request.method != "POST":
        return _page(request, desk, kind, NewRequestForm(initial=_initial(request)))
    form = NewRequestForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, kind, form, status=422)
    try:
        key = _open(request, desk, kind, form)
    except UnableTo as error:
        form.add_error(None, refusal_words(error))
        return _page(request, desk, kind, form, status=422)
    messages.success(request, _("Your request is accepted. Its number is %(key)s.") % {"key": key})
    return redirect("portal:card", desk.pk, key)


def _open(request: HttpRequest, desk: Desk, kind: RequestType, form: NewRequestForm) -> str:
    at, words = timezone.now(), form.cleaned_data
    files = kept_files(words["attachments"])

    def act() -> str:
        return open_ticket(
            actor=actor_of(request),
            at=at,
            desk=desk,
            channel=Ticket.Channel.PORTAL,
            subject=words["summary"],
            words=Words(words["description"]),
            requester=person_of(request),
            request_type=kind,
            files=files,
        ).key

    content = [f"create {kind.pk}", words["summary"], words["description"], *_digests(files)]
    return once(nonce=words["nonce"], owner=person_of(request).pk, content=content, at=at, act=act)


def _digests(files: list[NewFile]) -> list[str]:
    return [f"{file.name} {file.digest}" for file in files]


def _initial(request: HttpRequest) -> dict[str, str]:
    """A draft kept over a login, or words given in the link (`?summary=…`), as Jira takes them."""
    given = {name: request.GET[name] for name in ("summary", "description") if name in request.GET}
    return {**given, **drafts.taken(request, request.path), "nonce": new_nonce()}


def _page(
    request: HttpRequest, desk: Desk, kind: RequestType, form: NewRequestForm, status: int = 200
) -> HttpResponseBase:
    return render(request, "portal/create.html", {"desk": desk, "kind": kind, "form": form}, status=status)

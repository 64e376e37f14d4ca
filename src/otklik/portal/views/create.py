"""Open a ticket by the form of a request type."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.idempotency import new_nonce, once
from otklik.core.upload_views import takes_files
from otklik.desks.access import usable_types
from otklik.desks.models import Desk, RequestType
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.portal.forms.ticket import NewRequestForm
from otklik.portal.pages.create import create_page, request_form, with_draft
from otklik.portal.view_access import actor_of, desk_or_404, for_everybody, login_first, person_of
from otklik.portal.views.anonymous import without_account
from otklik.tickets.commands.drafts import Place
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import written
from otklik.tickets.drafts import draft_at, part_of, typed
from otklik.tickets.models import Draft, Ticket
from otklik.ui.drafts_after_login import bring, keep_posted, settle_posted
from otklik.ui.refusal_words import refusal_words

TEMPLATE = "portal/create.html"


@for_everybody("GET", "POST")
@takes_files
def create(request: HttpRequest, desk_id: int, type_id: int, group_id: int = 0) -> HttpResponseBase:
    """GET: the form.

    POST: open the ticket, once even if it is posted twice; 422 with everything typed if it is refused.
    """
    if not request.user.is_authenticated and not takes_strangers(request, desk_id):
        return login_first(request, request.path)
    desk, kind = desk_and_type(request, desk_id, type_id)
    if not request.user.is_authenticated:
        return without_account(request, desk, kind)
    if request.method != "POST":
        return _empty(request, desk, kind)
    form = request_form(desk, kind, person_of(request), request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, desk, kind, form)
    try:
        key = _open(request, desk, kind, form)
    except UnableTo as error:
        form.add_error(None, refusal_words(error))
        return _refused(request, desk, kind, form)
    messages.success(request, _("Your request is accepted. Its number is %(key)s.") % {"key": key})
    return redirect("portal:card", desk.pk, key)


def takes_strangers(request: HttpRequest, desk_id: int) -> bool:
    """Return whether the desk takes requests without an account. Raises Http404."""
    return desk_or_404(request, desk_id).anonymous


def desk_and_type(request: HttpRequest, desk_id: int, type_id: int) -> tuple[Desk, RequestType]:
    """Return the desk, and its type if the reader may use it on the portal. Raises Http404."""
    desk = desk_or_404(request, desk_id)
    kind = usable_types(request.user, desk).filter(pk=type_id).first()
    if kind is None:
        raise Http404
    return desk, kind


def _place(kind: RequestType) -> Place:
    return Place(Draft.Kind.REQUEST, kind.pk)


def _refused(request: HttpRequest, desk: Desk, kind: RequestType, form: NewRequestForm) -> HttpResponseBase:
    """Show the posted form, which becomes the draft."""
    person, place, post = person_of(request), _place(kind), request.POST
    draft = keep_posted(person=person, at=timezone.now(), place=place, post=post, uploaded=form.kept_files())
    page = create_page(desk, kind, form, part_of(person, place, draft, restored=False))
    return render(request, TEMPLATE, {"page": page}, status=422)


def _empty(request: HttpRequest, desk: Desk, kind: RequestType) -> HttpResponseBase:
    """Show the form with the draft, or text typed before the login, or values from the URL as in Jira."""
    person, place = person_of(request), _place(kind)
    bring(request.session, person=person, at=timezone.now(), page=request.path, place=place)
    draft = draft_at(person, place)
    if draft is not None and (draft.words or draft.files):
        form = with_draft(desk, kind, person, draft, new_nonce())
    else:
        linked = typed(request.GET, place.kind).items()
        prefilled: dict[str, object] = {name: values[0] for name, values in linked if name != "raiseOnBehalfOf"}
        form = request_form(desk, kind, person, initial={**prefilled, "nonce": new_nonce()})
    return render(request, TEMPLATE, {"page": create_page(desk, kind, form, part_of(person, place, draft))})


def _content(_request: HttpRequest, _desk: Desk, kind: RequestType, form: NewRequestForm) -> list[str]:
    answers = repr(sorted(form.kept_answers().items()))
    parts = [form.said("summary"), form.said("description"), answers, _behalf(form)]
    return [f"create {kind.pk}", *parts, *(f"{file.name} {file.digest}" for file in form.sent_files())]


def _behalf(form: NewRequestForm) -> str:
    return str(form.cleaned_data.get("raiseOnBehalfOf") or "")


@once(_content)
def _open(request: HttpRequest, desk: Desk, kind: RequestType, form: NewRequestForm) -> str:
    writer, behalf, at = person_of(request), _behalf(form), timezone.now()
    requester = ensure_person(address=behalf, name="", at=at)[0] if behalf else writer
    ticket = open_ticket(
        actor=actor_of(request),
        at=at,
        desk=desk,
        channel=Ticket.Channel.PORTAL,
        subject=form.said("summary"),
        words=written(form.said("description")),
        requester=requester,
        request_type=kind,
        files=form.sent_files(),
        answers=form.kept_answers(),
        participants=_besides(writer, requester, form),
    )
    settle_posted(person=writer, at=at, place=_place(kind), post=request.POST)
    return ticket.key


def _besides(writer: Person, requester: Person, form: NewRequestForm) -> list[Person]:
    """Return the further participants: whoever asks for a colleague, unless they are staff, who use their queues."""
    return [] if writer == requester or form.asked.is_agent else [writer]

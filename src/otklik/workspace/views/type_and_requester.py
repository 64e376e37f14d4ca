"""Change a ticket's request type or requester."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.desks.models import Field, RequestType
from otklik.desks.queries import form_rows
from otklik.desks.texts import name_of
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.people.queries import typed_address
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.commands.request_type import change_type
from otklik.tickets.commands.requester import RequesterUndo, change_requester, undo_requester_change
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.models import Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.type_and_requester import candidates, type_choices
from otklik.workspace.queries import known_caller
from otklik.workspace.refusals import WorkspaceRefusal
from otklik.workspace.undo_offer import TakeBack, former_requester, offer, signed_off
from otklik.workspace.view_access import actor_of, for_ticket, person_of

TYPE, REQUESTER = "workspace/type.html", "workspace/requester.html"


@for_ticket("GET", "POST")
@takes_files
def type_of(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Choose the ticket's request type. 422 if the change is refused."""
    if request.method != "POST":
        return render(request, TYPE, {"ticket": ticket, "types": type_choices(ticket)})
    wanted = typed_id(request.POST.get("request_type", ""))
    request_type = ticket.desk.request_types.filter(pk=wanted).first()
    try:
        if request_type is None:
            raise UnableTo(WorkspaceRefusal.TYPE_NOT_CHOSEN)
        actor, at = actor_of(request), timezone.now()
        changed = change_type(actor=actor, at=at, ticket=ticket, request_type=request_type, shown=_shown(request))
    except UnableTo as refusal:
        context = {"ticket": ticket, "types": type_choices(ticket), "refusal": refusal_words(refusal)}
        return render(request, TYPE, context, status=422)
    messages.success(
        request, _("Request type: %(name)s.") % {"name": name_of(request_type)} + _open_questions(changed, request_type)
    )
    if ticket.request_type_id not in {None, request_type.pk}:
        offer(request, ticket, _former_type(ticket, request_type))
    return redirect("workspace:ticket", key=ticket.key)


@for_ticket("GET", "POST")
@takes_files
def requester(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Search people and make one the requester. 422 if the change is refused.

    The search is a POST, so that names and numbers do not get into URLs and logs.
    """
    if request.method != "POST":
        return _requester_page(request, ticket)
    if "choose" not in request.POST and "new" not in request.POST:
        return _requester_page(request, ticket)
    try:
        person, undo = _given_back(request, ticket) if "stood" in request.POST else _given(request, ticket)
    except UnableTo as refusal:
        return _requester_page(request, ticket, refusal_words(refusal))
    messages.success(request, _("The requester is %(name)s now.") % {"name": person.staff_name})
    if undo is not None:
        offer(request, ticket, former_requester(ticket, undo))
    return redirect("workspace:ticket", key=ticket.key)


def _former_type(ticket: Ticket, now: RequestType) -> TakeBack:
    return TakeBack(
        reverse("workspace:type", args=[ticket.key]),
        _("The request type was the wrong one?"),
        _("Give the former type back"),
        {"request_type": str(ticket.request_type_id), "before": str(now.pk)},
    )


def _given(request: HttpRequest, ticket: Ticket) -> tuple[Person, RequesterUndo | None]:
    at = timezone.now()
    with transaction.atomic():
        if "new" in request.POST:
            person: Person | None = ensure_person(address=typed_address(request.POST["new"]), name="", at=at)[0]
        else:
            person = known_caller(person_of(request), typed_id(request.POST["choose"]))
        if person is None:
            raise UnableTo(TicketRefusal.PERSON_NOT_CHOSEN)
        undo = change_requester(
            actor=actor_of(request),
            at=at,
            ticket=ticket,
            person=person,
            former_stays="former_leaves" not in request.POST,
            shown=_shown(request),
        )
    return person, undo


def _given_back(request: HttpRequest, ticket: Ticket) -> tuple[Person, None]:
    undo = signed_off(request.POST["stood"])
    undo_requester_change(actor=actor_of(request), at=timezone.now(), ticket=ticket, undo=undo)
    return Person.objects.get(pk=undo.former), None


def _requester_page(request: HttpRequest, ticket: Ticket, refusal: str = "") -> HttpResponse:
    typed = request.POST.get("find", "")
    candidates_shown = candidates(person_of(request), ticket, typed)
    context = {"ticket": ticket, "people": candidates_shown, "typed": typed, "refusal": refusal}
    if request.headers.get("HX-Request"):
        return fragment(REQUESTER, "found", context)
    context["leaves"] = "former_leaves" in request.POST
    return render(request, REQUESTER, context, status=422 if refusal else 200)


def _shown(request: HttpRequest) -> Shown | None:
    """Return the row that the page showed; None if a script omitted `before`."""
    before = request.POST.get("before")
    return None if before is None else Shown(typed_id(before) or None)


def _open_questions(ticket: Ticket, kind: RequestType) -> str:
    """Return a sentence with the new form's required fields that have no answer yet; "" for none."""
    rows = [field for field in form_rows(kind) if _wanted(field) and field.key not in ticket.answers]
    labels = ", ".join(label_of(field) for field in rows)
    return " " + _("Its form also asks: %(labels)s.") % {"labels": labels} if labels else ""


def _wanted(field: Field) -> bool:
    asked = field.required and not field.conditions
    return asked and not (field.built_in or field.hidden or field.archived or field.kind == Field.Kind.ATTACHMENT)

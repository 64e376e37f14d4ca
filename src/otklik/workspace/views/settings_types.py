"""Settings: request types and their groups. Each act has its own URL and works without JavaScript."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.desks.commands import forms as commands
from otklik.desks.models import Desk, RequestType, TypeGroup
from otklik.people.commands.persons import ensure_person
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.archive import wants_archived
from otklik.workspace.forms.request_types import GroupForm, TypeForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.allowed_people import allowed, chosen_in
from otklik.workspace.pages.types import group_rows, type_rows
from otklik.workspace.view_access import actor_of, for_leads, person_of
from otklik.workspace.views.settings import show_settings

TYPES, GROUPS = "settings_types", "settings_groups"


@for_leads("GET")
def types(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every request type in order, archived ones last."""
    return show_settings(request, desk, TYPES, "workspace/settings/types.html", rows=type_rows(desk))


@for_leads("GET", "POST")
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add a request type."""
    form = TypeForm(desk, request.POST or None)

    def act() -> HttpResponse:
        with transaction.atomic():
            values = form.values(_known)
            request_type = commands.add_type(actor=actor_of(request), at=timezone.now(), desk=desk, values=values)
        messages.success(request, _("The request type is added. Now see what its form asks."))
        return redirect("workspace:settings_form", key=desk.key, type_id=request_type.pk)

    return _type_edited(request, desk, None, form, act)


@for_leads("GET", "POST")
def edit(request: HttpRequest, desk: Desk, type_id: int) -> HttpResponse:
    """Edit a request type."""
    request_type = type_or_404(desk, type_id)
    form = TypeForm(desk, request.POST or None, kind=request_type)

    def act() -> HttpResponse:
        with transaction.atomic():
            values = form.values(_known)
            commands.change_type(actor=actor_of(request), at=timezone.now(), request_type=request_type, values=values)
        messages.success(request, _("The request type is saved."))
        return redirect("workspace:settings_types", key=desk.key)

    return _type_edited(request, desk, request_type, form, act)


@for_leads("POST")
def allow(request: HttpRequest, desk: Desk, type_id: int) -> HttpResponse:
    """Search people and organisations for the type (0: a new one), or add a chosen one to the form. Writes nothing.

    A POST, so that names and numbers do not get into URLs and logs, and everything typed is kept.
    """
    return _allowing(request, desk, type_or_404(desk, type_id) if type_id else None)


def _allowing(request: HttpRequest, desk: Desk, request_type: RequestType | None) -> HttpResponse:
    data, chosen = chosen_in(person_of(request), request.POST)
    form = TypeForm(desk, data, kind=request_type)
    # The form is not submitted yet, so errors would be premature.
    form.errors.clear()
    form.fields["find"].widget.attrs["autofocus"] = True
    allowed_people = allowed(person_of(request), desk, request_type, form, chosen)
    if request.headers.get("HX-Request"):
        part = "allowed" if chosen else "found"
        return fragment("workspace/settings/type.html", part, {"form": form, "allowed": allowed_people})
    return show_settings(
        request, desk, TYPES, "workspace/settings/type.html", form=form, kind=request_type, allowed=allowed_people
    )


@for_leads("POST")
def archive(request: HttpRequest, desk: Desk, type_id: int) -> HttpResponse:
    """Archive a type, or restore it."""
    request_type = type_or_404(desk, type_id)
    wanted = wants_archived(request.POST, is_archived=request_type.archived)
    commands.change_type(
        actor=actor_of(request), at=timezone.now(), request_type=request_type, values={"archived": wanted}
    )
    messages.success(request, _("It is out of use now.") if wanted else _("The request type is in use again."))
    return redirect("workspace:settings_types", key=desk.key)


@for_leads("POST")
def order(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Set the order of the types."""
    ids = list(desk.request_types.order_by("position", "id").values_list("pk", flat=True))
    commands.order_types(actor=actor_of(request), at=timezone.now(), desk=desk, order=wanted_order(request, ids))
    return back_or_nothing(request, "workspace:settings_types", key=desk.key)


@for_leads("GET")
def groups(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the groups with their types."""
    return show_settings(request, desk, GROUPS, "workspace/settings/groups.html", rows=group_rows(desk))


@for_leads("GET", "POST")
def add_group(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add a group."""
    form = GroupForm(desk, request.POST or None)

    def act() -> HttpResponse:
        commands.add_group(actor=actor_of(request), at=timezone.now(), desk=desk, values=form.values())
        messages.success(request, _("The group is added."))
        return redirect("workspace:settings_groups", key=desk.key)

    return _edited(request, desk, form, act, {"group": None}, "group", GROUPS)


@for_leads("GET", "POST")
def group(request: HttpRequest, desk: Desk, group_id: int) -> HttpResponse:
    """Edit name and types of a group."""
    stored = TypeGroup.objects.filter(desk=desk, pk=group_id).first()
    if stored is None:
        raise Http404
    form = GroupForm(desk, request.POST or None, group=stored)

    def act() -> HttpResponse:
        commands.change_group(actor=actor_of(request), at=timezone.now(), group=stored, values=form.values())
        messages.success(request, _("The group is saved."))
        return redirect("workspace:settings_groups", key=desk.key)

    return _edited(request, desk, form, act, {"group": stored}, "group", GROUPS)


@for_leads("POST")
def order_groups(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Set the order of the groups."""
    ids = list(desk.groups.order_by("position", "id").values_list("pk", flat=True))
    commands.order_groups(actor=actor_of(request), at=timezone.now(), desk=desk, order=wanted_order(request, ids))
    return back_or_nothing(request, "workspace:settings_groups", key=desk.key)


def _known(address: str) -> int:
    """Return the id of the person with this address; an unknown person is created."""
    return ensure_person(address=address, name="", at=timezone.now())[0].pk


def type_or_404(desk: Desk, type_id: int) -> RequestType:
    """Return the desk's request type. Raises Http404."""
    request_type = RequestType.objects.select_related("desk").filter(desk=desk, pk=type_id).first()
    if request_type is None:
        raise Http404
    return request_type


def wanted_order(request: HttpRequest, ids: Sequence[int]) -> list[int]:
    """Return the posted order of `ids`: all of them in `order` after dragging, or one to move `up` or `down` by a
    button."""
    dragged = request.POST.getlist("order")
    if dragged:
        return [typed_id(pk) for pk in dragged]
    up = request.POST.get("up", "")
    return commands.moved(ids, typed_id(up or request.POST.get("down", "")), -1 if up else 1)


def back_or_nothing(request: HttpRequest, name: str, **arguments: Any) -> HttpResponse:
    """Redirect to the page; 204 for a script that has moved the rows itself."""
    return HttpResponse(status=204) if request.POST.getlist("order") else redirect(name, **arguments)


def _type_edited(
    request: HttpRequest, desk: Desk, request_type: RequestType | None, form: TypeForm, act: Callable[[], HttpResponse]
) -> HttpResponse:
    """`_edited` for a type. Enter in the search box searches instead of saving."""
    if "enter" in request.POST and request.POST.get("find"):
        return _allowing(request, desk, request_type)
    context = {"kind": request_type, "allowed": allowed(person_of(request), desk, request_type, form)}
    return _edited(request, desk, form, act, context)


def _edited(
    request: HttpRequest,
    desk: Desk,
    form: forms.Form,
    act: Callable[[], HttpResponse],
    context: dict[str, Any],
    name: str = "type",
    tab: str = TYPES,
) -> HttpResponse:
    """Render the form, or save a valid one with `act`. 422 with everything typed if it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            return act()
        except UnableTo as refusal:
            form.add_error("name", refusal_words(refusal))
    status = 422 if request.method == "POST" else 200
    return show_settings(request, desk, tab, f"workspace/settings/{name}.html", status=status, form=form, **context)

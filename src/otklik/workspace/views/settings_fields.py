"""Settings: the fields of a request type's form, and their order."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.commands import forms as commands
from otklik.desks.models import SUMMARY, Desk, Field, RequestType
from otklik.desks.queries import form_rows, known_fields
from otklik.tickets.answers.form import AnswersForm, rows_in_form
from otklik.tickets.answers.respondent import Asked
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.archive import wants_archived
from otklik.workspace.forms.fields import AddFieldForm, FieldForm, KnownFieldForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.types import field_rows
from otklik.workspace.view_access import actor_of, for_leads, person_of
from otklik.workspace.views.settings import show_settings
from otklik.workspace.views.settings_types import TYPES, back_or_nothing, type_or_404, wanted_order

FIELD = "workspace/settings/field.html"


@for_leads("GET")
def fields(request: HttpRequest, desk: Desk, type_id: int) -> HttpResponse:
    """List the form's fields in order, with a preview of the form."""
    return _form_page(request, desk, type_or_404(desk, type_id), AddFieldForm())


@for_leads("POST")
def add(request: HttpRequest, desk: Desk, type_id: int) -> HttpResponse:
    """Add a field; its own page asks for the rest."""
    kind = type_or_404(desk, type_id)
    form = AddFieldForm(request.POST)
    if not form.is_valid():
        return _form_page(request, desk, kind, form, status=422)
    field = commands.add_field(actor=actor_of(request), at=timezone.now(), request_type=kind, **form.cleaned_data)
    messages.success(request, _("The field is added."))
    return redirect("workspace:settings_field", key=desk.key, type_id=kind.pk, field_id=field.pk)


@for_leads("POST")
def add_known(request: HttpRequest, desk: Desk, type_id: int) -> HttpResponse:
    """Add a field of another form to this one."""
    kind = type_or_404(desk, type_id)
    known = known_fields(kind)
    form = KnownFieldForm(known, request.POST)
    if not form.is_valid():
        return _form_page(request, desk, kind, AddFieldForm(), known=form, status=422)
    custom = next(custom for custom in known if str(custom.pk) == form.cleaned_data["custom"])
    try:
        commands.add_known_field(actor=actor_of(request), at=timezone.now(), request_type=kind, custom=custom)
    except UnableTo as refusal:
        form.add_error("custom", refusal_words(refusal))
        return _form_page(request, desk, kind, AddFieldForm(), known=form, status=422)
    messages.success(request, _("The field is added."))
    return redirect("workspace:settings_form", key=desk.key, type_id=kind.pk)


@for_leads("GET", "POST")
def edit(request: HttpRequest, desk: Desk, type_id: int, field_id: int) -> HttpResponse:
    """Edit a field: label, help, options, limits, conditions."""
    kind = type_or_404(desk, type_id)
    field = _field_or_404(kind, field_id)
    others = [field for field in form_rows(kind) if not field.archived]
    form = FieldForm(desk, field, others, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        commands.change_field(actor=actor_of(request), at=timezone.now(), field=field, values=form.values())
        messages.success(request, _("The field is saved."))
        return redirect("workspace:settings_form", key=desk.key, type_id=kind.pk)
    status = 422 if request.method == "POST" else 200
    return _field_page(request, desk, field, form, status=status)


@for_leads("POST")
def conditions(request: HttpRequest, desk: Desk, type_id: int, field_id: int) -> HttpResponse:
    """Render the rows of «ask only if» for the fields chosen in them.

    A POST that writes nothing, so that everything typed is kept.
    """
    kind = type_or_404(desk, type_id)
    field = _field_or_404(kind, field_id)
    form = FieldForm(desk, field, [field for field in form_rows(kind) if not field.archived], request.POST)
    form.errors.clear()
    if request.headers.get("HX-Request"):
        return fragment(FIELD, "conditions", _field_context(desk, field, form))
    return _field_page(request, desk, field, form)


def _field_page(request: HttpRequest, desk: Desk, field: Field, form: FieldForm, *, status: int = 200) -> HttpResponse:
    plain = [form[name] for name in form.fields if not name.startswith(("label", "help", "when_"))]
    context = {**_field_context(desk, field, form), "kind": field.request_type, "row": field, "plain": plain}
    return show_settings(request, desk, TYPES, FIELD, status=status, **context)


def _field_context(desk: Desk, field: Field, form: FieldForm) -> dict[str, object]:
    address = reverse("workspace:settings_conditions", args=[desk.key, field.request_type_id, field.pk])
    return {"form": form, "conditions": form.condition_rows(), "conditions_url": address}


@for_leads("POST")
def archive(request: HttpRequest, desk: Desk, type_id: int, field_id: int) -> HttpResponse:
    """Archive a field of the form, or restore it; given answers stay."""
    kind = type_or_404(desk, type_id)
    field = _field_or_404(kind, field_id)
    if field.key == SUMMARY:
        messages.error(request, _("Every request needs a subject: this field stays."))
    else:
        wanted = wants_archived(request.POST, is_archived=field.archived)
        commands.change_field(actor=actor_of(request), at=timezone.now(), field=field, values={"archived": wanted})
        messages.success(request, _("The field is removed.") if wanted else _("The field is in the form again."))
    return redirect("workspace:settings_form", key=desk.key, type_id=kind.pk)


@for_leads("POST")
def order(request: HttpRequest, desk: Desk, type_id: int) -> HttpResponse:
    """Set the order of the fields."""
    kind = type_or_404(desk, type_id)
    ids = [field.pk for field in form_rows(kind) if not field.archived]
    commands.order_fields(
        actor=actor_of(request), at=timezone.now(), request_type=kind, order=wanted_order(request, ids)
    )
    return back_or_nothing(request, "workspace:settings_form", key=desk.key, type_id=kind.pk)


def _form_page(
    request: HttpRequest,
    desk: Desk,
    kind: RequestType,
    form: AddFieldForm,
    *,
    known: KnownFieldForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = form_rows(kind)
    preview = AnswersForm(rows_in_form(rows), Asked(person_of(request), is_agent=True), auto_id="preview_%s")
    return show_settings(
        request,
        desk,
        TYPES,
        "workspace/settings/form.html",
        status=status,
        kind=kind,
        rows=field_rows(desk, kind, rows),
        form=form,
        known=known or KnownFieldForm(known_fields(kind)),
        parts=preview.parts(),
    )


def _field_or_404(kind: RequestType, field_id: int) -> Field:
    field = Field.objects.select_related("request_type__desk").filter(request_type=kind, pk=field_id).first()
    if field is None:
        raise Http404
    return field

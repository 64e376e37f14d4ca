"""Set a ticket's due date, labels and resolution, each by its own form beside the ticket.

Each change checks the value that the page had shown (`before`), and its notice offers undo.
"""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.date_inputs import day_typed
from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.desks.models import Resolution
from otklik.desks.texts import name_of
from otklik.tickets.commands.properties import change_due, change_labels, change_resolution
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words, with_typed
from otklik.workspace.forms.panel import DueForm, LabelsForm, ResolutionForm
from otklik.workspace.pages.action_result import Note
from otklik.workspace.view_access import actor_of, for_ticket
from otklik.workspace.views.panel_response import answered, not_done, undo_of


@for_ticket("POST")
@takes_files
def due(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Set the due date; an empty one clears it."""
    form, typed = DueForm(request.POST), request.POST.get("due", "")
    if not form.is_valid():
        return not_done(request, ticket, "due", with_typed(_("This is no day."), typed))
    wanted, actor, at = form.cleaned_data["due"], actor_of(request), timezone.now()
    shown = Shown(form.cleaned_data["before"]) if "before" in request.POST else None
    try:
        change_due(actor=actor, at=at, ticket=ticket, due=wanted, shown=shown)
    except UnableTo as refusal:
        return not_done(request, ticket, "due", refusal_words(refusal, typed))
    sentence = _("Due by %(day)s.") % {"day": day_typed(wanted)} if wanted else _("No due date.")
    undo = undo_of(request, ticket, "due", "due", *(day.isoformat() if day else "" for day in (ticket.due, wanted)))
    return answered(request, ticket, Note("due", sentence, undo=undo))


@for_ticket("POST")
@takes_files
def resolution(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Change the resolution of a closed ticket."""
    form = ResolutionForm(request.POST)
    chosen = Resolution.objects.filter(pk=form.cleaned_data["resolution"]).first() if form.is_valid() else None
    if chosen is None:
        return not_done(request, ticket, "resolution", _("Choose a resolution from the list."))
    actor, at, before = actor_of(request), timezone.now(), request.POST.get("before")
    shown = None if before is None else Shown(typed_id(before) or None)
    try:
        change_resolution(actor=actor, at=at, ticket=ticket, resolution=chosen, shown=shown)
    except UnableTo as refusal:
        return not_done(request, ticket, "resolution", refusal_words(refusal))
    sentence = _("Resolution: %(name)s.") % {"name": name_of(chosen)}
    undo = undo_of(request, ticket, "resolution", "resolution", str(ticket.resolution_id or ""), str(chosen.pk))
    return answered(request, ticket, Note("resolution", sentence, undo=undo if ticket.resolution_id else None))


@for_ticket("POST")
@takes_files
def labels(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Replace the ticket's labels with those typed."""
    typed, before = request.POST.get("labels", ""), request.POST.get("before", "").split()
    # An undo sends the labels as they were, so all of them count as known.
    known = typed.split() if "undo" in request.POST else [*ticket.labels, *before]
    form = LabelsForm(request.POST, known=known)
    if not form.is_valid():
        errors = " ".join(map(str, form.errors["labels"]))
        return not_done(request, ticket, "labels", with_typed(errors, typed))
    wanted, actor, at = form.cleaned_data["labels"], actor_of(request), timezone.now()
    shown = Shown(tuple(before)) if "before" in request.POST else None
    try:
        changed = change_labels(actor=actor, at=at, ticket=ticket, labels=wanted, shown=shown)
    except UnableTo as refusal:
        return not_done(request, ticket, "labels", refusal_words(refusal, typed))
    sentence = _("Labels: %(labels)s.") % {"labels": ", ".join(changed.labels)} if changed.labels else _("No labels.")
    undo = undo_of(request, ticket, "labels", "labels", " ".join(ticket.labels), " ".join(changed.labels))
    return answered(request, ticket, Note("labels", sentence, undo=undo))

"""Change a ticket's assignee, priority and subject, each by its own form."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.desks.access import agents_of
from otklik.desks.texts import name_of
from otklik.people.models import Person
from otklik.tickets.commands.fields import assign as assign_ticket
from otklik.tickets.commands.fields import change_priority, change_subject
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words, with_typed
from otklik.ui.unsaved_side_fields import wait_still
from otklik.workspace.forms.panel import AssignForm, PriorityForm, SubjectForm
from otklik.workspace.pages.action_result import Note
from otklik.workspace.view_access import actor_of, for_ticket, person_of
from otklik.workspace.views.panel_response import answered, not_done, undo_of


@for_ticket("POST")
@takes_files
def assign(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Give the ticket to a member of the desk or to nobody."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        return not_done(request, ticket, "assignee", _("Choose somebody who works at this desk."))
    wanted = form.cleaned_data["assignee"]
    chosen = agents_of(ticket.desk).filter(pk=wanted).first() if wanted else None
    if wanted and chosen is None:
        return not_done(request, ticket, "assignee", _("Choose somebody who works at this desk."))
    return _assigned(request, ticket, chosen)


@for_ticket("POST")
@takes_files
def take(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Assign the ticket to whoever presses the button."""
    return _assigned(request, ticket, person_of(request))


@for_ticket("POST")
@takes_files
def priority(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Set the ticket's priority, unless it changed since the page was shown."""
    form = PriorityForm(request.POST)
    chosen = ticket.desk.priorities.filter(pk=form.cleaned_data["priority"]).first() if form.is_valid() else None
    if chosen is None:
        return not_done(request, ticket, "priority", _("Choose a priority of this desk."))
    try:
        change_priority(
            actor=actor_of(request), at=timezone.now(), ticket=ticket, priority=chosen, shown=_shown_id(request)
        )
    except UnableTo as refusal:
        return not_done(request, ticket, "priority", refusal_words(refusal))
    notice = _("Priority: %(name)s.") % {"name": name_of(chosen)}
    undo = undo_of(request, ticket, "priority", "priority", str(ticket.priority_id), str(chosen.pk))
    return answered(request, ticket, Note("priority", notice, undo=undo))


@for_ticket("POST")
def subject(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Change the subject."""
    form = SubjectForm(request.POST)
    if not form.is_valid():
        typed = request.POST.get("subject", "")
        notice = " ".join(map(str, form.errors["subject"])) if typed.strip() else _("A request needs a subject.")
        return _subject_refused(request, ticket, with_typed(notice, typed))
    wanted, before = form.cleaned_data["subject"], request.POST.get("before")
    shown = None if before is None else Shown(before)
    try:
        change_subject(actor=actor_of(request), at=timezone.now(), ticket=ticket, subject=wanted, shown=shown)
    except UnableTo as refusal:
        return _subject_refused(request, ticket, refusal_words(refusal, wanted))
    return redirect("workspace:ticket", key=ticket.key)


def _subject_refused(request: HttpRequest, ticket: Ticket, message: str) -> HttpResponse:
    wait_still(request, person_of(request), reverse("workspace:ticket", args=[ticket.key]), "subject")
    return _refused(request, ticket, message)


def _assigned(request: HttpRequest, ticket: Ticket, chosen: Person | None) -> HttpResponse:
    try:
        assign_ticket(
            actor=actor_of(request), at=timezone.now(), ticket=ticket, assignee=chosen, shown=_shown_id(request)
        )
    except UnableTo as refusal:
        return not_done(request, ticket, "assignee", refusal_words(refusal))
    notice = _("Assignee: %(name)s.") % {"name": chosen.display_name if chosen else _("nobody")}
    undo = undo_of(
        request, ticket, "assign", "assignee", str(ticket.assignee_id or ""), str(chosen.pk if chosen else "")
    )
    return answered(request, ticket, Note("assignee", notice, undo=undo))


def _shown_id(request: HttpRequest) -> Shown | None:
    """Return the id that the page showed, None inside for nobody; None if a script omitted `before`."""
    before = request.POST.get("before")
    return None if before is None else Shown(typed_id(before) or None)


def _refused(request: HttpRequest, ticket: Ticket, message: str) -> HttpResponse:
    messages.error(request, message)
    return redirect("workspace:ticket", key=ticket.key)

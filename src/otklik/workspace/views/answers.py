"""Edit the answers to a ticket's request form."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.desks.models import Field
from otklik.tickets.answers.display import fields_of
from otklik.tickets.answers.form import AnswersForm
from otklik.tickets.answers.respondent import Asked
from otklik.tickets.commands.answers import change_answers
from otklik.tickets.models import Ticket
from otklik.tickets.timeline import events_of
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("GET", "POST")
def answers(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """GET: the form with the present answers. POST: save changed answers.

    422 if an answer is invalid; 409 if somebody else changed answers after the form was shown.
    """
    form = _form(request, ticket)
    if request.method != "POST" or not form.is_valid():
        return _show(request, ticket, form, status=422 if form.is_bound else 200)
    seen = typed_id(request.POST["seen"]) if "seen" in request.POST else None
    emptied: dict[str, Any] = {field.key: None for field in form.rows if field.key in form.wanted}
    try:
        change_answers(
            actor=actor_of(request),
            at=timezone.now(),
            ticket=ticket,
            answers={**emptied, **form.kept_answers()},
            seen=seen,
        )
    except UnableTo as refusal:
        form.add_error(None, refusal_words(refusal))
        return _show(request, ticket, form, status=409)
    messages.success(request, _("The answers are saved."))
    return redirect("workspace:ticket", key=ticket.key)


def _show(request: HttpRequest, ticket: Ticket, form: AnswersForm, *, status: int) -> HttpResponse:
    last = events_of(ticket).values_list("id", flat=True).last()
    context = {"ticket": ticket, "form": form, "parts": form.parts(), "seen": last or 0}
    return render(request, "workspace/answers.html", context, status=status)


def _form(request: HttpRequest, ticket: Ticket) -> AnswersForm:
    rows = [_for_staff(field) for field in fields_of(ticket) if _may_change(field, ticket)]
    asked = Asked(person_of(request), is_agent=True)
    data = request.POST if request.method == "POST" else None
    return AnswersForm(rows, asked, data, answers=ticket.answers)


def _may_change(field: Field, ticket: Ticket) -> bool:
    shown = not field.archived or field.key in ticket.answers
    return shown and not field.built_in and field.kind != Field.Kind.ATTACHMENT


def _for_staff(field: Field) -> Field:
    """Return a copy of the field for staff: preset fields are shown, none is required."""
    copied = copy(field)
    copied.hidden, copied.required = False, False
    return copied

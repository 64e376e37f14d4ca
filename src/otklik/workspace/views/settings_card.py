"""The settings tab «Оценки и согласования»."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.desks.commands.ticket_card import CardSettings, change_card
from otklik.desks.models import Desk
from otklik.tickets.ratings import average_of
from otklik.workspace.forms.ticket_card_settings import CardForm
from otklik.workspace.view_access import actor_of, for_leads
from otklik.workspace.views.settings import show_settings

TEMPLATE = "workspace/settings/card.html"


@for_leads("GET", "POST")
def card(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Edit the settings of corrections, ratings and approvals; shows the average rating."""
    at = timezone.now()
    form = CardForm(desk, request.POST) if request.method == "POST" else CardForm(desk)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        average = average_of(desk, at)
        return show_settings(request, desk, "settings_card", TEMPLATE, status=status, form=form, average=average)
    cleaned = form.cleaned_data
    wanted = CardSettings(
        edit_minutes=cleaned["edit_minutes"],
        rating_days=cleaned["rating_days"],
        approval_reminder_days=cleaned["approval_reminder_days"],
        approval_links=cleaned["approval_links"],
        approved=form.chosen("approved"),
        declined=form.chosen("declined"),
    )
    changed = change_card(actor=actor_of(request), at=at, desk=desk, wanted=wanted)
    messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
    return redirect("workspace:settings_card", key=desk.key)

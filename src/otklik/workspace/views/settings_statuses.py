"""The settings tab «Статусы»: transitions, and the resolutions that closing ones give."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.commands.resolutions import change_resolutions
from otklik.desks.models import Desk
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.statuses import ResolutionsForm
from otklik.workspace.pages.desk_overview import steps_of
from otklik.workspace.view_access import actor_of, for_leads
from otklik.workspace.views.settings import show_settings

TEMPLATE = "workspace/settings/statuses.html"


@for_leads("GET", "POST")
def statuses(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List statuses with their transitions, and edit the resolutions that closing transitions set."""
    form = ResolutionsForm(desk, request.POST) if request.method == "POST" else ResolutionsForm(desk)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_resolutions(actor=actor_of(request), at=timezone.now(), desk=desk, wanted=form.wanted())
            messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
            return redirect("workspace:settings_statuses", key=desk.key)
        except UnableTo as refusal:
            form.add_error(None, refusal_words(refusal))
    status = 422 if request.method == "POST" else 200
    return show_settings(
        request, desk, "settings_statuses", TEMPLATE, status=status, form=form, statuses=steps_of(desk)
    )

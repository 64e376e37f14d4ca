"""Settings: the portal's colours and logo."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.desks.commands.settings import change_desk
from otklik.desks.models import Desk
from otklik.tickets.uploads import kept_files
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.portal_look import LookForm
from otklik.workspace.view_access import actor_of, for_leads
from otklik.workspace.views.settings import show_settings


@for_leads("GET", "POST")
@takes_files
def look(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Edit logo and colours. 422 if a colour has too little contrast or the file is no picture."""
    form = LookForm(desk, request.POST or None, request.FILES or None) if request.method == "POST" else LookForm(desk)
    if request.method == "POST" and form.is_valid():
        try:
            change_desk(actor=actor_of(request), at=timezone.now(), desk=desk, values=_values(form))
            messages.success(request, _("The settings are saved."))
            return redirect("workspace:settings_look", key=desk.key)
        except UnableTo as refusal:
            form.add_error(None, refusal_words(refusal))
    status = 422 if request.method == "POST" else 200
    return show_settings(request, desk, "settings_look", "workspace/settings/look.html", status=status, form=form)


def _values(form: LookForm) -> dict[str, Any]:
    cleaned = form.cleaned_data
    values: dict[str, Any] = {name: cleaned[name] for name in ("banner_color", "accent_color")}
    if cleaned["logo"] is not None:
        values["logo_digest"] = kept_files([cleaned["logo"]])[0].digest
    elif cleaned.get("no_logo"):
        values["logo_digest"] = ""
    return values

"""The settings of a desk: the tab «Общее», the history of changes, taking one back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.commands.settings import change_desk
from otklik.desks.commands.settings import undo as undo_change
from otklik.desks.models import Desk
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.settings import GeneralForm
from otklik.workspace.pages.desk_overview import overview_page
from otklik.workspace.pages.settings import history_page, settings_frame
from otklik.workspace.view_access import actor_of, for_leads


@for_leads("GET", "POST")
def general(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Edit the general settings. 422 with everything typed if it is refused."""
    if request.method != "POST":
        return show_settings(
            request, desk, "settings", "workspace/settings/general.html", form=GeneralForm(instance=desk)
        )
    # A separate instance, because a refused form would change the desk that the page shows.
    form = GeneralForm(request.POST, instance=Desk(pk=desk.pk, key=desk.key, created_at=desk.created_at))
    if not form.is_valid():
        return show_settings(request, desk, "settings", "workspace/settings/general.html", status=422, form=form)
    changed = change_desk(actor=actor_of(request), at=timezone.now(), desk=desk, values=form.values())
    messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
    return redirect("workspace:settings", key=desk.key)


@for_leads("GET")
def history(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the history of the desk's settings, newest change first."""
    typed = request.GET.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1
    page = history_page(desk, number=number)
    return show_settings(request, desk, "settings_history", "workspace/settings/history.html", page=page)


@for_leads("GET")
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show members, mailboxes, queues and statuses."""
    template = "workspace/settings/overview.html"
    return show_settings(request, desk, "settings_overview", template, page=overview_page(desk))


@for_leads("POST")
def undo(request: HttpRequest, desk: Desk, event_id: int) -> HttpResponse:
    """Undo one change, and return to the history."""
    try:
        undo_change(actor=actor_of(request), at=timezone.now(), desk=desk, event_id=event_id)
        messages.success(request, _("The change is taken back."))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("workspace:settings_history", key=desk.key)


def show_settings(
    request: HttpRequest, desk: Desk, tab: str, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Render a page of the settings under its tab; `tab` is a name of pages.settings.TABS."""
    context = {**context, "settings": settings_frame(desk, tab)}
    return render(request, template, context, status=status)

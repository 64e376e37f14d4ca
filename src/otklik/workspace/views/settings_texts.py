"""Settings: translations of the portal's texts, and the help center's announcement."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.desks.commands.help_center import change_center, take_center_back, words_before
from otklik.desks.commands.settings import change_desk
from otklik.desks.commands.translations import change_names
from otklik.desks.models import Center, Desk
from otklik.workspace.forms.portal_texts import CenterForm, NamesForm, TextsForm
from otklik.workspace.view_access import actor_of, for_admins, for_agents, for_leads, person_of
from otklik.workspace.views.settings import show_settings


@for_leads("GET", "POST")
def texts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Edit the portal's texts in all languages."""
    form = TextsForm(desk, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        changed = change_desk(actor=actor_of(request), at=timezone.now(), desk=desk, values=form.values())
        messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
        return redirect("workspace:settings_texts", key=desk.key)
    return _texts_page(request, desk, form, NamesForm(desk))


@for_leads("POST")
def names(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Edit names of statuses, transitions, priorities, queues, ... in other languages."""
    form = NamesForm(desk, request.POST)
    if form.is_valid():
        changed = change_names(actor=actor_of(request), at=timezone.now(), desk=desk, texts=form.texts())
        messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
        return redirect("workspace:settings_texts", key=desk.key)
    return _texts_page(request, desk, TextsForm(desk), form)


def _texts_page(request: HttpRequest, desk: Desk, form: TextsForm, named: NamesForm) -> HttpResponse:
    return show_settings(
        request,
        desk,
        "settings_texts",
        "workspace/settings/texts.html",
        status=422 if form.errors or named.errors else 200,
        form=form,
        named=named,
    )


@for_agents("GET", "POST")
def center(request: HttpRequest) -> HttpResponse:
    """Edit the help centre's announcement. 404 unless the person is a site administrator."""
    if not person_of(request).is_admin:
        raise Http404
    stored = Center.objects.filter(pk=1).first() or Center(pk=1)
    form = CenterForm(stored, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        announcement = form.cleaned_data["announcement"].replace("\r\n", "\n")
        change_center(actor=actor_of(request), at=timezone.now(), announcement=announcement, texts=form.texts())
        messages.success(request, _("The settings are saved."))
        return redirect("workspace:center")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "before": words_before()}
    return render(request, "workspace/settings/center.html", context, status=status)


@for_admins("POST")
def center_back(request: HttpRequest) -> HttpResponse:
    """Restore the former announcement."""
    done = take_center_back(actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The former announcement is back.") if done else _("Nothing was changed."))
    return redirect("workspace:center")

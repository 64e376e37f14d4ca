"""«Мои данные»: download an archive of one's data, or ask for erasure."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.commands.own_data import ask_for_erasure, ask_for_export, take_erasure_back
from otklik.people.models import DataExport, ErasureRequest
from otklik.portal.pages.profile import tabs
from otklik.portal.reauthentication import needs_recent_login
from otklik.portal.view_access import actor_of, for_persons, person_of
from otklik.ui.downloads import stored_file
from otklik.ui.refusal_words import refusal_words


@for_persons("GET")
def own_data(request: HttpRequest) -> HttpResponseBase:
    """Show the state of the export and of the erasure request."""
    person = person_of(request)
    context = {
        "person": person,
        "tabs": tabs("own_data"),
        "export": DataExport.objects.filter(person=person).first(),
        "erasure": ErasureRequest.objects.filter(person=person, done_at=None).first(),
    }
    return render(request, "portal/own_data.html", context)


@for_persons("POST")
@needs_recent_login
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask for an archive of one's data."""
    try:
        ask_for_export(actor=actor_of(request), at=timezone.now(), person=person_of(request))
        messages.success(request, _("Your data are being collected. A mail will tell when the archive is ready."))
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    return redirect("portal:own_data")


@for_persons("GET")
@needs_recent_login
def download(request: HttpRequest) -> HttpResponseBase:
    """Return the archive, only to its person."""
    stored = DataExport.objects.filter(person=person_of(request), expires_at__gt=timezone.now()).first()
    if stored is None:
        raise Http404
    return stored_file(request, digest=stored.digest, name="otklik-data.zip")


@for_persons("POST")
@needs_recent_login
def erasure(request: HttpRequest) -> HttpResponseBase:
    """Ask for erasure of one's data. The reader confirms by typing their primary address."""
    person = person_of(request)
    if request.POST.get("address", "").strip().lower() != (person.email or "").lower():
        messages.warning(request, _("Type your main address exactly to confirm."))
        return redirect("portal:own_data")
    ask_for_erasure(actor=actor_of(request), at=timezone.now(), person=person)
    messages.success(request, _("Your wish is noted. For three days you can take it back here."))
    return redirect("portal:own_data")


@for_persons("POST")
def keep(request: HttpRequest) -> HttpResponseBase:
    """Cancel the erasure request."""
    try:
        take_erasure_back(actor=actor_of(request), at=timezone.now(), person=person_of(request))
        messages.success(request, _("Your data stay."))
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    return redirect("portal:own_data")

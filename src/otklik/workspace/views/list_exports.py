"""Export ticket lists as files: request one, follow its progress, download and remove it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.tickets.commands.list_export import ask_for_list_export, drop_list_export
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.models import ListExport
from otklik.ui.downloads import stored_file
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.desk_context import standing
from otklik.workspace.pages.list_exports import asked_file, files_page, is_theirs
from otklik.workspace.view_access import actor_of, for_agents, person_of

TEMPLATE = "workspace/exports.html"


@for_agents("GET", "POST")
def exports(request: HttpRequest) -> HttpResponse:
    """GET: the form for exporting the result of `jql`, and the reader's files. POST: request an export.

    HTMX polls this page: it gets the files only, or 204 if they have not changed.
    """
    if request.method == "POST":
        return _ask(request)
    page = files_page(standing(request), request.GET, timezone.now())
    if not request.headers.get("HX-Request"):
        return render(request, TEMPLATE, {"page": page})
    if page.polled and request.GET.get("shows", "") == page.marker:
        return HttpResponse(status=204)
    return render(request, f"{TEMPLATE}#files", {"page": page})


def _ask(request: HttpRequest) -> HttpResponse:
    if not request.POST.get("jql", "").strip():
        return redirect("workspace:issues")
    try:
        asked = asked_file(standing(request), request.POST, timezone.now())
    except BadJql:  # the filter's page marks the mistake
        return redirect(f"{reverse('workspace:issues')}?{urlencode({'jql': request.POST.get('jql', '')})}")
    try:
        ask_for_list_export(
            actor=actor_of(request),
            at=timezone.now(),
            person=person_of(request),
            jql=asked.jql,
            kind=asked.kind,
            columns=asked.columns,
            answers=asked.answers,
            language=get_language() or "en",
            time_zone=timezone.get_current_timezone_name(),
        )
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    return redirect("workspace:exports")


@for_agents("GET")
def export_file(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """Download a finished file. 404 for anybody but its owner, and if they no longer work at every desk in it."""
    export = _own(request, export_id)
    if export.ready_at is None or not is_theirs(export, standing(request)):
        raise Http404
    day = timezone.localtime(export.ready_at)
    name = _("requests-%(day)s") % {"day": f"{day:%Y-%m-%d-%H%M}"}
    return stored_file(request, digest=export.digest, name=f"{name}.{export.kind}")


@for_agents("POST")
def remove_export(request: HttpRequest, export_id: int) -> HttpResponse:
    """Remove one of the reader's files, finished or not."""
    try:
        drop_list_export(actor=actor_of(request), at=timezone.now(), export=_own(request, export_id))
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    return redirect("workspace:exports")


def _own(request: HttpRequest, export_id: int) -> ListExport:
    exports = ListExport.objects.filter(person=person_of(request), pk=export_id, expires_at__gt=timezone.now())
    export = exports.first()
    if export is None:
        raise Http404
    return export

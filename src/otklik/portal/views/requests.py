"""«Запросы»: the customer's ticket list, its polling endpoint, and its export."""

from datetime import datetime

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from otklik.core.url_datetimes import typed_moment
from otklik.portal.badges import NEWS_AT_MOST, badges
from otklik.portal.exports import MOST_ROWS, csv_lines, export_of, xlsx_of
from otklik.portal.listing import look_of, wanted_from
from otklik.portal.pages.requests import request_list
from otklik.portal.view_access import for_persons, person_of
from otklik.tickets.read_marks import look_at_all, news_since
from otklik.tickets.search.query import parse_search

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@for_persons("GET")
def requests(request: HttpRequest) -> HttpResponse:
    """Show the list; htmx gets only the list when a filter changes."""
    page = request_list(person_of(request), request.GET, waiting=badges(request).waiting, at=timezone.now())
    part = "#list" if request.headers.get("HX-Target") == "request-list" else ""
    return render(
        request, f"portal/requests.html{part}", {"page": page, "most": f"{MOST_ROWS:,}".replace(",", "\u00a0")}
    )


@for_persons("GET")
def news(request: HttpRequest) -> HttpResponse:
    """Return the number of tickets with messages since the list was loaded; 204 if the page shows it (`shows`)."""
    count = news_since(person_of(request), _since(request), NEWS_AT_MOST)
    query = request.GET.copy()
    query.pop("since", None)
    if query.pop("shows", ["0"])[-1] == str(count):
        return HttpResponse(status=204)
    return render(request, "portal/requests.html#news", {"count": count, "back": query.urlencode()})


@for_persons("POST")
def all_seen(request: HttpRequest) -> HttpResponse:
    """Mark all tickets as read."""
    look_at_all(person=person_of(request), at=timezone.now())
    return redirect("portal:requests")


@for_persons("GET")
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Return all pages of the list as a file; `kind`: "csv" or "xlsx"."""
    person = person_of(request)
    wanted = wanted_from(request.GET, look_of(person))
    asked = export_of(person, wanted, parse_search(wanted.text) if wanted.text else None)
    name = _("requests-%(day)s") % {"day": f"{timezone.localdate():%Y-%m-%d}"} + f".{kind}"
    if kind == "csv":
        response = StreamingHttpResponse(csv_lines(asked), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
        return response
    return FileResponse(xlsx_of(asked), as_attachment=True, filename=name, content_type=XLSX)


def _since(request: HttpRequest) -> datetime:
    return typed_moment(request.GET.get("since", "")) or timezone.now()

"""«Запросы»: the reader's list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.portal.entrance import for_persons, person_of
from otklik.portal.pages.requests import request_list


@for_persons("GET")
def requests(request: HttpRequest) -> HttpResponse:
    """The whole page; for htmx, when a filter changes, the list alone."""
    page = request_list(person_of(request), request.GET)
    part = "#list" if request.headers.get("HX-Target") == "request-list" else ""
    return render(request, f"portal/requests.html{part}", {"page": page})

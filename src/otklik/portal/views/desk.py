"""One desk's portal."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.portal.entrance import desk_or_404, for_everybody
from otklik.portal.pages.desk import desk_page


@for_everybody("GET")
def desk(request: HttpRequest, desk_id: int, group_id: int = 0) -> HttpResponse:
    """Name, welcome, request types and contacts. Groups are not there yet: a group's address shows them all."""
    return render(request, "portal/desk.html", {"page": desk_page(desk_or_404(request, desk_id))})

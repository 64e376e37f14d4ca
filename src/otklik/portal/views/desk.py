"""The portal page of one desk: its request types by group, and a search over them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.portal.pages.desk import desk_page
from otklik.portal.view_access import desk_or_404, for_everybody

LONGEST_QUERY = 100


@for_everybody("GET")
def desk(request: HttpRequest, desk_id: int, group_id: int = 0) -> HttpResponse:
    """Show the desk's portal: welcome, request types (all, of one group, or matching the search) and contacts."""
    chosen_desk = desk_or_404(request, desk_id)
    page = desk_page(chosen_desk, request.user, group_id=group_id, query=typed_query(request))
    if group_id and not page.group:
        raise Http404
    return render(request, template(request, "portal/desk.html"), {"page": page})


def typed_query(request: HttpRequest) -> str:
    """Return the search text, cleaned and cut to LONGEST_QUERY characters."""
    return request.GET.get("q", "").replace("\0", "")[:LONGEST_QUERY].strip()


def template(request: HttpRequest, name: str) -> str:
    """Return the template's name; for htmx, of its part with the request types."""
    return f"{name}#types" if request.headers.get("HX-Target") == "types" else name

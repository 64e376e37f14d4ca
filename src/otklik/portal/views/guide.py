"""The guide for customers, generated from the desk's settings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from otklik.portal.pages.desk import desk_page
from otklik.portal.pages.guide_illustrations import illustrations_for
from otklik.portal.view_access import desk_or_404, for_everybody


@for_everybody("GET")
def guide(request: HttpRequest, desk_id: int) -> HttpResponse:
    """Show the printable guide of a desk, illustrated by parts of its portal."""
    desk = desk_or_404(request, desk_id)
    page = desk_page(desk, request.user)
    illustrations = illustrations_for(desk, request.user, page.types, timezone.now())
    invites = desk.activation_mail and bool(page.address)
    context = {"page": page, "illustrations": illustrations, "reopen_days": desk.reopen_days, "invites": invites}
    return render(request, "portal/guide.html", context)

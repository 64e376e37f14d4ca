"""«Как работать со службой технической поддержки»: the instruction, made of the desk's own settings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.portal.entrance import desk_or_404, for_everybody
from otklik.portal.pages.desk import desk_page


@for_everybody("GET")
def guide(request: HttpRequest, desk_id: int) -> HttpResponse:
    """The instruction of one desk, made to be printed as well."""
    desk = desk_or_404(request, desk_id)
    return render(
        request, "portal/guide.html", {"page": desk_page(desk, request.user), "reopen_days": desk.reopen_days}
    )

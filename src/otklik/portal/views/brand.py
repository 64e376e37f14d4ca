"""Serve a desk's style sheet and logo."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static

from otklik.portal.pages.brand import brand_css, brand_of
from otklik.portal.view_access import desk_or_404, for_everybody
from otklik.ui.downloads import stored_file
from otklik.ui.pictures import picture_type

FOREVER = "public, max-age=31536000, immutable"


@for_everybody("GET")
def css(request: HttpRequest, desk_id: int, mark: str) -> HttpResponse:
    """Colours made of the desk's settings, nothing that anybody typed besides. `mark` changes with them."""
    response = HttpResponse(brand_css(desk_or_404(request, desk_id)), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOREVER
    return response


@for_everybody("GET")
def logo(request: HttpRequest, desk_id: int, mark: str) -> HttpResponseBase:
    """The picture, with the type its bytes show and a policy under which nothing in it runs (AB-68, AB-69).

    Any other mark, such as the number in a link of Jira, leads to the logo of today, or to the site's sign.
    """
    desk = desk_or_404(request, desk_id)
    kind = picture_type(desk.logo_digest) if desk.logo_digest else ""
    if not kind:
        return redirect(static("otklik/favicon.svg"))
    if not desk.logo_digest.startswith(mark):
        return redirect(brand_of(desk).logo_url)
    response = stored_file(request, digest=desk.logo_digest, name="logo", shown_as=kind)
    response["Cache-Control"] = FOREVER
    return response

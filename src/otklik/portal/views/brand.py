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
    """Return the desk's style sheet, made only from its colours. `mark`: a hash of it, so that it can be cached."""
    response = HttpResponse(brand_css(desk_or_404(request, desk_id)), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOREVER
    return response


@for_everybody("GET")
def logo(request: HttpRequest, desk_id: int, mark: str) -> HttpResponseBase:
    """Return the logo with the type that its bytes show, under a policy that forbids scripts (AB-68, AB-69).

    Another mark, such as the number in a URL of Jira, redirects to the present logo, or to the site's icon.
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

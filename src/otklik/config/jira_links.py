"""Redirects from addresses of Jira Service Management to the page that does the same.

Only reading: GET and HEAD. What has a page of its own under Jira's address stands in portal.urls and workspace.urls.
"""

from http import HTTPStatus

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import Resolver404, URLPattern, path, resolve
from django.views.decorators.http import require_safe

from otklik.desks.access import portal_desks
from otklik.desks.models import RequestType
from otklik.ui.templatetags.otklik_ui import drawing

_CUSTOMER = "servicedesk/customer"
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24" fill="none" stroke="#1a5fb4" '
    'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{}</svg>'
)


@require_safe
def article(request: HttpRequest, page_id: int, desk_id: int = 0) -> HttpResponse:
    """Redirect an article of the knowledge base to the desk's guide, or to the help centre."""
    portal_id = request.GET.get("portalId", "")
    wanted = desk_id or (int(portal_id) if portal_id.isascii() and portal_id.isdigit() and len(portal_id) < 10 else 0)
    if wanted and portal_desks(request.user).filter(pk=wanted).exists():
        return redirect("portal:guide", wanted)
    return redirect("portal:home")


@require_safe
def unsubscribe(request: HttpRequest, desk_id: int, key: str) -> HttpResponse:
    """Redirect a link of a mail sent by Jira, whose token is unknown here, to the card's switch."""
    return HttpResponseRedirect(f"/{_CUSTOMER}/portal/{desk_id}/{key}#notifications")


@require_safe
def avatar(request: HttpRequest) -> HttpResponse:
    """Return the icon of a request type as SVG; a question mark for anything else."""
    avatar_id = request.GET.get("avatarId", "")
    known = (
        avatar_id.isascii()
        and avatar_id.isdigit()
        and len(avatar_id) < 10
        and request.GET.get("avatarType") == "SD_REQTYPE"
    )
    kind = RequestType.objects.filter(pk=int(avatar_id), hidden=False).first() if known else None
    answer = HttpResponse(_ICON.format(drawing(kind.icon if kind else "")), content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def without_context_path(request: HttpRequest, rest: str) -> HttpResponse:
    """Redirect to the URL without Jira's context path in front or a slash at its end.

    Only if the page exists for this reader: it is rendered first, and its error is returned if it fails.
    """
    address = "/" + rest.strip("/\\")
    try:
        page = resolve(address)
    except Resolver404:
        raise Http404 from None
    if page.func is without_context_path or request.method not in {"GET", "HEAD"}:
        raise Http404
    with transaction.atomic():
        answer: HttpResponse = page.func(request, *page.args, **page.kwargs)
        # The page was only tested: it must not mark anything as read.
        transaction.set_rollback(True)
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        return answer
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(address + (f"?{query}" if query else ""))


urlpatterns: list[URLPattern] = [
    path(f"{_CUSTOMER}/kb/view/<int:page_id>", article),
    path(f"{_CUSTOMER}/article/<int:page_id>", article),
    path(f"{_CUSTOMER}/portal/<int:desk_id>/article/<int:page_id>", article),
    path(f"{_CUSTOMER}/portal/<int:desk_id>/<str:key>/unsubscribe", unsubscribe),
    path("servicedesk/customershim/secure/viewavatar", avatar),
    path("jira/<path:rest>", without_context_path),
    path("<path:rest>/", without_context_path),
]

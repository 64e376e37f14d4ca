"""Limits on request bodies, applied by the HTTP server (webserver.rsgi_app) and by Django alike."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished, request_started
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from otklik.config.error_views import bad_request
from otklik.desks.models import Desk
from otklik.portal.forms.files import MOST_FILES
from otklik.portal.views.anonymous import BYTES_AT_ONCE

# Enough for a form without files.
FORM_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
# Views that accept files from anonymous visitors, if the desk allows it.
_ANONYMOUS_UPLOADS = {"portal:create", "portal:create_in_group"}

_DIGITS = 30

Handler = Callable[[HttpRequest], HttpResponse]


def limit_request_body(get_response: Handler) -> Handler:
    """Middleware: answer 413, without reading it, if Content-Length exceeds what the page accepts from this reader.

    Must come after the login and before anything that uses request.POST.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        declared = str(request.META.get("CONTENT_LENGTH") or "")
        size = int(declared[:_DIGITS]) if declared.isascii() and declared.isdigit() else 0
        if size > FORM_BYTES and size > most_bytes(request):
            return bad_request(request, RequestDataTooBig())
        return get_response(request)

    return handle


def most_bytes(request: HttpRequest) -> int:
    """Return the largest body that the page accepts from this reader, in bytes: text, and files if it takes any."""
    try:
        match = resolve(request.path_info)
    except Http404:
        return FORM_BYTES
    if not getattr(match.func, "takes_files", False):
        return FORM_BYTES
    if request.user.is_authenticated:
        return FORM_BYTES + MOST_FILES * settings.ATTACHMENT_SIZE_LIMIT
    if match.view_name not in _ANONYMOUS_UPLOADS:
        return FORM_BYTES
    takes_strangers = Desk.objects.filter(pk=match.kwargs.get("desk_id", 0), anonymous=True).exists()
    return FORM_BYTES + BYTES_AT_ONCE if takes_strangers else FORM_BYTES


def most_bytes_for(environ: dict[str, object]) -> int:
    """`most_bytes` for a WSGI environ, outside of a request; reads nothing of the body."""
    # These signals let Django close broken and old database connections.
    request_started.send(sender=most_bytes_for, environ=environ)
    try:
        request = WSGIRequest(environ)
        SessionMiddleware(lambda _: HttpResponse()).process_request(request)
        request.user = get_user(request)
        return most_bytes(request)
    finally:
        request_finished.send(sender=most_bytes_for)

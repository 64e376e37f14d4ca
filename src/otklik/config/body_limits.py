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

# What words alone may need, with all that a form carries besides.
WORDS = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
# Where somebody without login may send files, if the desk lets them.
_FOR_STRANGERS = {"portal:create", "portal:create_in_group"}

_DIGITS = 30

Handler = Callable[[HttpRequest], HttpResponse]


def bodies_are_limited(get_response: Handler) -> Handler:
    """Middleware: 413 for a body that says it is larger than this page takes from this reader; it is not read.

    Stands behind the login and before whatever looks into request.POST.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        declared = str(request.META.get("CONTENT_LENGTH") or "")
        size = int(declared[:_DIGITS]) if declared.isascii() and declared.isdigit() else 0
        if size > WORDS and size > most_bytes(request):
            return bad_request(request, RequestDataTooBig())
        return get_response(request)

    return handle


def most_bytes(request: HttpRequest) -> int:
    """The largest body: words, and where the page has a field for files and the reader may send some, those."""
    try:
        match = resolve(request.path_info)
    except Http404:
        return WORDS
    if not getattr(match.func, "takes_files", False):
        return WORDS
    if request.user.is_authenticated:
        return WORDS + MOST_FILES * settings.ATTACHMENT_SIZE_LIMIT
    if match.view_name not in _FOR_STRANGERS:
        return WORDS
    takes_strangers = Desk.objects.filter(pk=match.kwargs.get("desk_id", 0), anonymous=True).exists()
    return WORDS + BYTES_AT_ONCE if takes_strangers else WORDS


def most_bytes_for(environ: dict[str, object]) -> int:
    """The same for a request that Django has not seen yet; nothing of its body is read."""
    # Django lets go of connections that are broken or too old when it hears of these.
    request_started.send(sender=most_bytes_for, environ=environ)
    try:
        request = WSGIRequest(environ)
        SessionMiddleware(lambda _: HttpResponse()).process_request(request)
        request.user = get_user(request)
        return most_bytes(request)
    finally:
        request_finished.send(sender=most_bytes_for)

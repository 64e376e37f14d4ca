"""Middleware that sets the security headers which Django does not set itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]

_PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


def security_headers(get_response: Handler) -> Handler:
    """Middleware that adds Permissions-Policy, Cross-Origin-Resource-Policy and Cache-Control.

    Headers that a view has set are left alone. Everything but static files is marked `private, no-store`, so that no
    cache keeps a page made for somebody.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return handle

"""Middleware that removes account links and signed addresses from every response (AB-29)."""

from collections.abc import Callable, Iterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from otklik.core.secret_links import secret_paths
from otklik.mail.secret_scan import may_show, without_addresses, without_links

Handler = Callable[[HttpRequest], HttpResponseBase]
_TEXTS = ("text/", "application/json", "application/xml", "application/xhtml", "application/problem")
# Static files, and the demo's mail viewer, which shows complete mails.
_FREE = ("/static/", "/demo/")


def links_hidden(get_response: Handler) -> Handler:
    """Middleware: remove secret links and signed parts of addresses from every text response.

    Only the secret in the page's own URL stays.
    """

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path.startswith(_FREE) or not response.get("Content-Type", "").startswith(_TEXTS):
            return response
        own = _own_secret(request.path)
        if response.streaming:
            response.streaming_content = _each(response.streaming_content, own)  # type: ignore[attr-defined]
        elif (made := cleaned(response.content, own)) != response.content:  # type: ignore[attr-defined]
            response.content = made  # type: ignore[attr-defined]
            if "Content-Length" in response:
                response["Content-Length"] = str(len(made))
        return response

    return handle


def _own_secret(path: str) -> str:
    return next((path.rpartition("/")[2] for start in secret_paths() if path.startswith(f"/{start}")), "")


def _each(pieces: Iterator[bytes], own: str) -> Iterator[bytes]:
    for piece in pieces:
        yield cleaned(piece, own)


def cleaned(content: bytes, own: str) -> bytes:
    """Return a page without our secrets, except `own`, the one in its URL."""
    if not may_show(content):
        return content
    text = content.decode("utf-8", "surrogateescape")
    shown = without_links(text, lambda link: bool(own) and own in link)
    shown = without_addresses(shown)
    return content if shown == text else shown.encode("utf-8", "surrogateescape")

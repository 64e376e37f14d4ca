"""Serve foreign HTML as a sandboxed document: no script, no origin (security catalogue, section 3.1)."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

# A sandboxed frame has no origin: it sends no cookies, and its pictures must be data: URLs.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def sandboxed_page(body: SafeString) -> HttpResponse:
    """Return the document for a sandboxed frame. `body` must have been sanitised."""
    response = HttpResponse(render_to_string("otklik/mail_frame.html", {"body": body}))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response

"""A mail as it was sent: its own HTML in a sandboxed frame, and its bytes as a download."""

import base64
from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from otklik.core import blobs
from otklik.mail.models import InboundMail
from otklik.tickets.access import readable_messages
from otklik.tickets.models import Attachment, Ticket
from otklik.tickets.pictures import picture_type
from otklik.tickets.render import sanitized_html
from otklik.workspace.entrance import for_ticket, person_of

# Headers of the security catalogue, section 3.1. A frame in a sandbox has no origin, so pictures come as data: URLs.
FRAME_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
PICTURES_AT_MOST = 2 * 1024 * 1024


@for_ticket("GET")
def frame(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """The mail's own HTML, sanitised, for the sandboxed frame on the ticket page."""
    message = readable_messages(person_of(request), ticket, as_agent=True).filter(pk=message_id).first()
    if message is None or not message.html:
        raise Http404
    body = sanitized_html(message.html, pictures(message.attachments.order_by("id")))
    response = HttpResponse(render_to_string("workspace/frame.html", {"body": body}))
    response["X-Frame-Options"] = "SAMEORIGIN"
    return _sealed(response, FRAME_POLICY)


@for_ticket("GET")
def original(request: HttpRequest, ticket: Ticket, inbound_id: int) -> HttpResponse:
    """The received bytes. Never shown by the browser on our origin (AB-67)."""
    messages = readable_messages(person_of(request), ticket, as_agent=True)
    mail = InboundMail.objects.filter(pk__in=messages.filter(inbound_id=inbound_id).values("inbound_id")).first()
    if mail is None:
        raise Http404
    response = HttpResponse(bytes(mail.raw), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{ticket.key}-{mail.pk}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    return _sealed(response, DOWNLOAD_POLICY)


def pictures(files: Iterable[Attachment]) -> dict[str, str]:
    """Content-ID -> `data:` URL of the pictures inside a mail, up to PICTURES_AT_MOST bytes together."""
    made: dict[str, str] = {}
    left = PICTURES_AT_MOST
    for file in files:
        kind = picture_type(file.digest) if file.content_id and file.size <= left else ""
        if kind:
            left -= file.size
            data = base64.b64encode(blobs.read(file.digest)).decode("ascii")
            made[file.content_id.strip("<> ")] = f"data:{kind};base64,{data}"
    return made


def _sealed(response: HttpResponse, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response

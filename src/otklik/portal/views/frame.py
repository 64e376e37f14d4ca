"""A mail as it was sent, in a frame of its own that can do nothing (security catalogue, section 3.1)."""

import base64

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from otklik.core import blobs
from otklik.portal.entrance import for_ticket, person_of
from otklik.tickets.access import readable_messages
from otklik.tickets.models import Message, Ticket
from otklik.tickets.pictures import picture_type
from otklik.tickets.render import sanitized_html

# What a frame may carry of the mail's own pictures: they go inside the page, as a sandbox sends no cookie.
PICTURE_BYTES = 2 * 1024 * 1024

CSP = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@for_ticket("GET")
def message_frame(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """The sanitised HTML of one message that the reader may read; 404 for any other and for one without HTML."""
    readable = readable_messages(person_of(request), ticket, as_agent=False)
    message = readable.filter(pk=message_id).exclude(html="").first()
    if message is None:
        raise Http404
    body = sanitized_html(message.html, _pictures(message))
    response = HttpResponse(render_to_string("portal/frame.html", {"body": body}))
    response["Content-Security-Policy"] = CSP
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _pictures(message: Message) -> dict[str, str]:
    """Content-ID -> data: URL, for pictures of known kinds, together no more than PICTURE_BYTES."""
    pictures, left = {}, PICTURE_BYTES
    for file in message.attachments.exclude(content_id=""):
        kind = picture_type(file.digest) if file.size <= left else ""
        if kind:
            left -= file.size
            data = base64.b64encode(blobs.read(file.digest)).decode("ascii")
            pictures[file.content_id.strip("<> ")] = f"data:{kind};base64,{data}"
    return pictures

"""The original HTML of a mail, in a sandboxed frame."""

from django.http import Http404, HttpRequest, HttpResponse

from otklik.portal.view_access import for_ticket, person_of
from otklik.tickets.access import readable_messages
from otklik.tickets.models import Ticket
from otklik.ui.message_html import sanitized_html
from otklik.ui.pictures import data_urls
from otklik.ui.sandboxed_html import sandboxed_page


@for_ticket("GET")
def message_frame(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Return the sanitised HTML of a message that the reader may read; 404 for others, and without HTML."""
    readable = readable_messages(person_of(request), ticket, as_agent=False)
    message = readable.filter(pk=message_id).exclude(html="").first()
    if message is None:
        raise Http404
    return sandboxed_page(sanitized_html(message.html, data_urls(message.attachments.order_by("id"))))

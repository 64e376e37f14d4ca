"""The original of a mail: its HTML in a sandboxed frame, and its bytes as a download."""

from django.http import Http404, HttpRequest, HttpResponse

from otklik.intake.leaked_links import shown_mail
from otklik.mail.models import InboundMail
from otklik.tickets.access import readable_messages
from otklik.tickets.models import Ticket
from otklik.ui.message_html import sanitized_html
from otklik.ui.pictures import data_urls
from otklik.ui.sandboxed_html import sandboxed_page
from otklik.workspace.view_access import for_ticket, person_of

DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@for_ticket("GET")
def frame(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Return the mail's HTML, sanitised, for the sandboxed frame on the ticket page."""
    message = readable_messages(person_of(request), ticket, as_agent=True).filter(pk=message_id).first()
    if message is None or not message.html:
        raise Http404
    return sandboxed_page(sanitized_html(message.html, data_urls(message.attachments.order_by("id"))))


@for_ticket("GET")
def original(request: HttpRequest, ticket: Ticket, inbound_id: int) -> HttpResponse:
    """Return the mail as a download without links that grant access (AB-29); never displayed on our origin (AB-67)."""
    messages = readable_messages(person_of(request), ticket, as_agent=True)
    mail = InboundMail.objects.filter(pk__in=messages.filter(inbound_id=inbound_id).values("inbound_id")).first()
    if mail is None or mail.raw_removed_at is not None:
        raise Http404
    response = HttpResponse(shown_mail(bytes(mail.raw)), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{ticket.key}-{mail.pk}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = DOWNLOAD_POLICY
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response

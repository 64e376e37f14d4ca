"""A summary of a ticket for approvers and staff: requester, opening words, files."""

from django.db.models import Prefetch
from django.utils.text import Truncator

from otklik.notify.texts.mail_kinds import Text
from otklik.notify.texts.placeholder_values import NOTHING, Said, said_values
from otklik.notify.texts.plain_names import shown_to_strangers
from otklik.notify.texts.render import Value, text_value
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.ui.mail_layout import mail_content
from otklik.ui.markup import words_text

REQUESTER, TEXT, FILES = "ticket.requester", "ticket.text", "ticket.files"
# In characters: enough for a summary.
LONGEST = 900
MOST_FILES = 10


def request_values(text: Text, ticket: Ticket, *, readable: bool) -> dict[str, Value]:
    """Return the values of these placeholders that the text uses. `readable`: the reader may see the opening.

    No query if the text uses none.
    """
    values = dict.fromkeys((REQUESTER, TEXT, FILES), NOTHING)
    if not readable or not any(name in text.body + text.subject for name in values):
        return values
    if ticket.requester is not None:
        values[REQUESTER] = text_value(shown_to_strangers(ticket.requester))
    opening = _opening(ticket)
    if opening is None:
        return values
    # Pictures of a signature are no news.
    names = [file.name for file in opening.attachments.all() if not file.folded]
    values[FILES] = text_value(", ".join(names[:MOST_FILES]) + (" …" if len(names) > MOST_FILES else ""))
    return {**values, TEXT: _excerpt(opening)}


def _opening(ticket: Ticket) -> Message | None:
    openings = Message.objects.for_customers().filter(ticket=ticket, opening=True, withdrawn_at=None)
    return openings.prefetch_related(Prefetch("attachments", Attachment.objects.order_by("id"))).first()


def _excerpt(opening: Message) -> Value:
    """Return the opening with its tables; too long a one cut, as text with the tables in columns."""
    laid_out = mail_content(opening, [])
    text = (laid_out[0] if laid_out else words_text(opening.text, opening.markup)).strip()
    if not text:
        return NOTHING
    if laid_out and len(text) <= LONGEST:
        return said_values(Said("", "", laid_out=laid_out))["comment.text"]
    return said_values(Said(Truncator(text).chars(LONGEST), ""))["comment.text"]

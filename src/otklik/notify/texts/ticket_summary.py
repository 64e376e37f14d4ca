"""A summary of a ticket for approvers: requester, opening words, files."""

from django.utils.text import Truncator

from otklik.notify.texts.mail_kinds import Text
from otklik.notify.texts.placeholder_values import NOTHING, Said, said_values
from otklik.notify.texts.plain_names import shown_to_strangers
from otklik.notify.texts.render import Value, text_value
from otklik.tickets.models import Message, Ticket
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
    opening = Message.objects.for_customers().filter(ticket=ticket, opening=True, withdrawn_at=None).first()
    if opening is None:
        return values
    names = list(opening.attachments.order_by("id").values_list("name", flat=True)[: MOST_FILES + 1])
    values[FILES] = text_value(", ".join(names[:MOST_FILES]) + (" …" if len(names) > MOST_FILES else ""))
    excerpt = Truncator(words_text(opening.text, opening.markup).strip()).chars(LONGEST)
    return {**values, TEXT: said_values(Said(excerpt, ""))["comment.text"] if excerpt else NOTHING}

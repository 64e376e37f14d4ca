"""Earlier versions of edited or withdrawn messages, for readers who may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from otklik.tickets.models import Message, MessageRevision
from otklik.ui.markup import words_html


@dataclass(frozen=True, slots=True)
class Former:
    """A former text of a message, and when it was replaced."""

    html: SafeString
    until: datetime


def former_words(messages: Iterable[Message], *, staff: bool) -> dict[int, list[Former]]:
    """Return former texts by message id, oldest first. At most one query.

    Only staff get the text of withdrawn messages. The messages must have been loaded through tickets.access.
    """
    rows = [
        message for message in messages if message.edited_at is not None or (staff and message.withdrawn_at is not None)
    ]
    revisions = MessageRevision.objects.filter(message__in=rows).order_by("id") if rows else ()
    earlier: dict[int, list[Former]] = {}
    for message_revision in revisions:
        if staff or not message_revision.withdrawn:
            earlier.setdefault(message_revision.message_id, []).append(
                Former(words_html(message_revision.text, message_revision.markup), message_revision.replaced_at)
            )
    return earlier

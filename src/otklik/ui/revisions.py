"""Earlier versions of edited or withdrawn messages, for readers who may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from otklik.tickets.models import Message, MessageRevision
from otklik.ui.markup import words_html


@dataclass(frozen=True, slots=True)
class Former:
    """Words that stood in a message until its writer changed them."""

    html: SafeString
    until: datetime


def former_words(messages: Iterable[Message], *, staff: bool) -> dict[int, list[Former]]:
    """By message id, oldest first. Of a withdrawn message only the staff reads what it said. One query, or none.

    The caller has loaded the messages through tickets.access.
    """
    rows = [
        message for message in messages if message.edited_at is not None or (staff and message.withdrawn_at is not None)
    ]
    revisions = MessageRevision.objects.filter(message__in=rows).order_by("id") if rows else ()
    made: dict[int, list[Former]] = {}
    for message_revision in revisions:
        if staff or not message_revision.withdrawn:
            made.setdefault(message_revision.message_id, []).append(
                Former(words_html(message_revision.text, message_revision.markup), message_revision.replaced_at)
            )
    return made

"""Attachments of many messages, read along."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.tickets.models import Attachment, Message


def load_attachments(messages: Sequence[Message]) -> None:
    """Make `message.attachments.all()` ask nothing, as `prefetch_related_objects` does. One statement."""
    if not messages:
        return
    of_message = defaultdict[int, list[Attachment]](list)
    for attachment in _attachments(messages=[message.pk for message in messages]):
        of_message[attachment.message_id].append(attachment)
    for message in messages:
        known: Any = message.attachments.all()
        known._result_cache, known._prefetch_done = of_message[message.pk], True
        for attachment in known._result_cache:
            attachment.message = message
        vars(message).setdefault("_prefetched_objects_cache", {})["attachments"] = known


@fast_read("messages")
def _attachments(*, messages: list[int]) -> QuerySet[Attachment]:
    return Attachment.objects.filter(AnyOf("message_id", messages)).order_by("id")

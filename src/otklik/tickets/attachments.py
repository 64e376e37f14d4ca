"""Prefetch the attachments of many messages."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.tickets.models import Attachment, Message


def with_files_known(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Annotate whether each message has files, for `load_attachments`."""
    return messages.annotate(has_files=Exists(Attachment.objects.filter(message=OuterRef("pk"))))


def load_attachments(messages: Sequence[Message]) -> None:
    """Prefetch `message.attachments`. One statement; none if no message has files by `with_files_known`."""
    having = [message.pk for message in messages if getattr(message, "has_files", True)]
    of_message = defaultdict[int, list[Attachment]](list)
    for attachment in _attachments(messages=having) if having else ():
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

"""Files on their way to a message, and those that came before there were rules for them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.db import transaction

from otklik.core import blobs
from otklik.core.locks import lock
from otklik.mail.parse import budget
from otklik.mail.parse.budget import Work
from otklik.mail.secret_scan_mail import RULES, blanked_file
from otklik.tickets.content import NewFile
from otklik.tickets.models import Attachment

# How many unpacked bytes of one message's files are searched on arrival; bytes parsed in depth count four times.
_AT_ONCE = 8 * 1024 * 1024


def searched_files(files: Iterable[NewFile]) -> list[NewFile]:
    """Return the files with secret links removed; `searched` records the version of the rules.

    0 means that searching would take too long now, so it must be done before a download (`searched`). Takes up to
    seconds, so call it before locking anything.
    """
    return list(_searched_files(files))


def _searched_files(files: Iterable[NewFile]) -> Iterator[NewFile]:
    left = _AT_ONCE
    for file in files:
        if file.searched is not None:
            yield file
            continue
        if left <= 0:
            yield replace(file, searched=0)
            continue
        with budget.one_mail() as spent:
            digest, size = harmless(file.digest) or (file.digest, file.size)
        left -= spent.amounts[Work.UNPACKED] + 4 * spent.amounts[Work.BLANKED] + file.size // 32
        yield replace(file, digest=digest, size=size, searched=RULES)


def harmless(digest: str) -> tuple[str, int] | None:
    """Store a copy of the blob without secret links; return its digest and size, None if there are none."""
    try:
        with blobs.open_blob(digest) as stored:
            data = stored.read()
    except blobs.BlobMissing:
        return None
    cleaned = blanked_file(data)
    return None if cleaned == data else blobs.put(cleaned)


def searched(file: Attachment) -> Attachment:
    """Return the attachment, searched by the current rules. Raises core.locks.Gone.

    Most are searched when they arrive; others once, at the first download, which may take a second.
    """
    if file.searched == RULES:
        return file
    with transaction.atomic():
        attachment = lock(Attachment, file.pk)
        if attachment.searched != RULES:
            attachment.digest, attachment.size = harmless(attachment.digest) or (attachment.digest, attachment.size)
            attachment.searched = RULES
            attachment.save(update_fields=["digest", "size", "searched"])
    return attachment

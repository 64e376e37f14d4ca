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

# How much work the files of one message may be when they come, in bytes that come out of archives; what is read in
# depth costs four times as much.
_AT_ONCE = 8 * 1024 * 1024


def searched_files(files: Iterable[NewFile]) -> list[NewFile]:
    """The files without the links with power that stand in them; `searched` says by which rules. 0: it would take too
    long for now, so it is to be searched before anybody gets it (`searched`).

    That may take seconds. Commands call it before they lock anything, so that nobody waits for what somebody else sent.
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
    """Digest and size of a copy without the links with power that stand in the stored file; None where none do."""
    try:
        with blobs.open_blob(digest) as stored:
            data = stored.read()
    except blobs.BlobMissing:
        return None
    cleaned = blanked_file(data)
    return None if cleaned == data else blobs.put(cleaned)


def searched(file: Attachment) -> Attachment:
    """The file, searched for links with power by the rules of today. Most are when they come; another is searched once,
    when it is first asked for, as that may take a second. Raises core.locks.Gone."""
    if file.searched == RULES:
        return file
    with transaction.atomic():
        attachment = lock(Attachment, file.pk)
        if attachment.searched != RULES:
            attachment.digest, attachment.size = harmless(attachment.digest) or (attachment.digest, attachment.size)
            attachment.searched = RULES
            attachment.save(update_fields=["digest", "size", "searched"])
    return attachment

"""Files on their way to a message, and those that came before there were rules for them."""

from django.db import transaction

from otklik.core import blobs
from otklik.core.locks import lock
from otklik.mail.secret_scan_mail import RULES, blanked_file
from otklik.tickets.models import Attachment


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
    """The file, searched for links with power by the rules of today. Files are when they come; one that came before is
    searched once, when it is first asked for, as that may take a second. Raises core.locks.Gone."""
    if file.searched == RULES:
        return file
    with transaction.atomic():
        row = lock(Attachment, file.pk)
        if row.searched != RULES:
            row.digest, row.size = harmless(row.digest) or (row.digest, row.size)
            row.searched = RULES
            row.save(update_fields=["digest", "size", "searched"])
    return row

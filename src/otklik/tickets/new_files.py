"""Files on their way to a message."""

from otklik.core import blobs
from otklik.mail.private_mail import blanked_file


def harmless(digest: str) -> tuple[str, int] | None:
    """Digest and size of a copy without the links with power that stand in the stored file; None where none do."""
    try:
        with blobs.open_blob(digest) as stored:
            data = stored.read()
    except blobs.BlobMissing:
        return None
    cleaned = blanked_file(data)
    return None if cleaned == data else blobs.put(cleaned)

"""Which files are pictures that a page may show: told by their first bytes, never by the sender's word (AB-68)."""

from otklik.core import blobs

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def picture_type(digest: str) -> str:
    """ "image/png", "image/jpeg", "image/gif" or "image/webp"; "" for anything else, a lost file too."""
    try:
        with blobs.open_blob(digest) as file:
            head = file.read(16)
    except blobs.BlobMissing:
        return ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")

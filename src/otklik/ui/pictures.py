"""Which files may be shown as pictures, judged by their first bytes and never by the declared type (AB-68)."""

import base64
from collections.abc import Iterable

from otklik.core import blobs, images
from otklik.tickets.models import Attachment
from otklik.tickets.new_files import searched

EMBEDDED_BYTES = 2 * 1024 * 1024
"""What a frame may carry of a mail's own pictures together: they travel inside the page."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_ALSO_SHOWN = frozenset({"image/jpg", "image/pjpeg", "image/x-png"})
LARGEST_PREVIEW = 8 * 1024 * 1024


def is_picture(file: Attachment) -> bool:
    """Return whether to offer a preview, by the declared type; the view that serves it checks the bytes (AB-68)."""
    return file.content_type.lower() in _SHOWN and 0 < file.size <= LARGEST_PREVIEW


def is_shown(file: Attachment) -> bool:
    """Return whether to show a picture within a mail's text: as `is_picture`, or by what mailers call pictures."""
    kind, ending = file.content_type.lower(), file.name.lower().rpartition(".")[2]
    named = kind == "application/octet-stream" and ending in {"png", "jpg", "jpeg", "gif", "webp"}
    return is_picture(file) or ((named or kind in _ALSO_SHOWN) and 0 < file.size <= LARGEST_PREVIEW)


def picture_type(digest: str) -> str:
    """Return "image/png", "image/jpeg", "image/gif" or "image/webp" by the file's bytes; "" for anything else.

    Also for a missing file, and for a picture that would decompress to gigabytes in the browser (ADR 86).
    """
    try:
        with blobs.open_blob(digest) as file:
            head = file.read(16)
            file.seek(0)
            if images.exceeds_pixel_limit(file):
                return ""
    except blobs.BlobMissing:
        return ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")


def data_urls(files: Iterable[Attachment]) -> dict[str, str]:
    """Return `data:` URLs of a mail's inline pictures by Content-ID, at most EMBEDDED_BYTES together."""
    pictures, left = {}, EMBEDDED_BYTES
    for file in files:
        file = searched(file) if file.content_id and file.size <= left else file
        kind = picture_type(file.digest) if file.content_id and file.size <= left else ""
        if kind:
            left -= file.size
            data = base64.b64encode(blobs.read(file.digest)).decode("ascii")
            pictures[file.content_id.strip("<> ")] = f"data:{kind};base64,{data}"
    return pictures

"""Hand out a stored file so that nothing in it can run: whole, in part (RFC 9110 section 14), or its headers only."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from otklik.core import blobs

CHUNK = 256 * 1024
CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\\/\"]+")


def stored_file(request: HttpRequest, *, digest: str, name: str, shown_as: str = "") -> HttpResponseBase:
    """The blob as a download, or inline with the type `shown_as`, which the caller has proved from the bytes.

    The sender's type is never used and the sender's name only in Content-Disposition, encoded by RFC 6266. One range
    is served; several, or one that makes no sense, give the whole or 416. Raises Http404 when the blob is lost.
    """
    try:
        file = blobs.open_blob(digest)
    except blobs.BlobMissing:
        raise Http404 from None
    size = blobs.path_of(digest).stat().st_size
    first, last, status = _wanted(request.headers.get("Range", ""), size)
    if status == 416:
        file.close()
        return _dressed(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}), name, shown_as)
    response: HttpResponseBase
    if request.method == "HEAD":
        file.close()
        response = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(_chunks(file, first, last - first + 1), status=status)
        if last >= first:
            # A server that can send from the disk by itself need not hold a thread meanwhile (webserver.answers).
            response.on_disk = (str(blobs.path_of(digest)), (first, last + 1))  # type: ignore[attr-defined]
    response["Content-Length"] = str(last - first + 1)
    if status == 206:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _dressed(response, name, shown_as)


def given_bytes(*, data: bytes, name: str) -> HttpResponseBase:
    """Bytes that are no blob, as a download that no browser opens on our origin."""
    return _dressed(HttpResponse(data), name, "")


def _wanted(header: str, size: int) -> tuple[int, int, int]:
    """First byte, last byte, status."""
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return 0, size - 1, 200
    start, end = match.groups()
    if not start:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(start), min(int(end) if end else size - 1, size - 1)
    return (first, last, 206) if first <= last else (0, -1, 416)


def _chunks(file: BinaryIO, first: int, left: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _dressed(response: HttpResponseBase, name: str, shown_as: str) -> HttpResponseBase:
    safe = _UNSAFE.sub("_", name)[-150:] or "file"
    response["Content-Type"] = shown_as or "application/octet-stream"
    response["Content-Disposition"] = content_disposition_header(not shown_as, safe) or "attachment"
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CSP
    response["Referrer-Policy"] = "no-referrer"
    response["X-Frame-Options"] = "DENY"
    response["Cache-Control"] = "private, no-store"
    return response

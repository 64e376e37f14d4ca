"""Files that came with a form, on their way into a message."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from otklik.core import blobs
from otklik.core.errors import UnableTo
from otklik.tickets.commands.base import NewFile

NAME_LENGTH = 150
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class FileTooLarge(UnableTo):
    """A file is larger than settings.ATTACHMENT_SIZE_LIMIT."""


def kept_files(files: Iterable["UploadedFile[bytes]"]) -> list[NewFile]:
    """Store the bytes of uploaded files and name them for a command. Raises FileTooLarge before storing anything.

    The type is the browser's word, for people only: downloads never use it. Stored bytes that no row names later
    (the command refused) do no harm.
    """
    files = list(files)
    for file in files:
        if (file.size or 0) > settings.ATTACHMENT_SIZE_LIMIT:
            raise FileTooLarge("This file is too large.")
    return [_kept(file) for file in files]


def clean_name(name: str) -> str:
    """The last part of a file name without what cannot be printed or turns text around; never empty."""
    last = _UNPRINTABLE.sub("", name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    return last[-NAME_LENGTH:] or "file"


def _kept(file: "UploadedFile[bytes]") -> NewFile:
    digest, size = blobs.put(file.chunks())
    kind = file.content_type or "application/octet-stream"
    return NewFile(name=clean_name(file.name or ""), content_type=kind, size=size, digest=digest)

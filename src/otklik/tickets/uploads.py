"""Uploaded files of a form as attachments of a message."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from otklik.core import blobs
from otklik.core.errors import UnableTo
from otklik.core.text_cleaning import file_name
from otklik.core.transient_errors import is_transient
from otklik.tickets.content import NewFile
from otklik.tickets.refusals import TicketRefusal

log = logging.getLogger("otklik.tickets")

NAME_LENGTH = 150


class FileTooLarge(UnableTo):
    """A file is larger than settings.ATTACHMENT_SIZE_LIMIT."""


class NoRoom(UnableTo):
    """The file cannot be stored now: the disk is full or failing."""


def kept_files(files: Iterable["UploadedFile[bytes]"]) -> list[NewFile]:
    """Store uploaded files; return them for a command. Raises FileTooLarge before storing anything, and NoRoom.

    The content type is the browser's claim, for display only; downloads never use it. Blobs that no row refers to later
    are removed by the worker.
    """
    files = list(files)
    for file in files:
        if (file.size or 0) > settings.ATTACHMENT_SIZE_LIMIT:
            raise FileTooLarge(TicketRefusal.FILE_TOO_LARGE)
    try:
        return [_kept(file) for file in files]
    except OSError as error:
        if not is_transient(error):
            raise
        log.exception("a file was not stored")
        raise NoRoom(TicketRefusal.NO_ROOM) from error


def clean_name(name: str) -> str:
    """Clean a file name (core.text_cleaning) and cut it to NAME_LENGTH characters, keeping its end; never empty."""
    return file_name(name)[-NAME_LENGTH:] or "file"


def _kept(file: "UploadedFile[bytes]") -> NewFile:
    digest, size = blobs.put(file.chunks())
    kind = file.content_type or "application/octet-stream"
    return NewFile(name=clean_name(file.name or ""), content_type=kind, size=size, digest=digest)

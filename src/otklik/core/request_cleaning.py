"""Middleware that normalizes submitted text (core.text_cleaning) before any view reads it."""

import re
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import ImmutableList, MultiValueDict

from otklik.core.text_cleaning import entered, file_name

Handler = Callable[[HttpRequest], HttpResponse]
_LONGEST_NAME = 255
# A broken escape, or a raw non-ASCII byte before an ASCII one; browsers produce neither. Each costs the parser about a
# microsecond, and five million fit into a form.
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})|[\x80-\xff](?=[\x00-\x7f])")
_MOST_BROKEN = 200_000


def clean_addresses(get_response: Handler) -> Handler:
    """Middleware: clean path, query string and cookies. Must precede everything that reads them."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.path_info, request.path = _whole(request.path_info), _whole(request.path)
        request.GET = _cleaned(request.GET)  # type: ignore[assignment]
        for name, value in request.COOKIES.items():
            request.COOKIES[name] = entered(value)
        return get_response(request)

    return handle


def clean_forms(get_response: Handler) -> Handler:
    """Middleware: clean form fields and file names. Reads the body, so it must follow the body size limit."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            _require_sound(request)
            request.parse_file_upload = partial(_parsed, request)  # type: ignore[method-assign]
            request.POST = _cleaned(request.POST)  # type: ignore[assignment]  # the stubs know no other than theirs
        return get_response(request)

    return handle


def _require_sound(request: HttpRequest) -> None:
    """Raise BadRequest for a form with so many broken escapes that parsing it would be slow (AB-93)."""
    if request.content_type != "application/x-www-form-urlencoded" or b"%" not in request.body:
        return
    if next(islice(_BROKEN.finditer(request.body), _MOST_BROKEN, None), None) is not None:
        raise BadRequest("broken escapes without number")


class _Parser(MultiPartParser):
    """Django's multipart parser, but file names keep slashes and HTML entities, which Django strips or decodes."""

    def sanitize_file_name(self, file_name_sent: str) -> str:
        # Browsers write a quotation mark as %22 (the form-data of HTML), and nothing else so.
        return file_name(file_name_sent.replace("%22", chr(34)))[-_LONGEST_NAME:] or "file"


def _parsed(request: HttpRequest, meta: Any, body: Any) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    request.upload_handlers = ImmutableList(request.upload_handlers)
    return _Parser(meta, body, request.upload_handlers, request.encoding).parse()


def _whole(path: str) -> str:
    """Replace NUL, which no URL of ours contains, so that such a path gives a 404 instead of a database error."""
    return path.replace("\x00", "\ufffd")


def _cleaned(sent: QueryDict) -> QueryDict:
    if all(_is_clean(name) and all(map(_is_clean, values)) for name, values in sent.lists()):
        return sent
    cleaned = QueryDict(mutable=True, encoding=sent.encoding)
    for name, values in sent.lists():
        for value in values:
            cleaned.appendlist(entered(name), entered(value))
    cleaned._mutable = False
    return cleaned


def _is_clean(text: str) -> bool:
    return text.isascii() and "\x00" not in text and "\r" not in text

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
# Where an escape is broken, or bytes stand as they are beside one: no browser writes a form so. Each costs the reading
# about a microsecond, and a form has room for five million.
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})|[\x80-\xff](?=[\x00-\x7f])")
_MOST_BROKEN = 200_000


def clean_addresses(get_response: Handler) -> Handler:
    """The path, the query and the cookies. Stands before whatever looks something up by them."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.path_info, request.path = _whole(request.path_info), _whole(request.path)
        request.GET = _cleaned(request.GET)  # type: ignore[assignment]
        for name, value in request.COOKIES.items():
            request.COOKIES[name] = entered(value)
        return get_response(request)

    return handle


def clean_forms(get_response: Handler) -> Handler:
    """The fields of a form and the names of its files. Stands behind the limit of bodies, for it reads the body."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            _require_sound(request)
            request.parse_file_upload = partial(_parsed, request)  # type: ignore[method-assign]
            request.POST = _cleaned(request.POST)  # type: ignore[assignment]  # the stubs know no other than theirs
        return get_response(request)

    return handle


def _require_sound(request: HttpRequest) -> None:
    """Raises BadRequest for a form of words that is made to be slow to read (AB-93)."""
    if request.content_type != "application/x-www-form-urlencoded" or b"%" not in request.body:
        return
    if next(islice(_BROKEN.finditer(request.body), _MOST_BROKEN, None), None) is not None:
        raise BadRequest("broken escapes without number")


class _Parser(MultiPartParser):
    """Django's, but for the names of files: it takes any slash for a path, and "&amp;" for "&"."""

    def sanitize_file_name(self, file_name_sent: str) -> str:
        # Browsers write a quotation mark as %22 (the form-data of HTML), and nothing else so.
        return file_name(file_name_sent.replace("%22", chr(34)))[-_LONGEST_NAME:] or "file"


def _parsed(request: HttpRequest, meta: Any, body: Any) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    request.upload_handlers = ImmutableList(request.upload_handlers)
    return _Parser(meta, body, request.upload_handlers, request.encoding).parse()


def _whole(path: str) -> str:
    """No address of ours has a NUL; a path that has one is found nowhere."""
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

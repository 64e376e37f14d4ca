"""The outcome of a request as one letter, those of tests/matrix.txt."""

import re
from collections.abc import Iterable

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

# Tables written by merely opening a page: sessions, read marks, rate limits.
HOUSEKEEPING = {
    "django_session",
    "otklik_cache",
    "people_loginsession",
    "people_guesses",
    "tickets_seen",
    "tickets_seenuntil",
}
_WRITES = re.compile(r'\b(?:INSERT INTO|DELETE FROM|(?<!FOR )(?<!KEY )(?<!DO )UPDATE) "?(\w+)"?', re.IGNORECASE)
_REFUSED = {400, 409, 413, 422, 429}
_COMPLAINT = ('aria-invalid="true"', 'class="field-error"', 'role="alert"')


def outcome(client: Client, method: str, path: str, data: dict[str, object] | None = None) -> str:
    """Make the request and return its letter. What it wrote is not rolled back."""
    with CaptureQueriesContext(connection) as seen:
        response = getattr(client, method)(path, data or {})
    return letter(response, acted=bool(written(query["sql"] for query in seen)))


def letter(response: HttpResponse, *, acted: bool) -> str:
    """Return the letter for a response, given whether the request wrote anything."""
    status, target = response.status_code, response.headers.get("Location", "")
    if 300 <= status < 400 and "/user/login" in target:
        return "l"
    if status in {404, 405}:
        return "-" if status == 404 else "x"
    if status >= 400:
        return "f" if status in _REFUSED else "!"
    if acted:
        return "a"
    if 300 <= status < 400 and status != 304:
        return "r"
    return "f" if response.wsgi_request.method == "POST" and complains(response) else "+"


def complains(response: HttpResponse) -> bool:
    """Return whether the page reports an error."""
    page = "" if response.streaming or status_only(response) else response.content.decode(errors="replace")
    return any(mark in page for mark in _COMPLAINT)


def status_only(response: HttpResponse) -> bool:
    return response.status_code == 204


def written(statements: Iterable[str]) -> set[str]:
    """Return the tables that these statements wrote to without a rollback, except HOUSEKEEPING."""
    tables: list[str] = []
    marks: dict[str, int] = {}
    for sql in statements:
        if sql.startswith("SAVEPOINT "):
            marks[sql.split()[1]] = len(tables)
        elif sql.startswith("ROLLBACK TO SAVEPOINT "):
            del tables[marks[sql.split()[3]] :]
        else:
            tables += _WRITES.findall(sql)
    return {table.lower() for table in tables} - HOUSEKEEPING

"""Statements, CPU and bytes of one page, measured in process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import set_script_prefix

from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo

# An open page that asks for news and gets none has its answer, too.
ANSWERED = (200, 204)
# The header by which htmx says that it asks.
POLLS = "HX-Request"


@dataclass(frozen=True)
class PageCost:
    """What a page took from the database and gave to the reader."""

    statements: int
    body: bytes


def page_cost(path: str, cookie: str, *, polled: bool = False) -> PageCost:
    """Ask for the page once to warm up and once to count; `polled`: as an open page asks for its news. Raises UnableTo
    when it answers none of ANSWERED."""
    client = Client(headers={POLLS: "true"} if polled else {}, SERVER_NAME="127.0.0.1", HTTP_COOKIE=cookie)
    counted = _Counted()
    set_script_prefix("/")
    _body(client, path)
    with connection.execute_wrapper(counted):
        body = _body(client, path)
    return PageCost(counted.statements, body)


def _body(client: Client, path: str) -> bytes:
    secure = settings.SECURE_SSL_REDIRECT
    answer = client.get(path, secure=bool(secure))
    if answer.status_code not in ANSWERED:
        raise UnableTo(CliRefusal.BENCH_PAGE_FAILED, path=path, status=answer.status_code)
    return answer.getvalue() if answer.streaming else answer.content


class _Counted:
    statements = 0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)

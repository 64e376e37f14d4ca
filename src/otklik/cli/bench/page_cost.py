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

# 204 is the answer to a poll without news.
ANSWERED = (200, 204)
# The header that htmx sends.
POLLS = "HX-Request"


@dataclass(frozen=True)
class PageCost:
    """The number of statements that a page took, and its body."""

    statements: int
    body: bytes


def page_cost(path: str, cookie: str, *, polled: bool = False) -> PageCost:
    """Request the page twice, first to warm up caches, then to count. `polled`: as htmx polls.

    Raises UnableTo for a status other than ANSWERED.
    """
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

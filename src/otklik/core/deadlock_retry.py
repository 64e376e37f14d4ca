"""Retry a transaction once after PostgreSQL chose it as the victim of a deadlock and rolled it back."""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from otklik.core.transient_errors import is_lost_race

log = logging.getLogger("otklik.web")

_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|MERGE|WITH\b.*\b(?:INSERT|UPDATE|DELETE|MERGE)\b)", re.DOTALL)


class DeadlockRetry:
    """Middleware that calls the view a second time if it ended in a deadlock before committing anything.

    Rate limits count both calls. Must be the last middleware, so that its `process_exception` runs first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, recording whether anything is committed."""
        watch = request.commits = _Commits()  # type: ignore[attr-defined]
        with connection.execute_wrapper(watch):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Remember the view's call. Commits made by middleware before the view do not prevent the retry."""
        watch: _Commits = request.commits  # type: ignore[attr-defined]
        watch.any, watch.view = False, lambda: view(request, *args, **kwargs)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the response of the second call, None if there may be none. Its errors are not caught again."""
        watch: _Commits = request.commits  # type: ignore[attr-defined]
        again, watch.view = watch.view, None
        if again is None or watch.any or not is_lost_race(error):
            return None
        log.info("an act lost a deadlock and is done once more")
        for files in request.FILES.lists():
            for file in files[1]:
                file.seek(0)
        return again()


class _Commits:
    """Records whether this request has committed a write."""

    def __init__(self) -> None:
        self.any = False
        self.view: Callable[[], HttpResponse] | None = None

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if not self.any and _WRITES.match(str(sql)):
            # Runs at once outside a transaction, otherwise when it commits.
            transaction.on_commit(self._note)
        return result

    def _note(self) -> None:
        self.any = True

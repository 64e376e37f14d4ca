"""Per-process cache of configuration rows, invalidated by a version in the database (ADR 102).

    @kept
    def transitions(desk: int) -> tuple[Transition, ...]: ...

Triggers of the database give the configuration another version with each change of the tables in CONFIGURED_TABLES
(see core.migrations.0004 and desks.migrations.0018). A request that only reads learns the version with its session and
takes what was kept for just that version. Everybody else (acts, commands, the worker, any transaction) reads anew.
"""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse

from otklik.core.models import ConfigurationVersion

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Handler = Callable[[HttpRequest], HttpResponse]

CONFIGURED_TABLES = (
    "desks_desk", "desks_status", "desks_transition", "desks_priority", "desks_resolution", "desks_requesttype",
    "desks_queue", "desks_channel", "desks_membership",
)  # fmt: skip
# Of each read; a site has some dozens of desks and some hundreds of agents.
_MOST = 2_000


@dataclass
class _Reading:
    """A request that only reads; `version` as it was when the request began, None while nobody asked."""

    version: UUID | None = None


ALL: list["Kept[Any, Any]"] = []
"""Every kept read that was imported, for the test that looks at which tables they read."""

_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)


def configuration_kept(get_response: Handler) -> Handler:
    """Middleware: requests that only read may use what is kept."""

    def handle(request: HttpRequest) -> HttpResponse:
        token = _reading.set(_Reading() if request.method in {"GET", "HEAD"} else None)
        try:
            return get_response(request)
        finally:
            _reading.reset(token)

    return handle


def note_version(version: UUID | None) -> None:
    """The configuration's version, from a statement that read it along; the first one of a request holds."""
    reading = _reading.get()
    if reading is not None and reading.version is None:
        reading.version = version


class Kept(Generic[P, T]):
    """What `kept` makes of a function."""

    def __init__(self, read: Callable[P, T]) -> None:
        self._read = read
        self._rows: tuple[UUID | None, dict[Hashable, T]] = (None, {})
        update_wrapper(self, read)
        ALL.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """What was kept for these arguments, read where nothing was."""
        rows = self._kept()
        if rows is None:
            return self._read(*args, **kwargs)
        if args not in rows:
            # Written into the mapping of this version: another thread may have begun that of the next.
            rows[args] = self._read(*args, **kwargs)
        return rows[args]

    def _kept(self) -> dict[Hashable, T] | None:
        """What was kept for the version of this request, by arguments; None: nothing may be."""
        version = _version()
        if version is None:
            return None
        if self._rows[0] != version or len(self._rows[1]) >= _MOST:
            self._rows = (version, {})
        return self._rows[1]


def kept(read: Callable[P, T]) -> Kept[P, T]:
    """Keep what the function returns for each of its arguments: positional, hashable. It reads CONFIGURED_TABLES and
    nothing else, no language and no time either; what it returns is shared by all requests, so nobody changes it."""
    return Kept(read)


class KeptEach(Kept[[tuple[K, ...]], dict[K, T]]):
    """What `kept_each` makes of a function."""

    def __call__(self, keys: tuple[K, ...]) -> dict[K, T]:
        """What was kept for each of the keys; the others are read together."""
        rows = cast("dict[K, T | None] | None", self._kept())
        if rows is None:
            return self._read(keys)
        missing = tuple(key for key in keys if key not in rows)
        if missing:
            read = self._read(missing)
            rows.update({key: read.get(key) for key in missing})
        return {key: value for key in keys if (value := rows[key]) is not None}


def kept_each(read: Callable[[tuple[K, ...]], dict[K, T]]) -> KeptEach[K, T]:
    """As `kept`, for a function that reads many at once: what it returns is kept for each key by itself, so that
    readers of different sets share it. A key that it returns nothing for has nothing."""
    return KeptEach(read)


def _version() -> UUID | None:
    """What is kept for this version may be used; None: nothing may."""
    reading = _reading.get()
    # Within a transaction one sees what may never be.
    if reading is None or connection.in_atomic_block:
        return None
    if reading.version is None:
        reading.version = ConfigurationVersion.objects.values_list("version", flat=True).first()
    return reading.version

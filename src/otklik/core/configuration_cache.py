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
    """State of a read-only request. `version`: the configuration's version when first asked for, None before that."""

    version: UUID | None = None


ALL: list["Kept[Any, Any]"] = []
"""Every kept read that was imported, for the test that looks at which tables they read."""

_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)


def configuration_kept(get_response: Handler) -> Handler:
    """Middleware: allow cached configuration within GET and HEAD requests."""

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
    """The callable that `kept` returns."""

    def __init__(self, read: Callable[P, T]) -> None:
        self._read = read
        self._rows: tuple[UUID | None, dict[Hashable, T]] = (None, {})
        update_wrapper(self, read)
        ALL.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the cached result for these arguments, calling the function if there is none."""
        rows = self._kept()
        if rows is None:
            return self._read(*args, **kwargs)
        if args not in rows:
            # `rows`, not `self._rows`: another thread may have replaced that with the next version's.
            rows[args] = self._read(*args, **kwargs)
        return rows[args]

    def _kept(self) -> dict[Hashable, T] | None:
        """Return the results cached for this request's configuration version, by arguments; None if caching is off."""
        version = _version()
        if version is None:
            return None
        if self._rows[0] != version or len(self._rows[1]) >= _MOST:
            self._rows = (version, {})
        return self._rows[1]


def kept(read: Callable[P, T]) -> Kept[P, T]:
    """Cache the function's result per tuple of arguments, which must be positional and hashable.

    The function may read CONFIGURED_TABLES only, no other tables and neither language nor time. All requests share the
    result, so callers must not modify it.
    """
    return Kept(read)


class KeptEach(Kept[[tuple[K, ...]], dict[K, T]]):
    """The callable that `kept_each` returns."""

    def __call__(self, keys: tuple[K, ...]) -> dict[K, T]:
        """Return the cached values of these keys; those not cached yet are read in one call."""
        rows = cast("dict[K, T | None] | None", self._kept())
        if rows is None:
            return self._read(keys)
        missing = tuple(key for key in keys if key not in rows)
        if missing:
            read = self._read(missing)
            rows.update({key: read.get(key) for key in missing})
        return {key: value for key in keys if (value := rows[key]) is not None}


def kept_each(read: Callable[[tuple[K, ...]], dict[K, T]]) -> KeptEach[K, T]:
    """Like `kept`, for a function that reads many keys at once: results are cached per key, so that callers with
    different sets of keys share them. Keys that the function does not return are cached as absent."""
    return KeptEach(read)


def _version() -> UUID | None:
    """Return the configuration version whose cached results may be used, None if none may."""
    reading = _reading.get()
    # A transaction sees its own uncommitted changes, which may be rolled back: never cache those.
    if reading is None or connection.in_atomic_block:
        return None
    if reading.version is None:
        reading.version = ConfigurationVersion.objects.values_list("version", flat=True).first()
    return reading.version

"""Find and delete stored files that no row refers to any more.

A file is removed when no row has named it for UNUSED_KEPT, seen at two times at least, and nobody has stored the same
bytes meanwhile (`core.blobs.remove` looks under a lock). So neither a mail that just comes in, nor a form that lies
open in a browser, nor a backup that runs meanwhile loses one.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from otklik.core import blobs
from otklik.core.models import UnusedBlob
from otklik.core.transient_errors import is_transient
from otklik.tickets.files_in_use import named_among

log = logging.getLogger("otklik.worker")

UNUSED_KEPT = timedelta(days=14)
REST_SECONDS = 6 * 3600.0
_STEP_SECONDS = 2.0
_AT_ONCE = 500
SHELVES = tuple(f"{number:02x}" for number in range(256))


@dataclass
class Swept:
    """How many files a sweep examined, found unused, and removed."""

    files: int = 0
    unused: int = 0
    removed: int = 0


class UnusedFiles:
    """Scans one shelf of the store at a time, then pauses. Several workers may run it concurrently."""

    def __init__(self) -> None:
        self._shelf = 0
        self._not_before = 0.0

    def step(self) -> bool:
        """Scan a shelf if it is time. Always returns False: the worker need not call again at once."""
        if time.monotonic() < self._not_before:
            return False
        shelf, self._shelf = SHELVES[self._shelf], (self._shelf + 1) % len(SHELVES)
        # Set before the work: a shelf that fails must not block the next ones.
        self._not_before = time.monotonic() + (_STEP_SECONDS if self._shelf else REST_SECONDS)
        swept = sweep(shelf, timezone.now())
        if swept.removed:
            log.info("%d files removed that nothing refers to", swept.removed)
        return False


def sweep(shelf: str, at: datetime, *, remove: bool = True) -> Swept:
    """Scan the blobs whose digest begins with `shelf`: mark unused ones, and delete those marked long ago.

    `remove` False only marks.
    """
    swept, present = Swept(), sorted(blobs.shelf(shelf))
    for start in range(0, len(present), _AT_ONCE):
        batch = present[start : start + _AT_ONCE]
        unused = {digest for digest, stored_at in batch if stored_at < at - UNUSED_KEPT}
        unused -= named_among(unused)
        swept.files, swept.unused = swept.files + len(batch), swept.unused + len(unused)
        noted = _noted({digest for digest, _ in batch}, unused, at)
        if remove:
            swept.removed += _remove([digest for digest in unused if noted.get(digest, at) < at - UNUSED_KEPT], at)
    return swept


def _noted(looked_at: set[str], unused: set[str], at: datetime) -> dict[str, datetime]:
    """Return since when each unused blob has been marked, unmarking those in use again."""
    with transaction.atomic():
        UnusedBlob.objects.filter(digest__in=looked_at - unused).delete()
        UnusedBlob.objects.bulk_create(
            [UnusedBlob(digest=digest, since=at) for digest in unused], ignore_conflicts=True
        )
    return dict(UnusedBlob.objects.filter(digest__in=unused).values_list("digest", "since"))


def _remove(digests: Iterable[str], at: datetime) -> int:
    gone = [digest for digest in digests if _is_removed(digest, at)]
    UnusedBlob.objects.filter(digest__in=gone).delete()
    return len(gone)


def _is_removed(digest: str, at: datetime) -> bool:
    try:
        return blobs.remove(digest, before=at - UNUSED_KEPT)
    except OSError as error:
        if is_transient(error):
            raise
        log.exception("the unused file %s cannot be removed", digest)
        return False

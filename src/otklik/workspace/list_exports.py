"""Makes the files of lists that people ask for: claimed rows, so that a page sees how far each is (ADR 122)."""

import logging
import time
import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from otklik.core import blobs
from otklik.core.due_times import SKEW
from otklik.core.errors import UnableTo
from otklik.core.locks import lock_first
from otklik.core.skipped_rows import PassedOver
from otklik.core.statement_timeout import each_statement_within
from otklik.core.transient_errors import is_transient
from otklik.tickets.answers.export_columns import AnswerColumns
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import ListExport
from otklik.ui.spreadsheets import Lines, csv_pieces, xlsx_file
from otklik.workspace.export_table import ExportTable, answers_of
from otklik.workspace.refusals import WorkspaceRefusal

log = logging.getLogger("otklik.worker")

MOST_ROWS = 100_000
STATEMENT_LIMIT, LONGEST = timedelta(seconds=60), timedelta(minutes=30)
# Longer than STATEMENT_LIMIT, so a claim does not expire during a statement.
CLAIMED = timedelta(minutes=2)
_CHUNK = 256 * 1024
_PASSED_OVER = PassedOver()


class _NotWanted(Exception):
    """The row was removed by its person, or is claimed by another worker."""


def export_next() -> bool:
    """Make the file of one waiting export; return whether there was one.

    A worker that dies leaves a claim that expires and counts as a failed attempt, so an export that kills workers is
    given up after some attempts.
    """
    export = _claimed(timezone.now())
    if export is None:
        return False
    if export.failed_at is None:
        _tried(export)
    return True


def _claimed(now: datetime) -> ListExport | None:
    free = ListExport.objects.filter(ListExport.may_be_tried(now), ready_at=None, expires_at__gt=now)
    held = free.filter(claimed_until__gt=now, claimed_until__lte=now + CLAIMED + SKEW)
    waiting = free.exclude(pk__in=held.values("pk")).exclude(pk__in=_PASSED_OVER.rows())
    with transaction.atomic():
        export = lock_first(waiting.order_by("asked_at"), skip_locked=True)
        if export is not None:
            columns = export.note_failure(now) if export.claimed_until is not None else []
            export.claimed_until = None if export.failed_at else now + CLAIMED
            export.save(update_fields=[*columns, "claimed_until"])
    return export


def _tried(export: ListExport) -> None:
    try:
        try:
            _make(export)
        except UnableTo as error:
            with override(export.language):
                _settle(export, failed_at=timezone.now(), trouble=error.translated())
    except _NotWanted:
        log.info("list export %s: not wanted any more", export.pk)
    except Exception as error:
        if is_transient(error):
            _settle(export)
            raise
        log.exception("list export %s failed", export.pk)
        _note_failure(export)


def _note_failure(export: ListExport) -> None:
    try:
        columns = export.note_failure(timezone.now())
        _settle(export, **{name: getattr(export, name) for name in columns})
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("list export %s: that it failed cannot be noted", export.pk)
        _PASSED_OVER.add(export.pk)


def _make(export: ListExport) -> None:
    with override(export.language), timezone.override(_zone(export)):
        asker = Asker(export.person, export.asked_at, at_work=True)
        wanted = _wanted(export, asker)
        # The desks that were searched, not those where the person works when the file is fetched.
        export.total, export.desks = len(wanted.ids), asker.worked
        _go_on(export, total=export.total, desks=export.desks, cut=export.cut, done=0)
        chunks = _watched(export, wanted)
        if export.kind == ListExport.Kind.CSV:
            digest, size = blobs.put(csv_pieces(wanted.headers(), chunks))
        else:
            with xlsx_file(_("Requests"), wanted.headers(), chunks) as file:
                digest, size = blobs.put(_chunks(file))
    _settle(export, ready_at=timezone.now(), digest=digest, size=size)


def _wanted(export: ListExport, asker: Asker) -> ExportTable:
    """Return the rows to export: what the filter finds now among the tickets its person may see, at most MOST_ROWS."""
    with each_statement_within(STATEMENT_LIMIT):
        tickets = find(parse(export.jql), asker).values_list("pk", flat=True)
        ids = list(tickets[: MOST_ROWS + 1])
        export.cut, ids = len(ids) > MOST_ROWS, ids[:MOST_ROWS]
        answers = answers_of(ids) if export.answers else AnswerColumns()
    return ExportTable(asker.tickets, ids, export.columns, answers)


def _watched(export: ListExport, wanted: ExportTable) -> Iterator[Lines]:
    """Yield the file's lines and note the progress after each chunk; a truncated list ends with a line that says so.

    Raises UnableTo after LONGEST.
    """
    end = time.monotonic() + LONGEST.total_seconds()
    for lines in wanted.chunks():
        if time.monotonic() > end:
            raise UnableTo(WorkspaceRefusal.EXPORT_TOOK_TOO_LONG, minutes=LONGEST // timedelta(minutes=1))
        yield lines
        export.done += len(lines)
        _go_on(export, done=export.done)
    if export.cut:
        yield [[_("The filter finds more than %(most)d requests: the rest is not in this file.") % {"most": MOST_ROWS}]]


def _go_on(export: ListExport, **columns: object) -> None:
    """Save progress and extend the claim. Raises _NotWanted."""
    until = timezone.now() + CLAIMED
    _change(export, claimed_until=until, **columns)
    export.claimed_until = until


def _settle(export: ListExport, **columns: object) -> None:
    """Save the columns and release the claim. Raises _NotWanted."""
    _change(export, claimed_until=None, **columns)


def _change(export: ListExport, **columns: object) -> None:
    mine = ListExport.objects.filter(pk=export.pk, claimed_until=export.claimed_until)
    if not mine.update(**columns):
        raise _NotWanted


def _zone(export: ListExport) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(export.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def _chunks(file: IO[bytes]) -> Iterable[bytes]:
    return iter(lambda: file.read(_CHUNK), b"")

"""The page of lists as files: what is asked for, and the reader's files."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import formats

from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import ListExport
from otklik.workspace.desk_context import Standing
from otklik.workspace.export_table import COLUMNS
from otklik.workspace.list_exports import MOST_ROWS
from otklik.workspace.pages.rows import USUAL


@dataclass(frozen=True, slots=True)
class AskedFile:
    """An export to make: filter, column names, whether to add columns for form answers, file format."""

    jql: str
    columns: list[str]
    answers: bool
    kind: ListExport.Kind


@dataclass(frozen=True, slots=True)
class FileRow:
    """An export of the reader. `state`: "waits", "made", "ready" or "failed"; `counted`: progress as text."""

    id: int
    jql: str
    url: str
    kind: str
    state: str
    done: int
    total: int
    counted: str
    most: str
    cut: bool
    trouble: str
    asked_at: datetime
    expires_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class FilesPage:
    """Everything the page prints. `shown`: the columns of the list the reader came from; `polled`: whether to poll."""

    jql: str
    back: str
    shown: str
    most: str
    files: list[FileRow]
    polled: bool

    @property
    def marker(self) -> str:
        """A text that changes whenever the files would be shown differently."""
        return f"{zlib.crc32(repr(self.files).encode()):x}"


def files_page(stands: Standing, params: QueryDict, at: datetime) -> FilesPage:
    """Return the page for the URL parameters `jql` and `shown` (column names separated by commas)."""
    files = [_row(export, stands) for export in own_files(stands, at)]
    jql = params.get("jql", "").strip()
    return FilesPage(
        jql=jql,
        back=f"{reverse('workspace:issues')}?{urlencode({'jql': jql})}" if jql else reverse("workspace:issues"),
        shown=",".join(shown_columns(params)),
        most=_number(MOST_ROWS),
        files=files,
        polled=any(file.state in ("waits", "made") for file in files),
    )


def own_files(stands: Standing, at: datetime) -> QuerySet[ListExport]:
    """Return the reader's exports that have not expired, newest first."""
    return ListExport.objects.filter(person=stands.person, expires_at__gt=at).order_by("-pk")


def is_theirs(export: ListExport, stands: Standing) -> bool:
    """Return whether the reader still works at all desks whose tickets are in the file."""
    return set(export.desks) <= set(stands.desk_ids)


def shown_columns(params: Mapping[str, str]) -> list[str]:
    """Return the columns named in `shown` that a file can have; the usual ones if there are none."""
    named = dict.fromkeys(params.get("shown", "").split(","))
    return [name for name in named if name in COLUMNS] or list(USUAL)


def asked_file(stands: Standing, params: QueryDict, at: datetime) -> AskedFile:
    """Return the export that the posted data ask for; unknown values mean the default. Raises BadJql."""
    jql = params.get("jql", "").strip()
    find(parse(jql), Asker(stands.person, at, at_work=True))
    columns = list(COLUMNS) if params.get("columns") == "all" else shown_columns(params)
    kind = ListExport.Kind.CSV if params.get("kind") == "csv" else ListExport.Kind.XLSX
    return AskedFile(jql, columns, params.get("answers") == "1", kind)


def _row(export: ListExport, stands: Standing) -> FileRow:
    return FileRow(
        id=export.pk,
        jql=export.jql,
        url=reverse("workspace:export_file", args=[export.pk]) if is_theirs(export, stands) else "",
        kind=export.get_kind_display().upper(),
        state=_state(export),
        done=export.done,
        total=export.total or 0,
        counted=f"{_number(export.done)} / {_number(export.total or 0)}",
        most=_number(MOST_ROWS),
        cut=export.cut,
        trouble=export.trouble,
        asked_at=export.asked_at,
        expires_at=export.expires_at,
        size=export.size,
    )


def _state(export: ListExport) -> str:
    if export.ready_at is not None:
        return "ready"
    if export.failed_at is not None:
        return "failed"
    return "waits" if export.total is None else "made"


def _number(number: int) -> str:
    return str(formats.number_format(number, use_l10n=True, force_grouping=True))

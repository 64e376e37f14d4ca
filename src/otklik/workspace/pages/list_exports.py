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

from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import ListExport
from otklik.workspace.desk_context import Standing
from otklik.workspace.list_exports import MOST_ROWS
from otklik.workspace.list_files import COLUMNS
from otklik.workspace.pages.rows import USUAL


@dataclass(frozen=True, slots=True)
class AskedFile:
    """What a form says: the filter, the columns' names, whether answers to forms are columns too, the kind of file."""

    jql: str
    columns: list[str]
    answers: bool
    kind: ListExport.Kind


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of the reader. `state`: "waits", "made", "ready", "failed"; `counted`: how many requests, in words."""

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
    """Everything the page prints. `shown`: the columns of the list from which one comes; `polled`: something is being
    made."""

    jql: str
    back: str
    shown: str
    most: str
    files: list[FileRow]
    polled: bool

    @property
    def marker(self) -> str:
        """Another one whenever the files would be shown otherwise."""
        return f"{zlib.crc32(repr(self.files).encode()):x}"


def files_page(stands: Standing, words: QueryDict, at: datetime) -> FilesPage:
    """For the address's words `jql` and `shown`, names of columns parted by commas."""
    files = [_row(export, stands) for export in own_files(stands, at)]
    jql = words.get("jql", "").strip()
    return FilesPage(
        jql=jql,
        back=f"{reverse('workspace:issues')}?{urlencode({'jql': jql})}" if jql else reverse("workspace:issues"),
        shown=",".join(shown_columns(words)),
        most=_number(MOST_ROWS),
        files=files,
        polled=any(file.state in ("waits", "made") for file in files),
    )


def own_files(stands: Standing, at: datetime) -> QuerySet[ListExport]:
    """The reader's files, the newest first."""
    return ListExport.objects.filter(person=stands.person, expires_at__gt=at).order_by("-pk")


def is_theirs(export: ListExport, stands: Standing) -> bool:
    """Whether the reader may still see every desk of whose requests the file tells."""
    return set(export.desks) <= set(stands.desk_ids)


def shown_columns(words: Mapping[str, str]) -> list[str]:
    """The columns that a list has, each once, as far as a file knows them; else those of any list."""
    named = dict.fromkeys(words.get("shown", "").split(","))
    return [name for name in named if name in COLUMNS] or list(USUAL)


def asked_file(stands: Standing, words: QueryDict, at: datetime) -> AskedFile:
    """What was sent: words that are none of ours mean what stands first. Raises BadJql for a text that is no filter."""
    jql = words.get("jql", "").strip()
    find(parse(jql), Asker(stands.person, at, at_work=True))
    columns = list(COLUMNS) if words.get("columns") == "all" else shown_columns(words)
    kind = ListExport.Kind.CSV if words.get("kind") == "csv" else ListExport.Kind.XLSX
    return AskedFile(jql, columns, words.get("answers") == "1", kind)


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

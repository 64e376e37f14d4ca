"""The page on which a queue is made or changed, and the list of a desk's queues for its leads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.statement_timeout import each_statement_within
from otklik.desks.commands.queues import version_of
from otklik.desks.commands.settings import changes_of
from otklik.desks.events import DeskChanged
from otklik.desks.models import Desk, Queue
from otklik.desks.texts import name_of
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.stored_form import stored
from otklik.workspace.chips.bar import Bar, bar_of
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.issues import Mistake, mistake_in
from otklik.workspace.pages.list_columns import list_columns
from otklik.workspace.pages.queue import rows_in_order
from otklik.workspace.pages.rows import COLUMNS, Column
from otklik.workspace.pages.types import Row
from otklik.workspace.queue_counts import COUNTED, first_ids
from otklik.workspace.queue_texts import asker_for, text_of
from otklik.workspace.ticket_row import TicketRow

SHOWN = 10
_LIMIT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the text finds: first rows and their total; or the mistake.

    `columns`: of the rows; `jql`: stored form; `bar`: conditions in words.
    """

    jql: str = ""
    rows: tuple[TicketRow, ...] = ()
    columns: tuple[Column, ...] = ()
    total: str = ""
    mistake: Mistake | None = None
    bar: Bar | None = None


def preview_of(stands: Standing, desk: Desk | None, text: str, at: datetime, *, columns: Sequence[str] = ()) -> Preview:
    """Return the preview for a queue of this desk, or of all the reader's desks if it is None.

    `columns`: names of the columns to show; the usual ones if none of them is known.
    """
    asker = asker_for(stands, desk, at)
    try:
        with each_statement_within(_LIMIT):
            jql = stored(text, asker)
            query = parse(text)
            tickets, bar = find(query, asker), bar_of(query, asker)
            count = first_ids(tickets).count()
            rows = rows_in_order(tickets, 0, SHOWN)
    except BadJql as error:
        return Preview(mistake=mistake_in(error, text))
    except UnableTo as error:
        return Preview(mistake=Mistake(error.translated()))
    heads = tuple(list_columns(stands.desk_ids, columns).heads())
    return Preview(jql, tuple(rows), heads, str(count) if count <= COUNTED else f"{COUNTED}+", bar=bar)


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A deleted queue that can be restored. `just`: whether it was the last one deleted."""

    name: str
    icon: str
    at: datetime
    url: str
    just: bool


def removed_lines(queues: Iterable[Queue], just: str) -> list[RemovedLine]:
    """Return the deleted queues; `just`: the id, from the URL, of the last one deleted."""
    return [
        RemovedLine(
            name=name_of(queue),
            icon=queue.icon or "list",
            at=queue.removed_at,
            url=reverse("workspace:restore_queue", args=[queue.pk]),
            just=str(queue.pk) == just,
        )
        for queue in queues
        if queue.removed_at is not None
    ]


@dataclass(frozen=True, slots=True)
class OthersChange:
    """The queue's present state, for a form that was opened before it changed.

    `who`, `at`: only for queues of desks.
    """

    version: str
    name: str
    text: str
    columns: list[str]
    icon: str
    who: str = ""
    at: datetime | None = None


def others_change(stands: Standing, desk: Desk | None, queue_id: int, at: datetime) -> OthersChange | None:
    """Return the queue's present state; None if it was deleted for good."""
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        return None
    of_this = DeskChanged.where(thing="queue", row_id=queue.pk)
    change = changes_of(desk).filter(of_this).order_by("-id").first() if desk else None
    return OthersChange(
        version=version_of(queue),
        name=queue.name,
        text=text_of(stands, desk, queue.pk, at),
        columns=[str(COLUMNS.get(name, name)) for name in queue.columns],
        icon=queue.icon,
        who=change.actor if change else "",
        at=change.at if change else None,
    )


def queue_rows(desk: Desk) -> list[Row]:
    """Return the desk's queues in order, hidden ones last. One query."""
    queues = list(desk.queues.order_by("hidden", "position", "id"))
    shown = [queue.pk for queue in queues if not queue.hidden]
    return [
        Row(
            id=queue.pk,
            name=name_of(queue),
            icon=queue.icon or "list",
            notes=[queue.typed or queue.jql] + ([_("hidden")] if queue.hidden else []),
            archived=queue.hidden,
            first=shown[:1] == [queue.pk],
            last=shown[-1:] == [queue.pk],
            url=reverse("workspace:edit_queue", args=[queue.pk]),
            form_url=reverse("workspace:queue", args=[desk.key, queue.pk]),
            archive_url=reverse("workspace:hide_queue", args=[queue.pk]),
        )
        for queue in queues
    ]

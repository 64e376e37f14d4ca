"""The page on which a queue is made or changed, and the list of a desk's queues for its leads."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.time_limit import each_statement_within
from otklik.desks.models import Desk
from otklik.desks.texts import name_of
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.stored import stored
from otklik.workspace.counts import COUNTED, first_ids
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.issues import Mistake, mistake_in
from otklik.workspace.pages.queue import rows_in_order
from otklik.workspace.pages.rows import TicketRow, row_of
from otklik.workspace.pages.types import Row
from otklik.workspace.queue_texts import asker_for

SHOWN = 10
_LIMIT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the text finds: the first rows, and how many there are; or what is wrong with it. `jql`: its stored form."""

    jql: str = ""
    rows: tuple[TicketRow, ...] = ()
    total: str = ""
    mistake: Mistake | None = None


def preview_of(stands: Standing, desk: Desk | None, text: str, at: datetime) -> Preview:
    """For a queue of this desk, or of all of the reader's."""
    asker = asker_for(stands, desk, at)
    try:
        with each_statement_within(_LIMIT):
            jql = stored(text, asker)
            tickets = find(parse(text), asker)
            count = first_ids(tickets).count()
            rows = rows_in_order(tickets, 0, SHOWN)
    except BadJql as error:
        return Preview(mistake=mistake_in(error, text))
    except UnableTo as error:
        return Preview(mistake=Mistake(error.translated()))
    return Preview(jql, tuple(map(row_of, rows)), str(count) if count <= COUNTED else f"{COUNTED}+")


def queue_rows(desk: Desk) -> list[Row]:
    """The desk's queues in order, hidden ones last; one query."""
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

"""Update queue filters that refer to a person by id when two accounts are merged."""

from collections.abc import Sequence
from datetime import datetime

from otklik.core.locks import lock_first
from otklik.desks.models import Queue
from otklik.journal.models import Event
from otklik.people.events import PersonMerged
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.stored_form import with_person

# Finds candidates. Only parsing tells whether a number is a person's id.
_NUMBER = r"(^|\D){}(\D|$)"


def follow_merges(events: Sequence[Event], at: datetime) -> None:
    """After people were merged, replace the merged person by the surviving one in the filters of all queues.

    Includes deleted queues. Idempotent. One statement per event, and two per filter that may name the person.
    """
    for event in events:
        told = event.typed
        if isinstance(told, PersonMerged):
            _follow(told.merged, event.subject_id, at)


def _follow(former: int, survivor: int, at: datetime) -> None:
    named = Queue.with_removed.filter(jql__regex=_NUMBER.format(former))
    for pk in named.order_by("pk").values_list("pk", flat=True):
        queue = lock_first(Queue.with_removed.filter(pk=pk))
        if queue is None:
            continue
        try:
            jql = with_person(queue.jql, former, survivor, Asker(None, at))
        except BadJql:
            continue  # a filter that nobody can read names nobody
        if jql != queue.jql:
            queue.jql = jql
            queue.save(update_fields=["jql"])

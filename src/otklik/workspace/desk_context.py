"""Where the agent stands in this request: the desks they work at, and what is in them. Asked once, used by all."""

from datetime import datetime
from functools import cached_property

from django.http import HttpRequest
from django.utils import timezone

from otklik.core.errors import UnableTo
from otklik.desks.access import posts_of
from otklik.desks.desk_snapshot import DeskParts, QueueLine, parts_of, queues_beside
from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.jql.evaluation_context import Asker, Workplace
from otklik.workspace.queue_counts import Counts, count_queues
from otklik.workspace.queue_links import queue_url
from otklik.workspace.queue_reads import BrokenQueue, QueueRead, reads_beside, reads_of


class Standing:
    """What the person works with: desks, rights and queues.

    Attributes are loaded on first use, each by at most one query, however many desks there are.
    """

    def __init__(self, person: Person) -> None:
        self.person = person

    @cached_property
    def _posts(self) -> list[tuple[Desk, bool]]:
        return posts_of(self.person)

    @cached_property
    def desks(self) -> list[Desk]:
        """The desks where the person works (desks.access)."""
        return [desk for desk, _ in self._posts]

    @cached_property
    def led(self) -> set[int]:
        """Ids of the desks whose settings the person may change."""
        return {desk.pk for desk, leads in self._posts if leads}

    @cached_property
    def desk_ids(self) -> list[int]:
        return [desk.pk for desk in self.desks]

    @cached_property
    def parts(self) -> dict[int, DeskParts]:
        """The configuration (queues, statuses, types, ...) of each desk, by desk id."""
        return parts_of(self.desk_ids) if self.desks else {}

    def asker(self, at: datetime) -> Asker:
        """Return the person as the asker of filter queries, restricted to these desks."""
        statuses = (status for parts in self.parts.values() for status in parts.statuses)
        categories = tuple((status.id, status.category) for status in statuses)
        priorities = (priority for parts in self.parts.values() for priority in parts.priorities)
        levels = tuple((priority.id, priority.level) for priority in priorities)
        workplace = Workplace(tuple(self.desk_ids), categories, levels)
        return Asker(self.person, at, at_work=True, workplace=workplace)

    @cached_property
    def counts(self) -> Counts:
        """Counts for the sidebar: tickets in each visible queue, mails of each desk."""
        shown = [queue for parts in self.parts.values() for queue in parts.queues if not queue.hidden]
        reads = [self.reads[queue.id] for queue in (*shown, *self.beside)]
        return count_queues(self.person, self.parts, reads, timezone.now())

    @cached_property
    def beside(self) -> list[QueueLine]:
        """Queues that belong to no desk: the person's own, and the shared ones for people with several desks."""
        queues = queues_beside(self.person.pk) if self.desks else ()
        return [queue for queue in queues if queue.mine or len(self.desks) > 1]

    @cached_property
    def reads(self) -> dict[int, QueueRead | BrokenQueue]:
        """Every queue of `queues` as a statement, by queue id."""
        return reads_of(self.parts.values()) | reads_beside(self.beside, self.parts.values())

    def read(self, queue: QueueLine) -> QueueRead:
        """Return the queue as a statement. Raises UnableTo if its text can no longer be read."""
        read = self.reads[queue.id]
        if isinstance(read, BrokenQueue):
            raise UnableTo(read.error.refusal, **read.error.values)
        return read

    @property
    def queues(self) -> list[QueueLine]:
        """Every queue that the person may see, including hidden queues of the desks."""
        return [*(queue for parts in self.parts.values() for queue in parts.queues), *self.beside]

    def may_change(self, queue: QueueLine) -> bool:
        """Return whether the person may change this queue, which is one of `queues`."""
        return queue.desk in self.led if queue.desk else queue.mine or self.person.is_admin

    def queue_url(self, queue: QueueLine) -> str:
        """Return the URL of this queue, which is one of `queues`."""
        return queue_url(queue, self.parts[queue.desk].key if queue.desk else "")

    def queue(self, desk: Desk | None, queue_id: int) -> QueueLine | None:
        """Return the queue with this id at the desk, or among those of no desk if `desk` is None; else None."""
        queues = self.beside if desk is None else self.parts[desk.pk].queues
        return next((queue for queue in queues if queue.id == queue_id), None)

    def desk(self, key: str) -> Desk | None:
        """Return the desk with this key if the person works there, else None."""
        return next((desk for desk in self.desks if desk.key == key.upper()), None)


def standing(request: HttpRequest) -> Standing:
    """Return the Standing of the logged-in person; the same object during the whole request."""
    memory = vars(request)
    known = memory.get("otklik_standing")
    # Logging in during a request changes the person.
    if not isinstance(known, Standing) or known.person != request.user:
        assert isinstance(request.user, Person)
        known = memory["otklik_standing"] = Standing(request.user)
    return known

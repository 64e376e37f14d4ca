"""Where the agent stands in this request: the desks they work at, and what is in them. Asked once, used by all."""

from functools import cached_property

from django.http import HttpRequest

from otklik.desks.access import posts_of
from otklik.desks.desk_snapshot import DeskParts, QueueLine, parts_of
from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.workspace.counts import Counts, counted


class Standing:
    """Loaded as it is asked for; each attribute costs one query at most, however many desks there are."""

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
        """The ids of those whose settings the person may change."""
        return {desk.pk for desk, leads in self._posts if leads}

    @cached_property
    def desk_ids(self) -> list[int]:
        return [desk.pk for desk in self.desks]

    @cached_property
    def parts(self) -> dict[int, DeskParts]:
        """Their queues, statuses and so on, by desk."""
        return parts_of(self.desk_ids) if self.desks else {}

    @cached_property
    def counts(self) -> Counts:
        """How much is in each queue and in each desk's mail."""
        return counted(self.person, self.parts)

    def queue(self, desk: Desk, queue_id: int) -> QueueLine | None:
        """The desk's queue with this id."""
        return next((queue for queue in self.parts[desk.pk].queues if queue.id == queue_id), None)

    def desk(self, key: str) -> Desk | None:
        """The desk with this key, if the person works there."""
        return next((desk for desk in self.desks if desk.key == key.upper()), None)


def standing(request: HttpRequest) -> Standing:
    """The standing of who is logged in; the same object for the whole request."""
    memory = vars(request)
    known = memory.get("otklik_standing")
    # A login in the midst of a request changes the person.
    if not isinstance(known, Standing) or known.person != request.user:
        assert isinstance(request.user, Person)
        known = memory["otklik_standing"] = Standing(request.user)
    return known

"""Queues of a desk, which its leads make, and of one person. Changes of a desk's are events that can be taken back.

The filter texts are checked by the callers: `values` has both `jql`, in the stored form, and `typed`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from otklik.core.locks import lock
from otklik.desks.commands.settings import UnableToChangeDesk, change_row, require_lead
from otklik.desks.events import DeskChanged
from otklik.desks.models import Desk, Queue, QueueChoice
from otklik.desks.refusals import DeskRefusal
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.models import Person

MOST_OF_DESK = 200
MOST_OF_PERSON = 100


def add_queue(*, actor: Actor, at: datetime, desk: Desk, values: Mapping[str, Any]) -> Queue:
    """A further queue of the desk, the last in order. Raises UnableToChangeDesk."""
    with transaction.atomic():
        require_lead(actor, desk)
        lock(Desk, desk.pk)
        _refuse(Queue.objects.filter(desk=desk), str(values["name"]), MOST_OF_DESK)
        last = desk.queues.aggregate(last=Max("position"))["last"] or 0
        queue = Queue.objects.create(desk=desk, name=values["name"], position=last + 1, hidden=True)
        change_row(actor=actor, at=at, desk=desk, thing="queue", row=queue, values={**values, "hidden": False})
    return queue


def add_own_queue(*, actor: Actor, values: Mapping[str, Any]) -> Queue:
    """A queue that the actor alone sees. Raises UnableToChangeDesk."""
    person = _person(actor)
    with transaction.atomic():
        lock(Person, person.pk)
        own = Queue.objects.filter(owner=person)
        _refuse(own, str(values["name"]), MOST_OF_PERSON)
        last = own.aggregate(last=Max("position"))["last"] or 0
        return Queue.objects.create(owner=person, position=last + 1, **values)


def change_queue(*, actor: Actor, at: datetime, queue: Queue, values: Mapping[str, Any]) -> bool:
    """Give the queue these values; returns whether that changed anything. Raises UnableToChangeDesk."""
    with transaction.atomic():
        _require(actor, queue)
        queue = lock(Queue, queue.pk)
        if values.get("name", queue.name) != queue.name:
            _refuse(_beside(queue), str(values["name"]))
        if queue.desk is not None:
            return change_row(actor=actor, at=at, desk=queue.desk, thing="queue", row=queue, values=values)
        changed = [name for name, value in values.items() if getattr(queue, name) != value]
        for name in changed:
            setattr(queue, name, values[name])
        queue.save(update_fields=changed or ["name"])
    return bool(changed)


def remove_queue(*, actor: Actor, at: datetime, queue: Queue) -> None:
    """Delete the queue; the journal keeps what a desk's was. Raises UnableToChangeDesk."""
    with transaction.atomic():
        _require(actor, queue)
        queue = lock(Queue, queue.pk)
        if queue.desk is not None:
            before = {"name": queue.name, "typed": queue.typed or queue.jql}
            gone = dict.fromkeys(before, "")
            told = DeskChanged(thing="queue", row_id=queue.pk, label=queue.name, before=before, after=gone)
            record(told, about=queue.desk.pk, by=actor, at=at)
        queue.delete()


def order_queues(*, actor: Actor, at: datetime, desk: Desk, order: Sequence[int]) -> bool:
    """Show the desk's queues in this order (ids; those not named follow). Raises UnableToChangeDesk."""
    with transaction.atomic():
        require_lead(actor, desk)
        locked = lock(Desk, desk.pk)
        return change_row(
            actor=actor, at=at, desk=locked, thing="desk", row=locked, values={"queue_order": list(order)}
        )


def star_queue(*, actor: Actor, queue_id: int, starred: bool) -> None:
    """Put a queue that the actor sees among the actor's starred ones, as the last, or take it out."""
    person = _person(actor)
    with transaction.atomic():
        lock(Person, person.pk)
        chosen = QueueChoice.objects.filter(person=person)
        if not starred:
            chosen.filter(queue_id=queue_id, starred=True).update(starred=False, position=0)
            return
        last = chosen.filter(starred=True).aggregate(last=Max("position"))["last"] or 0
        choice, _made = chosen.get_or_create(person=person, queue_id=queue_id)
        if not choice.starred:
            choice.starred, choice.position = True, last + 1
            choice.save(update_fields=["starred", "position"])


def may_change(person: Person, queue: Queue, led: set[int]) -> bool:
    """Whether the person may change the queue; `led`: ids of the desks that they lead."""
    if queue.desk_id is not None:
        return queue.desk_id in led
    return queue.owner_id == person.pk or (queue.owner_id is None and person.is_admin)


def _require(actor: Actor, queue: Queue) -> None:
    if queue.desk is not None:
        require_lead(actor, queue.desk)
    elif queue.owner_id is None and not actor.runs_site:
        raise UnableToChangeDesk(DeskRefusal.LEADS_ONLY)
    elif queue.owner_id is not None and queue.owner_id != _person(actor).pk:
        raise UnableToChangeDesk(DeskRefusal.QUEUE_OF_OTHERS)


def _person(actor: Actor) -> Person:
    if actor.person is None:
        raise UnableToChangeDesk(DeskRefusal.QUEUE_OF_OTHERS)
    return actor.person


def _beside(queue: Queue) -> Any:
    return Queue.objects.filter(desk=queue.desk_id, owner=queue.owner_id).exclude(pk=queue.pk)


def _refuse(queues: Any, name: str, most: int = 0) -> None:
    """Refuse a name that one of them has, and a further one where there are so many."""
    if queues.filter(name=name).exists():
        raise UnableToChangeDesk(DeskRefusal.QUEUE_NAME_TAKEN)
    if most and queues.count() >= most:
        raise UnableToChangeDesk(DeskRefusal.QUEUES_TOO_MANY, most=most)

"""Create, change, order and delete queues, shared and personal. Changes of shared queues are events that can be undone.

The filter texts are checked by the callers: `values` has both `jql`, in the stored form, and `typed`.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from otklik.core.locks import gone, lock, lock_first
from otklik.desks.commands.settings import UnableToChangeDesk, change_row, require_lead
from otklik.desks.models import Desk, Queue, QueueChoice
from otklik.desks.refusals import DeskRefusal
from otklik.people.actor import Actor
from otklik.people.models import Person

MOST_OF_DESK = 200
MOST_OF_PERSON = 100
# How long a deleted queue can be restored.
KEPT = timedelta(days=30)


def add_queue(*, actor: Actor, at: datetime, desk: Desk, values: Mapping[str, Any]) -> Queue:
    """Add a queue to the desk, last in order. Raises UnableToChangeDesk."""
    with transaction.atomic():
        require_lead(actor, desk)
        lock(Desk, desk.pk)
        _refuse(Queue.objects.filter(desk=desk), str(values["name"]), MOST_OF_DESK)
        last = desk.queues.aggregate(last=Max("position"))["last"] or 0
        queue = Queue.objects.create(desk=desk, name=values["name"], position=last + 1, hidden=True)
        change_row(actor=actor, at=at, desk=desk, thing="queue", row=queue, values={**values, "hidden": False})
    return queue


def add_own_queue(*, actor: Actor, values: Mapping[str, Any]) -> Queue:
    """Add a queue that only the actor sees. Raises UnableToChangeDesk."""
    person = _person(actor)
    with transaction.atomic():
        lock(Person, person.pk)
        own = Queue.objects.filter(owner=person)
        _refuse(own, str(values["name"]), MOST_OF_PERSON)
        last = own.aggregate(last=Max("position"))["last"] or 0
        return Queue.objects.create(owner=person, position=last + 1, **values)


def version_of(queue: Queue) -> str:
    """Return a checksum of the queue's editable values, to detect concurrent changes."""
    said = [queue.name, queue.jql, queue.typed, queue.icon, queue.columns]
    return f"{zlib.crc32(json.dumps(said).encode()):08x}"


def change_queue(
    *, actor: Actor, at: datetime, queue: Queue, values: Mapping[str, Any], before: str | None = None
) -> bool:
    """Set values of the queue; return whether anything changed.

    `before`: its `version_of` when the page was rendered, None to skip the check. Raises UnableToChangeDesk, also if
    the queue was changed meanwhile, and Gone.
    """
    with transaction.atomic():
        _require(actor, queue)
        queue = lock(Queue, queue.pk)
        if before is not None and before != version_of(queue):
            raise UnableToChangeDesk(DeskRefusal.QUEUE_CHANGED_MEANWHILE)
        if values.get("name", queue.name) != queue.name:
            _refuse(_beside(queue).filter(removed_at=None), str(values["name"]))
        if queue.desk is not None:
            return change_row(actor=actor, at=at, desk=queue.desk, thing="queue", row=queue, values=values)
        changed = [name for name, value in values.items() if getattr(queue, name) != value]
        for name in changed:
            setattr(queue, name, values[name])
        queue.save(update_fields=changed or ["name"])
    return bool(changed)


def remove_queue(*, actor: Actor, at: datetime, queue: Queue) -> None:
    """Delete the queue, which can be restored for KEPT; purges queues deleted before that.

    Raises UnableToChangeDesk, Gone.
    """
    with transaction.atomic():
        _require(actor, queue)
        queue = lock(Queue, queue.pk)
        _beside(queue).filter(removed_at__lt=at - KEPT).delete()
        _set_removed(actor, at, queue, at)


def restore_queue(*, actor: Actor, at: datetime, queue: Queue) -> None:
    """Restore a deleted queue, with everybody's stars and columns. Raises UnableToChangeDesk, Gone."""
    with transaction.atomic():
        _require(actor, queue)
        removed = lock_first(Queue.with_removed.filter(pk=queue.pk))
        if removed is None:
            raise gone()
        if removed.removed_at is not None:
            _refuse(_beside(removed).filter(removed_at=None), removed.name, _most(removed))
            _set_removed(actor, at, removed, None)


def removed_queues(at: datetime, *, desk: Desk | None = None, owner: Person | None = None) -> list[Queue]:
    """Return the queues that can be restored, of the desk, of the person, or of neither, last deleted first."""
    queues = Queue.with_removed.filter(desk=desk, owner=owner, removed_at__gte=at - KEPT)
    return list(queues.order_by("-removed_at", "-id"))


def order_queues(*, actor: Actor, at: datetime, desk: Desk, order: Sequence[int]) -> bool:
    """Set the order of the desk's queues (ids; others follow). Raises UnableToChangeDesk."""
    with transaction.atomic():
        require_lead(actor, desk)
        locked = lock(Desk, desk.pk)
        return change_row(
            actor=actor, at=at, desk=locked, thing="desk", row=locked, values={"queue_order": list(order)}
        )


def star_queue(*, actor: Actor, queue_id: int, starred: bool) -> None:
    """Add a queue visible to the actor to their starred ones, last in order, or remove it."""
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


def order_starred(*, actor: Actor, order: Sequence[int]) -> None:
    """Set the order of the actor's starred queues (ids of queues; others follow)."""
    person = _person(actor)
    with transaction.atomic():
        lock(Person, person.pk)
        chosen = QueueChoice.objects.filter(person=person, starred=True)
        _put_in_order(chosen, list(chosen.order_by("position", "id").values_list("queue", "pk")), order)


def order_own_queues(*, actor: Actor, order: Sequence[int]) -> None:
    """Set the order of the actor's own queues (ids; others follow)."""
    person = _person(actor)
    with transaction.atomic():
        lock(Person, person.pk)
        own = Queue.objects.filter(owner=person)
        _put_in_order(own, [(pk, pk) for pk in own.order_by("position", "id").values_list("pk", flat=True)], order)


def _put_in_order(rows: Any, present: Sequence[tuple[int | None, int]], order: Sequence[int]) -> None:
    """Renumber rows. `present`: (id as used in `order`, primary key) of each row."""
    places = {name: place for place, name in enumerate(dict.fromkeys(order))}
    wanted = sorted(present, key=lambda pair: places.get(pair[0] or 0, len(places)))
    if wanted == list(present):
        return
    for position, (_name, pk) in enumerate(wanted, 1):
        rows.filter(pk=pk).exclude(position=position).update(position=position)


def may_change(person: Person, queue: Queue, led: set[int]) -> bool:
    """Return whether the person may change the queue. `led`: ids of the desks that they lead."""
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


def _set_removed(actor: Actor, at: datetime, queue: Queue, removed_at: datetime | None) -> None:
    if queue.desk is not None:
        values = {"removed_at": removed_at.isoformat() if removed_at else None}
        change_row(actor=actor, at=at, desk=queue.desk, thing="queue", row=queue, values=values)
    else:
        queue.removed_at = removed_at
        queue.save(update_fields=["removed_at"])


def _most(queue: Queue) -> int:
    return MOST_OF_DESK if queue.desk_id else MOST_OF_PERSON


def _beside(queue: Queue) -> Any:
    """The other queues of the same desk or owner, deleted ones included."""
    return Queue.with_removed.filter(desk=queue.desk_id, owner=queue.owner_id).exclude(pk=queue.pk)


def _refuse(queues: Any, name: str, most: int = 0) -> None:
    """Refuse a taken name, and more than `most` queues."""
    if queues.filter(name=name).exists():
        raise UnableToChangeDesk(DeskRefusal.QUEUE_NAME_TAKEN)
    if most and queues.count() >= most:
        raise UnableToChangeDesk(DeskRefusal.QUEUES_TOO_MANY, most=most)

"""What statuses, transitions, priorities and queues are called in other languages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.locks import lock, lock_all
from otklik.desks.commands.settings import change_row, require_lead
from otklik.desks.models import Desk, Priority, Queue, Status, Transition
from otklik.people.actor import Actor

NAMED: dict[str, Any] = {"status": Status, "transition": Transition, "priority": Priority, "queue": Queue}
Texts = dict[str, dict[str, str]]


def change_names(*, actor: Actor, at: datetime, desk: Desk, texts: Mapping[tuple[str, int], Texts]) -> bool:
    """Save the names that differ, each row with an event of its own; returns whether any did.

    `texts`: (kind of NAMED, id) -> {language: {"name": words}}; ids of other desks count as not said. Raises
    UnableToChangeDesk.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        row = lock(Desk, desk.pk)
        changed = [
            change_row(actor=actor, at=at, desk=row, thing=kind, row=one, values={"texts": texts[kind, one.pk]})
            for kind, model in NAMED.items()
            for one in lock_all(model.objects.filter(desk=row).order_by("pk"))
            if (kind, one.pk) in texts
        ]
    return any(changed)

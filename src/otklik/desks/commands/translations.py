"""Set the names of a desk's parts in other languages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.locks import lock, lock_all
from otklik.desks.commands.settings import change_row, require_lead
from otklik.desks.models import Desk, Field, Priority, Queue, RequestType, Status, Transition, TypeGroup
from otklik.people.actor import Actor

NAMED: dict[str, Any] = {
    "status": Status,
    "transition": Transition,
    "priority": Priority,
    "queue": Queue,
    "request_type": RequestType,
    "group": TypeGroup,
    "field": Field,
}
# The column that is the name, where it is another one; its translation stands in `texts` under the same word.
COLUMN = {"field": "label"}
Texts = dict[str, dict[str, str]]


def change_names(*, actor: Actor, at: datetime, desk: Desk, texts: Mapping[tuple[str, int], Texts]) -> bool:
    """Save the names that differ, each row with an event of its own; returns whether any did.

    `texts`: (kind of NAMED, id) -> the row's whole `texts`; ids of other desks count as not said. Raises
    UnableToChangeDesk.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        desk = lock(Desk, desk.pk)
        changed = [
            change_row(actor=actor, at=at, desk=desk, thing=kind, row=named, values={"texts": texts[kind, named.pk]})
            for kind, model in NAMED.items()
            for named in lock_all(model.objects.filter(pk__in=_ids(kind, desk)).order_by("pk"))
            if (kind, named.pk) in texts
        ]
    return any(changed)


def named_rows(kind: str, desk: Desk) -> list[Any]:
    """The rows of this kind that have a name of the desk's own, in order; what is out of use is left out."""
    model = NAMED[kind]
    if kind == "field":
        rows = model.objects.filter(request_type__desk=desk, request_type__archived=False, archived=False)
        return list(
            rows.exclude(label="").select_related("request_type").order_by("request_type__position", "position")
        )
    rows = model.objects.filter(desk=desk)
    if kind == "transition":
        return list(rows.select_related("source"))
    return list(rows.filter(archived=False) if kind in ("request_type", "group") else rows)


def _ids(kind: str, desk: Desk) -> list[int]:
    owner = {"request_type__desk": desk} if kind == "field" else {"desk": desk}
    return list(NAMED[kind].objects.filter(**owner).values_list("pk", flat=True))

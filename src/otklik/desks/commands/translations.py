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
# Kinds whose name is in a column other than `name`, which is also the key in `texts`.
COLUMN = {"field": "label"}
Texts = dict[str, dict[str, str]]


def change_names(*, actor: Actor, at: datetime, desk: Desk, texts: Mapping[tuple[str, int], Texts]) -> bool:
    """Save changed translations, with one event per row; return whether any changed.

    `texts`: (kind of NAMED, id) -> the row's new `texts`; ids of other desks are ignored. Raises UnableToChangeDesk.
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
    """Return the desk's rows of this kind that have a name to translate, in order, without archived ones."""
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

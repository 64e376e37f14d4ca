"""Settings of a desk's mail: how it is sent, and which request type incoming mail gets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.locks import lock, lock_all
from otklik.desks.commands.settings import change_row, require_lead
from otklik.desks.models import Channel, Desk
from otklik.people.actor import Actor


def change_mail(
    *, actor: Actor, at: datetime, desk: Desk, values: Mapping[str, Any], types: Mapping[int, int | None]
) -> bool:
    """Change mail settings, with one event per changed row; return whether anything changed.

    `values`: columns of the desk. `types`: id of a channel of the desk -> id of the request type for its new requests,
    None for no type; ids of other desks are ignored. Open requests keep their type. Raises UnableToChangeDesk.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        desk = lock(Desk, desk.pk)
        changed = [change_row(actor=actor, at=at, desk=desk, thing="desk", row=desk, values=values)]
        ours = {None, *desk.request_types.values_list("pk", flat=True)}
        for channel in lock_all(Channel.objects.filter(desk=desk, pk__in=types).order_by("pk")):
            if types[channel.pk] in ours:
                given = {"request_type_id": types[channel.pk]}
                changed.append(change_row(actor=actor, at=at, desk=desk, thing="channel", row=channel, values=given))
    return any(changed)

"""Set the resolution that each closing transition of a desk gives."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from otklik.core.locks import lock, lock_all
from otklik.desks.commands.settings import UnableToChangeDesk, change_row, require_lead
from otklik.desks.models import Desk, Resolution, Status, Transition
from otklik.desks.refusals import DeskRefusal
from otklik.people.actor import Actor


def change_resolutions(*, actor: Actor, at: datetime, desk: Desk, wanted: Mapping[int, int | None]) -> bool:
    """Set the resolutions of closing transitions; returns whether any changed. One event for each that did.

    `wanted`: id of a transition to a status of category DONE -> id of its resolution, None for the site's first one.
    Ids of other transitions are ignored. Closed tickets keep their resolution. Raises UnableToChangeDesk if the actor
    does not lead the desk, or for a resolution that is missing or archived, unless the transition has it already.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        desk = lock(Desk, desk.pk)
        closing = Transition.objects.filter(desk=desk, target__category=Status.Category.DONE, pk__in=wanted)
        transitions = Transition.objects.filter(pk__in=list(closing.values_list("pk", flat=True)))
        in_use = {None, *Resolution.objects.filter(archived=False).values_list("pk", flat=True)}
        changed = []
        for transition in lock_all(transitions.order_by("position")):
            chosen = wanted[transition.pk]
            if chosen not in in_use and chosen != transition.resolution_id:
                raise UnableToChangeDesk(DeskRefusal.RESOLUTION_UNKNOWN)
            values = {"resolution_id": chosen}
            changed.append(change_row(actor=actor, at=at, desk=desk, thing="transition", row=transition, values=values))
    return any(changed)

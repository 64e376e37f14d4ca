"""With which resolution the steps of a desk end its requests."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from otklik.core.locks import lock, lock_all
from otklik.desks.commands.settings import UnableToChangeDesk, change_row, require_lead
from otklik.desks.models import Desk, Resolution, Status, Transition
from otklik.desks.refusals import DeskRefusal
from otklik.people.actor import Actor


def change_resolutions(*, actor: Actor, at: datetime, desk: Desk, wanted: Mapping[int, int | None]) -> bool:
    """Save what differs, each step with an event of its own; returns whether anything did.

    `wanted`: id of a step of the desk that ends requests -> id of the resolution that it gives, None for the site's
    first; ids of other steps count as not said. Requests that have ended keep theirs. Raises UnableToChangeDesk: no
    lead, a resolution that is not there or out of use, unless the step has it already.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        desk = lock(Desk, desk.pk)
        ends = Transition.objects.filter(desk=desk, target__category=Status.Category.DONE, pk__in=wanted)
        steps = Transition.objects.filter(pk__in=list(ends.values_list("pk", flat=True)))
        in_use = {None, *Resolution.objects.filter(archived=False).values_list("pk", flat=True)}
        changed = []
        for step in lock_all(steps.order_by("position")):
            chosen = wanted[step.pk]
            if chosen not in in_use and chosen != step.resolution_id:
                raise UnableToChangeDesk(DeskRefusal.RESOLUTION_UNKNOWN)
            values = {"resolution_id": chosen}
            changed.append(change_row(actor=actor, at=at, desk=desk, thing="transition", row=step, values=values))
    return any(changed)

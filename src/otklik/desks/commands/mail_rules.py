"""How a desk treats the mail it gets."""

from datetime import datetime

from django.db import transaction

from otklik.desks.models import Desk
from otklik.journal.record import record
from otklik.people.actor import Actor


def set_cc_joins(*, actor: Actor, at: datetime, desk: Desk, joins: bool) -> Desk:
    """Whether people whom a believed sender names in To or Cc become participants, or wait for an agent's word."""
    with transaction.atomic():
        row = Desk.objects.select_for_update().get(pk=desk.pk)
        if row.cc_joins == joins:
            return row
        row.cc_joins = joins
        row.save(update_fields=["cc_joins"])
        record(
            kind="desk.cc_joins",
            subject=("desk", row.pk),
            actor=actor.label,
            actor_id=actor.id,
            via=actor.via,
            at=at,
            data={"joins": joins},
        )
    return row

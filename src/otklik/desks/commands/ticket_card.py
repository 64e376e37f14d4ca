"""Settings of the ticket card: corrections, ratings, approvals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from otklik.core.locks import lock, lock_all
from otklik.desks.commands.settings import change_row, require_lead
from otklik.desks.models import Desk, Transition
from otklik.people.actor import Actor


@dataclass(frozen=True, slots=True)
class CardSettings:
    """The values of the settings page. `approved`, `declined`: ids of transitions that an approval triggers."""

    edit_minutes: int
    rating_days: int
    approval_reminder_days: int
    approval_links: bool
    approved: Collection[int]
    declined: Collection[int]


def change_card(*, actor: Actor, at: datetime, desk: Desk, wanted: CardSettings) -> bool:
    """Save changed values, with one event per row; return whether anything changed. Raises UnableToChangeDesk."""
    with transaction.atomic():
        require_lead(actor, desk)
        desk = lock(Desk, desk.pk)
        names = ("edit_minutes", "rating_days", "approval_reminder_days", "approval_links")
        values = {name: getattr(wanted, name) for name in names}
        changed = [change_row(actor=actor, at=at, desk=desk, thing="desk", row=desk, values=values)]
        for transition in lock_all(Transition.objects.filter(desk=desk).order_by("position")):
            marks = {"on_approved": transition.pk in wanted.approved, "on_declined": transition.pk in wanted.declined}
            changed.append(change_row(actor=actor, at=at, desk=desk, thing="transition", row=transition, values=marks))
    return any(changed)

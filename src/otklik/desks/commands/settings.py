"""Change how a desk works. Every change is one event of the journal, with the values before and after: the history
that leads read, and from which a change can be taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.access import is_lead
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.people.actor import Actor

CHANGED = "desk.changed"

# What may be changed this way, by the name the journal uses: the model and its fields.
CHANGEABLE: dict[str, tuple[type[models.Model], frozenset[str]]] = {
    "desk": (
        Desk,
        frozenset(
            {
                "name",
                "phone",
                "welcome",
                "question",
                "announcement",
                "phone_script",
                "language",
                "reopen_days",
                "activation_mail",
            }
        ),
    ),
}


class UnableToChangeDesk(UnableTo):
    """The desk cannot be changed in this way by this person."""


def change_desk(*, actor: Actor, at: datetime, desk: Desk, values: Mapping[str, Any]) -> bool:
    """Give the desk's settings these values; returns whether that changed anything.

    Validates nothing but who asks: callers clean the values first. Raises UnableToChangeDesk.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        row = Desk.objects.select_for_update().get(pk=desk.pk)
        return change_row(actor=actor, at=at, desk=row, thing="desk", row=row, values=values)


def change_row(
    *, actor: Actor, at: datetime, desk: Desk, thing: str, row: models.Model, values: Mapping[str, Any], undoes: int = 0
) -> bool:
    """Save new values of one row of the desk and tell the journal; False when they are what stands there.

    Must run inside the transaction that locked the row, after `require_lead`.
    """
    known = CHANGEABLE[thing][1]
    new = {name: value for name, value in values.items() if name in known and getattr(row, name) != value}
    if not new:
        return False
    before = {name: getattr(row, name) for name in new}
    for name, value in new.items():
        setattr(row, name, value)
    row.save(update_fields=list(new))
    data = {"thing": thing, "id": row.pk, "label": str(getattr(row, "name", "")), "before": before, "after": new}
    tell_desk(desk, CHANGED, actor, at, **data, **({"undoes": undoes} if undoes else {}))
    return True


def undo(*, actor: Actor, at: datetime, desk: Desk, event_id: int) -> None:
    """Give back the values that a change replaced. An undone change can be undone in turn.

    Raises UnableToChangeDesk where something has been changed again since, or the event is not such a change.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        event = Event.objects.filter(pk=event_id, kind=CHANGED, subject_kind="desk", subject_id=desk.pk).first()
        row = changed_row(event) if event else None
        if event is None or row is None:
            raise UnableToChangeDesk(_("This change cannot be taken back."))
        if not stands(event, row):
            raise UnableToChangeDesk(_("It has been changed again since. Take the newer change back first."))
        thing, before = event.data["thing"], event.data["before"]
        change_row(actor=actor, at=at, desk=desk, thing=thing, row=row, values=before, undoes=event.pk)


def changed_row(event: Event) -> models.Model | None:
    """The row that a change was about, locked; None when it is gone."""
    model, _fields = CHANGEABLE[event.data["thing"]]
    return model._default_manager.select_for_update().filter(pk=event.data["id"]).first()


def stands(event: Event, row: models.Model) -> bool:
    """Whether the row still holds what this change gave it."""
    return all(getattr(row, name) == value for name, value in event.data["after"].items())


def require_lead(actor: Actor, desk: Desk) -> None:
    """Raise UnableToChangeDesk unless the actor leads the desk or is the product itself."""
    if actor.person is not None and not is_lead(actor.person, desk):
        raise UnableToChangeDesk(_("Only those who lead this desk may do that."))


def tell_desk(desk: Desk, kind: str, actor: Actor, at: datetime, /, **data: Any) -> Event:
    """The one event of a command about a desk."""
    return record(
        kind=kind,
        subject=("desk", desk.pk),
        actor=actor.label,
        actor_id=actor.id,
        via=actor.via,
        at=at,
        data=data,
    )

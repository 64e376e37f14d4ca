"""Change how a desk works. Every change is one event of the journal, with the values before and after: the history
that leads read, and from which a change can be taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

from otklik.core.errors import UnableTo
from otklik.core.locks import lock, lock_all, lock_first
from otklik.desks.access import is_lead
from otklik.desks.events import DeskChanged
from otklik.desks.models import (
    CannedAnswer,
    Channel,
    CustomField,
    Desk,
    Field,
    MailText,
    Priority,
    Queue,
    RequestType,
    Status,
    Transition,
    TypeGroup,
)
from otklik.desks.refusals import DeskRefusal
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.people.actor import Actor

# What may be changed this way, by the name used in events: the model, its columns and many-to-many fields.
CHANGEABLE: dict[str, tuple[type[models.Model], frozenset[str]]] = {
    "desk": (
        Desk,
        frozenset(
            "name phone welcome question announcement phone_script language reopen_days activation_mail signup texts"
            " banner_color accent_color logo_digest anonymous on_behalf type_order group_order"
            " queue_order"
            " hold_seconds mail_name mail_from mail_switches staff_told told_people edit_minutes"
            " rating_days cc_joins newcomers_a_day"
            " approval_reminder_days approval_links keep_machine_mail keep_originals keep_sent".split()
        ),
    ),
    "request_type": (
        RequestType,
        frozenset(
            "name help icon issue_type_id hidden archived restricted allowed_people allowed_organizations texts groups"
            " field_order approval_rule approvers".split()
        ),
    ),
    "group": (TypeGroup, frozenset("name archived texts types".split())),
    "field": (
        Field,
        frozenset(
            "label help required hidden default options limits condition_key condition_values further_conditions"
            " texts archived".split()
        ),
    ),
    "channel": (Channel, frozenset({"request_type_id"})),
    "mail_text": (MailText, frozenset({"subject", "body"})),
    "transition": (Transition, frozenset({"on_approved", "on_declined", "resolution_id", "texts"})),
    "status": (Status, frozenset({"texts"})),
    "priority": (Priority, frozenset({"texts"})),
    "canned_answer": (CannedAnswer, frozenset("folder name texts files removed_at".split())),
    "queue": (Queue, frozenset("name texts jql typed icon columns hidden removed_at".split())),
}
_MANY = frozenset({"allowed_people", "allowed_organizations", "groups", "types", "approvers", "told_people"})
_ORDERS = {
    "type_order": "request_types",
    "group_order": "groups",
    "field_order": "form_fields",
    "queue_order": "queues",
}


class UnableToChangeDesk(UnableTo):
    """The desk cannot be changed in this way by this person."""


def change_desk(*, actor: Actor, at: datetime, desk: Desk, values: Mapping[str, Any]) -> bool:
    """Change settings of the desk; return whether anything changed. Raises UnableToChangeDesk.

    Validates only the actor's rights, so callers must validate the values.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        desk = lock(Desk, desk.pk)
        return change_row(actor=actor, at=at, desk=desk, thing="desk", row=desk, values=values)


def write_mail_text(
    *, actor: Actor, at: datetime, desk: Desk, kind: str, language: str, subject: str, body: str
) -> bool:
    """Set the desk's text for a kind of mail in one language; "" restores the default. Returns whether it changed.

    Callers must have validated the text (notify.texts). Raises UnableToChangeDesk.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        MailText.objects.get_or_create(desk=desk, kind=kind, language=language)
        mail_text = lock_all(MailText.objects.filter(desk=desk, kind=kind, language=language))[0]
        values = {"subject": subject, "body": body}
        return change_row(actor=actor, at=at, desk=desk, thing="mail_text", row=mail_text, values=values)


def change_row(
    *, actor: Actor, at: datetime, desk: Desk, thing: str, row: models.Model, values: Mapping[str, Any], undoes: int = 0
) -> bool:
    """Save new values of one row of the desk and record the change; return False if nothing changed.

    `thing`: a key of CHANGEABLE. `undoes`: id of the event that this undoes. Must run in the transaction that locked
    the row, after `require_lead`.
    """
    known = CHANGEABLE[thing][1]
    before = {name: value_of(row, name) for name in values if name in known}
    given = {name: _complete(before[name], values[name]) if name in _ORDERS else values[name] for name in before}
    new = {name: value for name, value in given.items() if before[name] != value}
    if not new:
        return False
    for name, value in new.items():
        _give(row, name, value)
    columns = [name for name in new if name not in _MANY and name not in _ORDERS]
    if columns:
        row.save(update_fields=columns)
    if isinstance(row, Field):
        _keep_registry(row, new)
    before = {name: before[name] for name in new}
    told = DeskChanged(thing=thing, row_id=row.pk, label=_label(row), before=before, after=new, undoes=undoes)
    record(told, about=desk.pk, by=actor, at=at)
    return True


def _keep_registry(field: Field, new: Mapping[str, Any]) -> None:
    """Apply a change on one form to the field everywhere: its options; and its name, if it is on this form only."""
    others = Field.objects.filter(custom=field.custom_id or 0).exclude(pk=field.pk)
    if "options" in new:
        others.update(options=field.options)
    if "label" in new and field.custom_id and not others.exists():
        CustomField.objects.filter(pk=field.custom_id).update(name=field.label)


def undo(*, actor: Actor, at: datetime, desk: Desk, event_id: int) -> None:
    """Restore the values that a change replaced. This is a change as well, so it can be undone in turn.

    Raises UnableToChangeDesk if the values were changed again since, or if the event is not a change.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        event = changes_of(desk).filter(pk=event_id).first()
        change = event.typed if event else None
        row = changed_row(change) if isinstance(change, DeskChanged) else None
        if not isinstance(change, DeskChanged) or row is None:
            raise UnableToChangeDesk(DeskRefusal.CHANGE_NOT_REVERSIBLE)
        if not stands(change, row):
            raise UnableToChangeDesk(DeskRefusal.CHANGED_SINCE)
        thing, values = change.thing, change.before
        try:
            with transaction.atomic():
                change_row(actor=actor, at=at, desk=desk, thing=thing, row=row, values=values, undoes=event_id)
        except IntegrityError:
            # Another has the name that this one had.
            raise UnableToChangeDesk(DeskRefusal.ENTRY_NAME_TAKEN, name=values.get("name") or _label(row)) from None


def changes_of(desk: Desk) -> QuerySet[Event]:
    """Events of changes of the desk's settings; their `typed` is a DeskChanged."""
    return Event.objects.filter(DeskChanged.where(), subject_kind="desk", subject_id=desk.pk)


def changed_row(change: DeskChanged) -> models.Model | None:
    """Return the changed row, locked; None if it was deleted."""
    model, _fields = CHANGEABLE[change.thing]
    return lock_first(model._base_manager.filter(pk=change.row_id))


def stands(change: DeskChanged, row: models.Model) -> bool:
    """Return whether the row still has the values that this change gave it."""
    return all(value_of(row, name) == value for name, value in change.after.items())


def value_of(row: Any, name: str) -> Any:
    """Return a value as stored in events: related rows as a list of ids, times as ISO text."""
    if name in _MANY:
        return sorted(getattr(row, name).values_list("pk", flat=True))
    if name in _ORDERS:
        return list(getattr(row, _ORDERS[name]).order_by("position", "id").values_list("pk", flat=True))
    value = getattr(row, name)
    return value.isoformat() if isinstance(value, datetime) else value


def _give(row: Any, name: str, value: Any) -> None:
    if name in _MANY:
        getattr(row, name).set(value)
    elif name in _ORDERS:
        for position, pk in enumerate(value, 1):
            getattr(row, _ORDERS[name]).filter(pk=pk).update(position=position)
    elif name == "removed_at":
        setattr(row, name, datetime.fromisoformat(value) if value else None)
    else:
        setattr(row, name, value)


def _complete(before: list[int], wanted: list[int]) -> list[int]:
    """Return the present ids in the wanted order; ids that are not named follow."""
    named = [pk for pk in dict.fromkeys(wanted) if pk in before]
    return named + [pk for pk in before if pk not in named]


def _label(row: Any) -> str:
    return str(getattr(row, "name", "") or getattr(row, "label", "") or getattr(row, "key", ""))


def require_lead(actor: Actor, desk: Desk) -> None:
    """Raise UnableToChangeDesk unless the actor leads the desk or is the system."""
    if not actor.is_system and (actor.person is None or not is_lead(actor.person, desk)):
        raise UnableToChangeDesk(DeskRefusal.LEADS_ONLY)

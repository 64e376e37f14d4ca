"""Change what a desk's portal offers: request types, their groups, the fields of their forms.

Each change records one event that can be undone (commands/settings.py). Nothing is ever deleted, only archived, because
tickets and answers refer to it. All commands raise UnableToChangeDesk if the actor does not lead the desk.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.locks import lock
from otklik.desks.commands.settings import UnableToChangeDesk, change_row, require_lead
from otklik.desks.default_forms import add_form, register
from otklik.desks.models import ATTACHMENTS, CustomField, Desk, Field, RequestType, TypeGroup
from otklik.desks.refusals import DeskRefusal
from otklik.people.actor import Actor

# What a field keeps when it is added to another form.
_SHARED = ("key", "kind", "label", "help", "options", "limits", "texts")


def add_type(*, actor: Actor, at: datetime, desk: Desk, values: Mapping[str, Any]) -> RequestType:
    """Add a request type, last in order, whose form asks for subject, description and files.

    Raises UnableToChangeDesk if the desk has a type of this name already.
    """
    with transaction.atomic():
        require_lead(actor, desk)
        _refuse_double(desk, str(values["name"]))
        count = desk.request_types.count()
        request_type = RequestType.objects.create(desk=desk, name=values["name"], position=count + 1, archived=True)
        add_form(request_type)
        change_row(
            actor=actor, at=at, desk=desk, thing="request_type", row=request_type, values={**values, "archived": False}
        )
    return request_type


def change_type(*, actor: Actor, at: datetime, request_type: RequestType, values: Mapping[str, Any]) -> bool:
    """Set fields of a request type; returns whether anything changed.

    Raises UnableToChangeDesk if another type of the desk has the new name.
    """
    with transaction.atomic():
        require_lead(actor, request_type.desk)
        request_type = lock(RequestType, request_type.pk)
        if "name" in values and values["name"] != request_type.name:
            _refuse_double(request_type.desk, str(values["name"]))
        return change_row(
            actor=actor, at=at, desk=request_type.desk, thing="request_type", row=request_type, values=values
        )


def order_types(*, actor: Actor, at: datetime, desk: Desk, order: Sequence[int]) -> bool:
    """Set the order of the request types. `order`: ids; types that it leaves out follow. Returns whether it changed."""
    return _order(actor, at, desk, "desk", desk, "type_order", order)


def add_group(*, actor: Actor, at: datetime, desk: Desk, values: Mapping[str, Any]) -> TypeGroup:
    """Add a group of request types, last in order."""
    with transaction.atomic():
        require_lead(actor, desk)
        count = desk.groups.count()
        group = TypeGroup.objects.create(desk=desk, name=values["name"], position=count + 1, archived=True)
        change_row(actor=actor, at=at, desk=desk, thing="group", row=group, values={**values, "archived": False})
    return group


def change_group(*, actor: Actor, at: datetime, group: TypeGroup, values: Mapping[str, Any]) -> bool:
    """Set fields of a group; `types`: ids of the request types in it. Returns whether anything changed."""
    with transaction.atomic():
        require_lead(actor, group.desk)
        group = lock(TypeGroup, group.pk)
        return change_row(actor=actor, at=at, desk=group.desk, thing="group", row=group, values=values)


def order_groups(*, actor: Actor, at: datetime, desk: Desk, order: Sequence[int]) -> bool:
    """Set the order of the groups. `order`: ids; groups that it leaves out follow. Returns whether it changed."""
    return _order(actor, at, desk, "desk", desk, "group_order", order)


def add_field(*, actor: Actor, at: datetime, request_type: RequestType, kind: str, label: str) -> Field:
    """Add a field to the form, last before the files. Its key is unique on the site and never changes.

    Raises UnableToChangeDesk for an unknown kind.
    """
    if kind not in Field.Kind.values:
        raise UnableToChangeDesk(DeskRefusal.FIELD_KIND_UNKNOWN)
    with transaction.atomic():
        require_lead(actor, request_type.desk)
        rows = list(request_type.form_fields.all())
        field = Field.objects.create(
            request_type=request_type, key=f"new_{len(rows)}", kind=kind, label=label, position=len(rows), archived=True
        )
        register(field)
        _put_in(actor, at, field, rows)
    return field


def add_known_field(*, actor: Actor, at: datetime, request_type: RequestType, custom: CustomField) -> Field:
    """Add a field of another of the desk's forms to this one, with its label, help and options but not its conditions.

    If it was on this form and is archived, it comes back as it was. Raises UnableToChangeDesk if it belongs to another
    desk or is on the form already.
    """
    with transaction.atomic():
        require_lead(actor, request_type.desk)
        if custom.desk_id != request_type.desk_id:
            raise UnableToChangeDesk(DeskRefusal.FIELD_OF_OTHER_DESK)
        lock(CustomField, custom.pk)
        rows = list(request_type.form_fields.all())
        field = next((field for field in rows if field.custom_id == custom.pk), None)
        if field is not None and not field.archived:
            raise UnableToChangeDesk(DeskRefusal.FIELD_ON_FORM)
        if field is None:
            template = custom.fields.order_by("archived", "-pk")[0]
            field = Field.objects.create(
                request_type=request_type,
                custom=custom,
                position=len(rows),
                archived=True,
                **{name: getattr(template, name) for name in _SHARED},
            )
        _put_in(actor, at, field, rows)
    return field


def _put_in(actor: Actor, at: datetime, field: Field, rows: Sequence[Field]) -> None:
    _keep_files_last(rows)
    desk = field.request_type.desk
    change_row(actor=actor, at=at, desk=desk, thing="field", row=field, values={"archived": False})


def change_field(*, actor: Actor, at: datetime, field: Field, values: Mapping[str, Any]) -> bool:
    """Set fields of a form field; returns whether anything changed. Its key and kind cannot be changed."""
    with transaction.atomic():
        desk = field.request_type.desk
        require_lead(actor, desk)
        field = lock(Field, field.pk)
        return change_row(actor=actor, at=at, desk=desk, thing="field", row=field, values=values)


def order_fields(*, actor: Actor, at: datetime, request_type: RequestType, order: Sequence[int]) -> bool:
    """Set the order of a form's fields. `order`: ids; fields that it leaves out follow. Returns whether it changed."""
    return _order(actor, at, request_type.desk, "request_type", request_type, "field_order", order)


def _keep_files_last(rows: Sequence[Field]) -> None:
    """Move the files field below a new field, unless a lead has moved it away from the end."""
    last = max((field for field in rows if not field.archived), key=lambda field: (field.position, field.pk))
    if last.key == ATTACHMENTS:
        last.position = len(rows) + 1
        last.save(update_fields=["position"])


def moved(ids: Sequence[int], pk: int, step: int) -> list[int]:
    """The ids with `pk` moved one place up (`step` -1) or down (1); unchanged if it cannot move that way."""
    order = list(ids)
    if pk in order and 0 <= order.index(pk) + step < len(order):
        place = order.index(pk)
        order[place], order[place + step] = order[place + step], order[place]
    return order


def _order(
    actor: Actor, at: datetime, desk: Desk, thing: str, row: Desk | RequestType, name: str, order: Sequence[int]
) -> bool:
    with transaction.atomic():
        require_lead(actor, desk)
        locked = lock(type(row), row.pk)
        return change_row(actor=actor, at=at, desk=desk, thing=thing, row=locked, values={name: list(order)})


def _refuse_double(desk: Desk, name: str) -> None:
    if desk.request_types.filter(name=name).exists():
        raise UnableToChangeDesk(DeskRefusal.TYPE_NAME_TAKEN)

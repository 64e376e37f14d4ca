"""Page data for the settings of request types, groups and form fields."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.models import SUMMARY, Desk, Field, RequestType
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.answers.form import KINDS


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a sortable list: a type, a group, a field or a queue. `notes`: remarks next to the name."""

    id: int
    name: str
    icon: str
    notes: list[str]
    archived: bool
    first: bool
    last: bool
    url: str
    form_url: str
    archive_url: str
    unstar_url: str = ""


def type_rows(desk: Desk) -> list[Row]:
    """Return the types in order, archived ones last. Three queries."""
    rows = list(desk.request_types.prefetch_related("groups").order_by("archived", "position", "id"))
    mailed: set[int | None] = set(desk.channels.values_list("request_type_id", flat=True))
    used = [request_type.pk for request_type in rows if not request_type.archived]
    return [
        Row(
            id=request_type.pk,
            name=request_type.name,
            icon=request_type.icon,
            notes=_type_notes(request_type, mailed),
            archived=request_type.archived,
            first=used[:1] == [request_type.pk],
            last=used[-1:] == [request_type.pk],
            url=reverse("workspace:settings_type", args=[desk.key, request_type.pk]),
            form_url=reverse("workspace:settings_form", args=[desk.key, request_type.pk]),
            archive_url=reverse("workspace:settings_archive_type", args=[desk.key, request_type.pk]),
        )
        for request_type in rows
    ]


def group_rows(desk: Desk) -> list[Row]:
    """Return the groups in order with the names of their types."""
    groups = list(desk.groups.prefetch_related("types").order_by("position", "id"))
    return [
        Row(
            id=group.pk,
            name=group.name,
            icon="folder",
            notes=[kind.name for kind in group.types.all()] + ([_("out of use")] if group.archived else []),
            archived=group.archived,
            first=place == 0,
            last=place == len(groups) - 1,
            url=reverse("workspace:settings_group", args=[desk.key, group.pk]),
            form_url="",
            archive_url="",
        )
        for place, group in enumerate(groups)
    ]


def field_rows(desk: Desk, kind: RequestType, fields: Sequence[Field]) -> list[Row]:
    """Return the fields of a form in order, archived ones last."""
    shown = sorted(fields, key=lambda field: field.archived)
    used = [field.pk for field in fields if not field.archived]
    by_key = {field.key: field for field in fields}
    return [
        Row(
            id=field.pk,
            name=label_of(field),
            icon=KINDS[field.kind].icon,
            notes=_field_notes(field, by_key),
            archived=field.archived,
            first=used[:1] == [field.pk],
            last=used[-1:] == [field.pk],
            url=reverse("workspace:settings_field", args=[desk.key, kind.pk, field.pk]),
            form_url="",
            archive_url=""
            if field.key == SUMMARY
            else reverse("workspace:settings_archive_field", args=[desk.key, kind.pk, field.pk]),
        )
        for field in shown
    ]


def _type_notes(request_type: RequestType, mailed: set[int | None]) -> list[str]:
    notes = [group.name for group in request_type.groups.all()]
    notes += [_("takes the mail")] if request_type.pk in mailed else []
    notes += [_("hidden")] if request_type.hidden else []
    notes += [_("only for those named")] if request_type.restricted else []
    notes += [_("needs an approval")] if request_type.approval_rule else []
    return notes + ([_("out of use")] if request_type.archived else [])


def _field_notes(field: Field, by_key: dict[str, Field]) -> list[str]:
    notes = [str(KINDS[field.kind].name)]
    notes += [_("required")] if field.required and not field.hidden else []
    notes += [_("preset, not asked")] if field.hidden else []
    others = [by_key[key] for key, _values in field.conditions if key in by_key]
    notes += [_("depends on «%(label)s»") % {"label": label_of(other)} for other in others]
    notes.append(field.key)
    return notes + ([_("removed")] if field.archived else [])

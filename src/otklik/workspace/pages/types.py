"""Lists of the settings: request types, groups, fields of a form."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.models import SUMMARY, Desk, Field, RequestType
from otklik.tickets.answers.form import KINDS
from otklik.tickets.answers.kinds import label_of


@dataclass(frozen=True, slots=True)
class Row:
    """One line that can be moved: a type, a group or a field. `notes`: small words beside the name."""

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


def type_rows(desk: Desk) -> list[Row]:
    """The types in order, those out of use last; three queries."""
    rows = list(desk.request_types.prefetch_related("groups").order_by("archived", "position", "id"))
    mailed: set[int | None] = set(desk.channels.values_list("request_type_id", flat=True))
    used = [row.pk for row in rows if not row.archived]
    return [
        Row(
            id=row.pk,
            name=row.name,
            icon=row.icon,
            notes=_type_notes(row, mailed),
            archived=row.archived,
            first=used[:1] == [row.pk],
            last=used[-1:] == [row.pk],
            url=reverse("workspace:settings_type", args=[desk.key, row.pk]),
            form_url=reverse("workspace:settings_form", args=[desk.key, row.pk]),
            archive_url=reverse("workspace:settings_archive_type", args=[desk.key, row.pk]),
        )
        for row in rows
    ]


def group_rows(desk: Desk) -> list[Row]:
    """The groups in order with the names of their types."""
    groups = list(desk.groups.prefetch_related("types").order_by("position", "id"))
    return [
        Row(
            id=row.pk,
            name=row.name,
            icon="folder",
            notes=[kind.name for kind in row.types.all()] + ([_("out of use")] if row.archived else []),
            archived=row.archived,
            first=place == 0,
            last=place == len(groups) - 1,
            url=reverse("workspace:settings_group", args=[desk.key, row.pk]),
            form_url="",
            archive_url="",
        )
        for place, row in enumerate(groups)
    ]


def field_rows(desk: Desk, kind: RequestType, fields: Sequence[Field]) -> list[Row]:
    """The fields of a form in order, removed ones last."""
    shown = sorted(fields, key=lambda row: row.archived)
    used = [row.pk for row in fields if not row.archived]
    by_key = {row.key: row for row in fields}
    return [
        Row(
            id=row.pk,
            name=label_of(row),
            icon=KINDS[row.kind].icon,
            notes=_field_notes(row, by_key),
            archived=row.archived,
            first=used[:1] == [row.pk],
            last=used[-1:] == [row.pk],
            url=reverse("workspace:settings_field", args=[desk.key, kind.pk, row.pk]),
            form_url="",
            archive_url=""
            if row.key == SUMMARY
            else reverse("workspace:settings_archive_field", args=[desk.key, kind.pk, row.pk]),
        )
        for row in shown
    ]


def _type_notes(row: RequestType, mailed: set[int | None]) -> list[str]:
    notes = [group.name for group in row.groups.all()]
    notes += [_("takes the mail")] if row.pk in mailed else []
    notes += [_("hidden")] if row.hidden else []
    notes += [_("only for those named")] if row.restricted else []
    notes += [_("needs an approval")] if row.approval_rule else []
    return notes + ([_("out of use")] if row.archived else [])


def _field_notes(row: Field, by_key: dict[str, Field]) -> list[str]:
    notes = [str(KINDS[row.kind].name)]
    notes += [_("required")] if row.required and not row.hidden else []
    notes += [_("preset, not asked")] if row.hidden else []
    others = [by_key[key] for key, _values in row.conditions if key in by_key]
    notes += [_("depends on «%(label)s»") % {"label": label_of(other)} for other in others]
    notes.append(row.key)
    return notes + ([_("removed")] if row.archived else [])

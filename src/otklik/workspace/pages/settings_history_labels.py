"""Words for the ids and codes that the history of a desk's changes keeps."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from otklik.core.humanized_time import moment_in_full
from otklik.desks.events import DeskChanged
from otklik.desks.models import Field, IssueType, MailText, Queue, RequestType, Resolution, TypeGroup
from otklik.desks.option_lines import as_lines
from otklik.notify.texts.mail_kinds import BY_NAME
from otklik.people.models import Organization, Person
from otklik.tickets.answers.choices import labels_of
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.answers.form import KINDS, condition_words
from otklik.workspace.forms.fields import limit_words
from otklik.workspace.forms.icons import ICONS
from otklik.workspace.forms.mail_settings import TOLD
from otklik.workspace.forms.ticket_card_settings import RULES
from otklik.workspace.pages.rows import COLUMNS

# The models that lists of ids refer to.
_LIST_MODELS: dict[str, Any] = {
    "types": RequestType,
    "type_order": RequestType,
    "groups": TypeGroup,
    "group_order": TypeGroup,
    "field_order": Field,
    "queue_order": Queue,
    "allowed_people": Person,
    "approvers": Person,
    "told_people": Person,
    "allowed_organizations": Organization,
}
# The models that single ids refer to.
_SINGLE_MODELS: dict[str, Any] = {
    "request_type_id": RequestType,
    "issue_type_id": IssueType,
    "resolution_id": Resolution,
}
_CONDITION = ("condition_key", "condition_values", "further_conditions")


@dataclass(frozen=True, slots=True)
class Names:
    """Names for the ids in a page of changes: `rows` by (model, id), `fields` by (request type id, key)."""

    rows: Mapping[tuple[Any, int], str]
    fields: Mapping[tuple[int, str], Field]


def names_in(changes: Iterable[DeskChanged], rows: Iterable[Any]) -> Names:
    """Load the names that these changes of these rows mention. One query for each kind of row."""
    wanted: dict[Any, set[int]] = {}
    conditional = False
    for change in changes:
        conditional = conditional or any(name in change.after for name in _CONDITION)
        for side in (change.before, change.after):
            for name, value in side.items():
                if name in _LIST_MODELS and isinstance(value, list):
                    wanted.setdefault(_LIST_MODELS[name], set()).update(value)
                elif name in _SINGLE_MODELS and value is not None:
                    wanted.setdefault(_SINGLE_MODELS[name], set()).add(value)
    names = {
        (model, instance.pk): label_of(instance) if isinstance(instance, Field) else _name_of(instance)
        for model, ids in wanted.items()
        for instance in model.objects.filter(pk__in=ids)
    }
    forms = {instance.request_type_id for instance in rows if isinstance(instance, Field)} if conditional else set()
    asked = Field.objects.filter(request_type__in=forms) if forms else ()
    return Names(names, {(instance.request_type_id, instance.key): instance for instance in asked})


def label_in(change: DeskChanged, instance: Any) -> str:
    """Return the name of the changed object; the name at that time if the journal has it."""
    label = change.label
    if isinstance(instance, MailText) and instance.kind in BY_NAME:
        return f"{BY_NAME[instance.kind].title} ({_language(instance.language)})"
    return label_of(instance) if isinstance(instance, Field) and label == instance.key else label


def display_value(name: str, side: Mapping[str, Any], instance: Any, names: Names) -> Any:
    """Return the value `name` of one side of a change, with names instead of ids and codes.

    `instance`: the changed object, None if it was deleted.
    """
    value = side[name]
    if name in _LIST_MODELS and isinstance(value, list):
        return [names.rows.get((_LIST_MODELS[name], pk), str(pk)) for pk in value]
    if name in _SINGLE_MODELS:
        none = _("as the site's list says") if name == "resolution_id" else _("no type")
        return none if value is None else names.rows.get((_SINGLE_MODELS[name], value), str(value))
    if isinstance(instance, Field) and value not in (None, "", [], {}):
        return _of_field(name, side, instance, names)
    return _FORMATTERS[name](value) if name in _FORMATTERS else value


def _of_field(name: str, side: Mapping[str, Any], field: Field, names: Names) -> Any:
    value = side[name]
    if name == "default":
        return KINDS[field.kind].display(field, value)
    if name == "limits":
        return limit_words(field, value)
    if name == "further_conditions":
        known = [(names.fields.get((field.request_type_id, element["key"])), element) for element in value]
        return [condition_words(other, element["values"]) if other else element["key"] for other, element in known]
    if name in _CONDITION:
        other = names.fields.get((field.request_type_id, side.get("condition_key", field.condition_key)))
        if name == "condition_key":
            return label_of(other) if other else value
        labels = {"yes": _("yes"), "True": _("yes"), **(labels_of(other.options) if other else {})}
        return [labels.get(str(element), str(element)) for element in value]
    return _FORMATTERS[name](value) if name in _FORMATTERS else value


def _name_of(instance: Any) -> str:
    return str(instance.display_name if isinstance(instance, Person) else instance.name or instance.pk)


def _language(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


def _value_or_inherited(value: int | None) -> Any:
    return _("as the site says") if value is None else value


def _retention_label(days: int | None) -> Any:
    return _("forever") if days == 0 else _value_or_inherited(days)


def _titles(switches: Mapping[str, bool]) -> dict[str, bool]:
    return {str(BY_NAME[name].title) if name in BY_NAME else name: on for name, on in switches.items()}


# Formatters of values that are stored as codes.
_FORMATTERS: dict[str, Callable[[Any], Any]] = {
    "hold_seconds": _value_or_inherited,
    "keep_machine_mail": _retention_label,
    "keep_originals": _retention_label,
    "keep_sent": _retention_label,
    "logo_digest": lambda digest: digest[:8],
    "files": lambda files: [str(file["name"]) for file in files],
    "language": _language,
    "columns": lambda columns: [str(COLUMNS.get(name, name)) for name in columns],
    "icon": lambda icon: str(ICONS.get(icon, icon)),
    "removed_at": lambda at: moment_in_full(datetime.fromisoformat(at)) if at else _("no"),
    "approval_rule": lambda rule: str(RULES.get(rule, rule)),
    "mail_switches": _titles,
    "staff_told": lambda code: str(TOLD.get(code, code)),
    "options": lambda options: as_lines(options, ()).split("\n"),
    "texts": lambda texts: {_language(code): ", ".join(map(str, names.values())) for code, names in texts.items()},
}

"""What the fields of the filter language are called on pages, and which are asked for most."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext_lazy, pgettext_lazy

from otklik.tickets.jql.custom_fields import Answer
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import Field
from otklik.tickets.jql.table import FIELDS, custom_names

# Ordered by use, the most frequent first.
_LABELS = {
    "status": gettext_lazy("Status"),
    "assignee": gettext_lazy("Assignee"),
    "priority": gettext_lazy("Priority"),
    "reporter": gettext_lazy("Requester"),
    "created": pgettext_lazy("field of a filter", "Created"),
    "updated": pgettext_lazy("field of a filter", "Updated"),
    "text": gettext_lazy("Text"),
    "project": pgettext_lazy("field of a filter", "Desk"),
    "request type": gettext_lazy("Request type"),
    "labels": gettext_lazy("Labels"),
    "due": gettext_lazy("Due date"),
    "summary": gettext_lazy("Subject"),
    "organizations": gettext_lazy("Organisations"),
    "statusCategory": gettext_lazy("Category of the status"),
    "resolution": gettext_lazy("Resolution"),
    "resolved": pgettext_lazy("field of a filter", "Closed"),
    "issuetype": gettext_lazy("Kind of work"),
    "creator": gettext_lazy("Created by"),
    "request participants": gettext_lazy("On the request"),
    "request channel type": gettext_lazy("Channel"),
    "request language": pgettext_lazy("field of a filter", "Request language"),
    "sender": pgettext_lazy("field of a filter", "Sender"),
    "satisfaction": gettext_lazy("Rating"),
    "satisfaction date": gettext_lazy("Rated"),
    "approvals": gettext_lazy("Approval"),
    "comment": gettext_lazy("Comments"),
    "description": gettext_lazy("Description"),
    "attachments": gettext_lazy("Attachments"),
    "key": gettext_lazy("Number"),
    "lastViewed": pgettext_lazy("field of a filter", "Last viewed"),
}
_BY_NAME = {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class NamedField:
    """A field: `name` as this reader would write it in a query, `label` as pages show it."""

    name: str
    label: str


def label_of(field: Field, written: str) -> str:
    """Return the field's name on pages: the label on its form for custom fields, `written` for unknown ones."""
    if isinstance(field, Answer):
        return field.title
    return str(_LABELS.get(field.name, written))


def fields_by_use() -> list[NamedField]:
    """Return all built-in fields, the most used first."""
    return [NamedField(_written(_BY_NAME[name]), str(label)) for name, label in _LABELS.items()]


def fields_of_forms(asker: Asker) -> list[NamedField]:
    """Return the custom fields of the reader's desks by name. One statement."""
    return [NamedField(written, name) for written, name in custom_names(asker)]


def sortable_fields() -> list[NamedField]:
    """Return the fields that ORDER BY accepts."""
    return [
        NamedField(_written(_BY_NAME[name]), str(label)) for name, label in _LABELS.items() if _BY_NAME[name].sorted_by
    ]


def _written(field: Field) -> str:
    """Return the field's name in the reader's language, otherwise the English one."""
    if translation.get_language() != "ru":
        return field.name
    return next((name for name in field.others if not name.isascii()), field.name)

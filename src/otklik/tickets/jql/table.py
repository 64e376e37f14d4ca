"""Every field of the filter language by its names: Jira's own, English and Russian."""

from otklik.tickets.jql import value_lookup
from otklik.tickets.jql.custom_fields import custom_field, custom_fields
from otklik.tickets.jql.errors import BadJql, unknown_field
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import (
    CategoryField,
    ChannelField,
    DayField,
    Field,
    LabelsField,
    LanguageField,
    MomentField,
    PersonField,
    PriorityField,
    RowField,
    SenderField,
)  # fmt: skip
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.related_fields import (
    ApprovalsField,
    AttachmentsField,
    KeyField,
    OrganizationsField,
    ParticipantsField,
    RatingField,
    TextField,
)  # fmt: skip
from otklik.tickets.jql.tree import Literal
from otklik.tickets.jql.viewed import ViewedField

# Whoever watches a request in Jira takes part in it here (ADR 139).
WATCHERS = ("watchers", "watcher", "наблюдатели", "наблюдатель")
FIELDS: tuple[Field, ...] = (
    RowField(
        name="project",
        others=("desk", "проект", "служба"),
        column="desk",
        rows=value_lookup.desks,
        sorted_by="desk__key",
    ),
    KeyField(name="key", others=("issuekey", "issue", "id", "ключ", "номер"), sorted_by="number", descending=True),
    RowField(
        name="issuetype",
        others=("type", "тип", "тип задачи"),
        column="request_type__issue_type",
        nullable=True,
        rows=value_lookup.issue_types,
        staff_only=True,
        sorted_by="request_type__issue_type__position",
    ),
    RowField(
        name="request type",
        others=("Customer Request Type", "тип запроса", "тип обращения"),
        column="request_type",
        rows=value_lookup.request_types,
        nullable=True,
        sorted_by="request_type__position",
    ),
    RowField(
        name="status", others=("статус",), column="status", rows=value_lookup.statuses, sorted_by="status__position"
    ),
    CategoryField(name="statusCategory", others=("категория", "категория статуса")),
    RowField(
        name="resolution",
        others=("решение", "резолюция"),
        column="resolution",
        nullable=True,
        rows=value_lookup.resolutions,
        word_for_none=("unresolved", "нерешено", "нерешенные", "не решено"),
        staff_only=True,
        sorted_by="resolution__position",
    ),
    PriorityField(
        name="priority",
        others=("приоритет",),
        column="priority",
        rows=value_lookup.priorities,
        staff_only=True,
        sorted_by="priority__level",
        descending=True,
        reversed=True,
    ),
    PersonField(
        name="assignee", others=("исполнитель",), column="assignee", staff_only=True, sorted_by="assignee__name"
    ),
    PersonField(
        name="reporter", others=("requester", "заявитель", "автор"), column="requester", sorted_by="requester__name"
    ),
    PersonField(name="creator", others=("создатель", "создал"), column="created_by", staff_only=True),
    ParticipantsField(
        name="request participants", others=("participants", "участники", "участники запроса", *WATCHERS)
    ),
    OrganizationsField(name="organizations", others=("organization", "организации", "организация"), staff_only=True),
    MomentField(
        name="created",
        others=("createdDate", "создано", "создан"),
        column="created_at",
        sorted_by="created_at",
        descending=True,
    ),
    MomentField(
        name="updated",
        others=("updatedDate", "обновлено", "обновлен", "изменено"),
        column="updated_at",
        shown="shown_at",
        sorted_by="updated_at",
        descending=True,
    ),
    MomentField(
        name="resolved",
        others=("resolutiondate", "дата решения", "решено", "закрыто"),
        column="closed_at",
        nullable=True,
        sorted_by="closed_at",
        descending=True,
    ),
    DayField(name="due", others=("duedate", "срок"), column="due", staff_only=True, sorted_by="due"),
    TextField(name="summary", others=("subject", "тема"), subject=True, sorted_by="subject"),
    TextField(name="description", others=("описание",), opening=True),
    TextField(name="comment", others=("comments", "комментарий", "комментарии"), comments=True),
    TextField(name="text", others=("текст",), subject=True, opening=True, comments=True),
    LabelsField(name="labels", others=("label", "метки", "метка"), staff_only=True),
    AttachmentsField(name="attachments", others=("attachment", "вложения", "вложение")),
    ChannelField(name="request channel type", others=("channel", "канал"), staff_only=True),
    LanguageField(name="request language", others=("язык запроса",), staff_only=True),
    SenderField(name="sender", others=("отправитель",), staff_only=True),
    RatingField(name="satisfaction", others=("rating", "оценка"), staff_only=True),
    MomentField(
        name="satisfaction date",
        others=("rated", "дата оценки", "оценено"),
        column="rating__rated_at",
        nullable=True,
        staff_only=True,
    ),
    ViewedField(
        name="lastViewed", others=("просмотрено", "последний просмотр"), sorted_by="seen_by__at", descending=True
    ),
    ApprovalsField(name="approvals", others=("approval", "согласования", "согласование")),
)
# Fields used in Jira's filters that Otklik does not have.
NOT_SUPPORTED = (
    "affectedVersion", "component", "environment", "Epic Link", "epic", "filter", "fixVersion", "issueFunction",
    "issueLinkType", "level", "originalEstimate", "parent", "rank", "remainingEstimate",
    "savedFilter", "searchRequest", "security level", "sprint", "Story Points",
    "Time to first response", "Time to resolution", "timeEstimate", "timeSpent", "version", "voter", "votes",
    "worklogAuthor", "worklogDate", "workratio", "Время до решения", "Время до первого ответа", "ранг",
)  # fmt: skip


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())


_BY_NAME = {_folded(name): field for field in FIELDS for name in (field.name, *field.others)}
_NOT_SUPPORTED = frozenset(map(_folded, NOT_SUPPORTED))


def own_field(name: Literal) -> Field | None:
    """Return the built-in field of this name, None if there is none."""
    return _BY_NAME.get(_folded(name.text))


def field_named(name: Literal, asker: Asker) -> Field:
    """Return the field, built-in or of a form, by any of its names, ignoring case. Raises BadJql."""
    folded = _folded(name.text)
    field = _BY_NAME.get(folded) or custom_field(name, asker)
    if field is not None and not (field.staff_only and not asker.is_staff):
        return field
    if folded in _NOT_SUPPORTED:
        raise BadJql(JqlRefusal.NOT_SUPPORTED, at=name.at, word=name.text)
    known = [word for field in FIELDS if asker.is_staff or not field.staff_only for word in (field.name, *field.others)]
    of_forms = [] if asker.catalogue else [title for _written, title in custom_names(asker)]
    raise unknown_field(name.text, [*known, *of_forms], at=name.at)


def custom_names(asker: Asker) -> list[tuple[str, str]]:
    """Return (as written in a query, name) of the form fields of the asker's desks. One query.

    A field is written by its number if its name is ambiguous.
    """
    kinds: dict[str, set[str]] = {}
    rows = custom_fields(asker)
    for row in rows:
        kinds.setdefault(_folded(row.name), set()).add(row.kind)
    names: dict[str, str] = {}
    for row in rows:
        folded = _folded(row.name)
        unclear = len(kinds[folded]) > 1 or folded in _BY_NAME
        names.setdefault(f"cf[{row.number}]" if unclear else row.name, row.name)
    return list(names.items())

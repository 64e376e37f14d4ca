"""Tickets as rows of a list, read with all that a list may show of them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, Func, OuterRef, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from otklik.desks.models import Status
from otklik.mail.dkim_check import senders_are_checked
from otklik.people.models import known_as
from otklik.tickets.models import Message, Ticket


class TicketRow(NamedTuple):
    """The columns of a ticket in a list, in the order of `row_columns`, names in the reader's language.

    `undelivered`: since when a mail has not arrived; `held`: a message waits for an agent; `answers`: (column name,
    text).
    """

    id: int
    version: int
    key: str
    subject: str
    type_icon: str | None
    type_name: str | None
    requester_id: int | None
    requester_name: str | None
    requester_email: str | None
    status: str
    category: str
    priority_id: int
    priority: str
    priority_level: int
    assignee_id: int | None
    assignee_name: str | None
    assignee_email: str | None
    created_at: datetime
    updated_at: datetime
    sender_unverified: bool
    undelivered: datetime | None
    held: bool
    labels: str
    due: date | None
    resolution: str | None
    closed_at: datetime | None
    answers: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """The URL of the ticket's page."""
        return f"/browse/{self.key}"

    @property
    def icon(self) -> str:
        """The icon of its request type."""
        return self.type_icon or "help-circle"

    @property
    def requester(self) -> str:
        """The requester's name as in Person.staff_name; "" if there is none."""
        return _name(self.requester_id, self.requester_name, self.requester_email)

    @property
    def assignee(self) -> str:
        """The assignee's name as in Person.staff_name; "" if there is none."""
        return _name(self.assignee_id, self.assignee_name, self.assignee_email)

    @property
    def unverified(self) -> bool:
        """Whether its sender is not authenticated; False if the site cannot check senders."""
        return self.sender_unverified and senders_are_checked()

    @property
    def fresh(self) -> bool:
        """Whether it is new and unassigned."""
        return self.category == Status.Category.NEW and self.assignee_id is None

    def told(self) -> tuple[object, ...]:
        """Return everything a page shows of it, as a key for `ui.template_fragment_cache`."""
        return (senders_are_checked(), *self)


def _name(key: int | None, name: str | None, address: str | None) -> str:
    return "" if key is None else known_as(name, address) or "—"


def rows_of(tickets: QuerySet[Ticket]) -> list[TicketRow]:
    """Return the tickets as rows, in the queryset's order. One query."""
    return made_of(tickets.values_list(*row_columns(get_language() or "")))


def made_of(columns: Iterable[Any]) -> list[TicketRow]:
    """Return rows from tuples of `row_columns`."""
    return [TicketRow._make((*row, ())) for row in columns]


def row_columns(language: str) -> tuple[str | Combinable, ...]:
    """Return the columns of `TicketRow`, names translated where a translation exists.

    Labels are joined into a text, so that rows are hashable.
    """
    labels: Any = Func(F("labels"), Value(", "), function="array_to_string", output_field=TextField())
    return (
        "id", "version", "key", "subject", "request_type__icon", _named("request_type", language),
        "requester_id", "requester__name", "requester__email", _named("status", language), "status__category",
        "priority_id", _named("priority", language), "priority__level",
        "assignee_id", "assignee__name", "assignee__email", "created_at", "updated_at",
        "sender_unverified", "undelivered_at", Exists(Message.objects.filter(ticket=OuterRef("pk"), held=True)),
        labels, "due", _named("resolution", language), "closed_at",
    )  # fmt: skip


def _named(entry: str, language: str) -> Combinable:
    """Return the translated name as desks.texts.translated does, but in the database, for all rows at once."""
    name = F(f"{entry}__name")
    if not language:
        return name
    translated = KeyTextTransform("name", KeyTransform(language, f"{entry}__texts"))
    return Coalesce(NullIf(translated, Value("")), name, output_field=TextField())

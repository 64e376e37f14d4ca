"""Values of a field for people: what each is called, and which are offered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.desks.models import Membership
from otklik.people.models import Person
from otklik.tickets.jql.choices import Choices, choices_of, labels_in_use
from otklik.tickets.jql.directory import name_of, organizations_like, people_like
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import Field, LabelsField
from otklik.tickets.jql.form_conditions import Kind, kind_of
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.people import CURRENT_USER, people_of
from otklik.tickets.jql.related_fields import ApprovalsField
from otklik.tickets.jql.tree import Call, Condition, Empty, Literal, Value
from otklik.tickets.jql.write import word_or_quoted, write_value
from otklik.workspace.chips.time_phrases import TIMES, at, between

# Colleagues, labels and organisations offered before anything is typed.
OFFERED_AT_ONCE = 50

# (value in the filter language, label)
Offered = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """A value with a checkbox; `value`: as written in the filter language."""

    value: str
    label: str
    chosen: bool


class Values:
    """The values of one field for one reader. Database rows are read once."""

    def __init__(self, field: Field, asker: Asker) -> None:
        self._field, self._asker, self.kind = field, asker, kind_of(field)

    @cached_property
    def _choices(self) -> Choices:
        return choices_of(self._field, self._asker)

    def label(self, value: Value) -> str:
        """Return the value's label; the value as written if it has none."""
        match self._field.read([value])[0]:
            case Empty():
                return pgettext("value of a filter", "nobody") if self.kind is Kind.PEOPLE else _("empty")
            case Call() as call:
                return self._called(call)
            case Literal(text) as literal:
                if self.kind is Kind.PEOPLE:
                    return self._person(literal)
                choice = self._choices.meant(text)
                return choice.label if choice else text

    def options(self, chosen: Sequence[Value], typed: str) -> list[Option]:
        """Return the chosen values, then those offered; with `typed`, those that match it."""
        offered = dict(self._found(typed) if typed and not self._listed else self._offered())
        taken = [self.as_offered(value) for value in chosen]
        others = {write_value(value): self.label(value) for value in taken if write_value(value) not in offered}
        ticked = {write_value(value) for value in taken}
        if not self._listed:  # chosen ones first
            offered = {value: offered[value] for value in sorted(offered, key=lambda value: value not in ticked)}
        return [Option(value, label, value in ticked) for value, label in {**others, **offered}.items()]

    @property
    def _listed(self) -> bool:
        """Whether all values are offered at once, in their own order."""
        return self.kind in (Kind.CHOICE, Kind.RANK)

    def as_offered(self, value: Value) -> Value:
        """Return the value in the form in which it is offered; otherwise as written."""
        read = self._field.read([value])[0]
        choice = self._choices.meant(read.text) if isinstance(read, Literal) else None
        return Literal(choice.text) if choice else read

    def _offered(self) -> Iterator[Offered]:
        if isinstance(self._field, ApprovalsField):
            yield from ((f"{name}()", self.label(Call(name))) for name in _APPROVALS)
        elif self.kind is Kind.PEOPLE:
            yield "currentUser()", _("me")
        if self._field.has_value(self._asker):
            yield "EMPTY", self.label(Empty())
        if self.kind is Kind.PEOPLE:
            yield from _named(self._colleagues())
        elif self.kind is Kind.ORGANIZATIONS:
            yield from self._found("")
        elif isinstance(self._field, LabelsField):
            labels = labels_in_use(self._asker)[:OFFERED_AT_ONCE]
            yield from ((word_or_quoted(label), label) for label in labels)
        else:
            yield from ((word_or_quoted(choice.text), choice.label) for choice in self._choices.offered)

    def _found(self, typed: str) -> Iterable[Offered]:
        if self.kind is Kind.PEOPLE:
            return _named(people_like(typed, self._asker))
        if self.kind is Kind.ORGANIZATIONS:
            names = [organization.name for organization in organizations_like(typed, self._asker)]
            return [(word_or_quoted(name), name) for name in names]
        return self._offered()

    def _colleagues(self) -> Iterable[Person]:
        """People of the reader's desks, for the assignee field only."""
        if self._field.name != "assignee":
            return []
        posts = Membership.objects.filter(self._asker.staffed_desks())
        people = Person.objects.filter(pk__in=posts.values("person"), is_active=True)
        return people.order_by("name", "pk")[:OFFERED_AT_ONCE]

    def _person(self, value: Literal) -> str:
        try:
            ids = people_of(self._field.name, [value], self._asker)
        except BadJql:
            return value.text
        names = [person.staff_name for person in Person.objects.filter(pk__in=ids).order_by("pk")[:2]]
        return names[0] if len(names) == 1 else value.text

    def _called(self, call: Call) -> str:
        known = {
            "currentuser": _("me"),
            "pending": _("waiting for an answer"),
            "approved": _("approved"),
            "mypending": _("waiting for my answer"),
            "myapproval": _("I was asked"),
            "issuehistory": _("viewed by me lately"),
        }
        return (not call.arguments and known.get(call.name.lower())) or self._called_with(call) or write_value(call)

    def _called_with(self, call: Call) -> str:
        """Return the label of a function with one argument, and with times for `updatedBy`; "" if there is none."""
        text = {
            "membersof": _("members of %(name)s"),
            "organizationmembers": _("people of %(name)s"),
            "linkedissues": _("linked with %(name)s"),
            "pendingby": _("waiting for %(name)s"),
            "pendingapprovalby": _("waiting for %(name)s"),
            "approver": _("%(name)s was asked"),
            "updatedby": _("changed by %(name)s"),
        }.get(call.name.lower(), "")
        if not text or not call.arguments:
            return ""
        who, *times = call.arguments
        words = text % {"name": _("me") if who.text == CURRENT_USER else who.text}
        if not times:
            return words
        when = at(TIMES["after"], times[0]) if len(times) == 1 else between(*times)
        return f"{words} ({when})" if when and call.name.lower() == "updatedby" else ""


_APPROVALS = ("pending", "approved", "myPending", "myApproval")


def value_typed(text: str) -> Value | None:
    """Return the value that a form sent in the filter language; None if it is not exactly one value."""
    try:
        query = parse(f"x = {text}")
    except BadJql:
        return None
    return query.where.values[0] if isinstance(query.where, Condition) and not query.sortings else None


def _named(people: Iterable[Person]) -> Iterator[Offered]:
    return ((word_or_quoted(name_of(person)), person.staff_name) for person in people)

"""The form in which a queue keeps its text: ids for the names of what can be renamed, fields by one name each.

It is a text of the language like any other (Jira writes ids, too). Who reads one gives the `Asker` a catalogue; then
an id counts before a name. What means several (a status that two desks have) stands there as all of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from otklik.desks.models import Field as FormField
from otklik.tickets.jql.custom_fields import Answer
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import Field, PersonField, RowField
from otklik.tickets.jql.find import find
from otklik.tickets.jql.function_calls import FUNCTIONS
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.people import organization_ids, person_ids
from otklik.tickets.jql.related_fields import OrganizationsField, ParticipantsField
from otklik.tickets.jql.table import field_named
from otklik.tickets.jql.tree import (
    And,
    Call,
    Condition,
    Literal,
    Not,
    Operator,
    Or,
    Part,
    Past,
    Query,
    Sorting,
    Value,
    When,
)  # fmt: skip
from otklik.tickets.jql.value_catalogue import Named
from otklik.tickets.jql.value_lookup import folded
from otklik.tickets.jql.write import write

_WITH_SEVERAL = {
    Operator.IS: Operator.IN, Operator.IN: Operator.IN,
    Operator.IS_NOT: Operator.NOT_IN, Operator.NOT_IN: Operator.NOT_IN,
}  # fmt: skip
_CHOSEN = {FormField.Kind.CHOICE, FormField.Kind.CHOICES, FormField.Kind.CASCADE}


def stored(text: str, asker: Asker) -> str:
    """Convert a query to its stored form, with ids for names. Raises BadJql if this asker cannot run it."""
    query = parse(text)
    find(query, asker)
    text = write(_ToStored(asker).of(query))
    parse(text)  # ids may be longer than names
    return text


def shown(jql: str, typed: str, asker: Asker) -> str:
    """Return a stored query as text: as typed, if that still means the same to this asker, else with present names.

    Ids without a name stay numbers. `asker` must have a catalogue.
    """
    if typed and _means(typed, jql, replace(asker, catalogue=None)):
        return typed
    try:
        return write(_ToNames(asker).of(parsed(jql)))
    except BadJql:
        return typed or jql


def _means(typed: str, jql: str, asker: Asker) -> bool:
    try:
        return stored(typed, asker) == jql
    except BadJql:
        return False


def in_names(query: Query, asker: Asker) -> Query:
    """Replace the ids in a stored query by present names. `asker` must have a catalogue. Raises BadJql."""
    return _ToNames(asker).of(query)


@lru_cache(maxsize=2_000)
def parsed(jql: str) -> Query:
    """Like `parse`, cached."""
    return parse(jql)


def with_person(jql: str, former: int, now: int, asker: Asker) -> str:
    """Replace the id of one person by another's in a stored query. Raises BadJql."""
    return write(_WithPerson(asker, str(former), str(now)).of(parse(jql)))


class _Rewriting(ABC):
    """Base class: copies a tree with other values and field names."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker

    @abstractmethod
    def values(self, field: Field, value: Literal) -> Sequence[Value]:
        """Return the replacement of this value of the field."""

    def call(self, call: Call) -> Call:
        """Return the replacement of a function."""
        return call

    def name(self, name: Literal, _field: Field) -> Literal:
        """Return the replacement of a field's name."""
        return name

    def of(self, query: Query) -> Query:
        """Return the rewritten query. Raises BadJql."""
        return Query(query.where and self._part(query.where), tuple(map(self._sorting, query.sortings)))

    def _sorting(self, sorting: Sorting) -> Sorting:
        return replace(sorting, field=self.name(sorting.field, field_named(sorting.field, self.asker)))

    def _part(self, part: Part) -> Part:
        match part:
            case Not(inner):
                return Not(self._part(inner))
            case And(parts) | Or(parts):
                return type(part)(tuple(map(self._part, parts)))
            case Past():
                return self._past(part, field_named(part.field, self.asker))
            case Condition():
                return self._condition(part, field_named(part.field, self.asker))

    def _condition(self, condition: Condition, field: Field) -> Part:
        values, operator = self._each(field, condition.values), condition.operator
        renamed = replace(condition, field=self.name(condition.field, field), values=values)
        if len(values) == 1 and operator not in (Operator.IN, Operator.NOT_IN):
            return renamed
        if operator in _WITH_SEVERAL:
            return replace(renamed, operator=_WITH_SEVERAL[operator])
        # A name may mean a priority of each desk: then any of them, compared within its desk.
        return Or(tuple(replace(renamed, values=(value,)) for value in values))

    def _past(self, past: Past, field: Field) -> Past:
        values = None if past.values is None else self._each(field, past.values)
        return Past(
            self.name(past.field, field),
            values,
            past.negative,
            past.several or len(values or ()) > 1,
            tuple(self._when(when, field) for when in past.whens),
        )

    def _when(self, when: When, field: Field) -> When:
        meant = {"from": field, "to": field, "by": _BY}.get(when.name)
        values = self._each(meant, when.values) if meant else when.values
        # Only one value is allowed here, so a name with several ids stays a name.
        return replace(when, values=values) if len(values) == len(when.values) else when

    def _each(self, field: Field, values: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(new for value in field.read(values) for new in self._one(field, value))

    def _one(self, field: Field, value: Value) -> Sequence[Value]:
        if isinstance(value, Literal):
            return self.values(field, value)
        return [self.call(value) if isinstance(value, Call) else value]


_BY = PersonField(name="by", column="actor")


class _ToStored(_Rewriting):
    """Replaces names by ids, and synonyms of fields and functions by one name."""

    def values(self, field: Field, value: Literal) -> Sequence[Value]:
        ids = self._ids(field, value)
        return [Literal(str(pk)) for pk in sorted(set(ids), key=str)] if ids else [Literal(field.one_word(value.text))]

    def call(self, call: Call) -> Call:
        name = next((name for name in FUNCTIONS if name.lower() == call.name.lower()), call.name)
        return replace(call, name=name)

    def name(self, name: Literal, field: Field) -> Literal:
        if not isinstance(field, Answer):
            return Literal(field.name)
        # Several fields share the name: keep it.
        number = field.keys[0].removeprefix("customfield_")
        return Literal(f"cf[{number}]") if len(field.keys) == 1 else name

    def _ids(self, field: Field, value: Literal) -> Iterable[int | str]:
        match field:
            case RowField():
                return field.ids([value], self.asker)
            case PersonField() | ParticipantsField():
                return person_ids(field.name, value, self.asker)
            case OrganizationsField() | Answer(kind=FormField.Kind.ORGANIZATION):
                return organization_ids(field.name, value, self.asker)
            case Answer() if field.kind in _CHOSEN:
                return [option.id for option in field.chosen(value, self.asker)]
        return ()


class _ToNames(_Rewriting):
    """Replaces ids by present names."""

    def values(self, field: Field, value: Literal) -> Sequence[Value]:
        match field:
            case RowField():
                return [_row_name(field.rows(self.asker), value)]
            case PersonField() | ParticipantsField():
                return [_person_name(value, self.asker)]
            case OrganizationsField() | Answer(kind=FormField.Kind.ORGANIZATION) if value.text.isdecimal():
                name = self.asker.seen_organizations().filter(pk=int(value.text)).values_list("name", flat=True).first()
                return [Literal(name) if name else value]
            case Answer() if field.kind in _CHOSEN:
                return [Literal(field.label(value.text))]
        return [value]


class _WithPerson(_Rewriting):
    """Replaces one person's id by another's."""

    def __init__(self, asker: Asker, former: str, now: str) -> None:
        super().__init__(asker)
        self._former, self._now = former, now

    def values(self, field: Field, value: Literal) -> Sequence[Value]:
        is_person = isinstance(field, PersonField | ParticipantsField)
        return [replace(value, text=self._now) if is_person and value.text == self._former else value]


def _row_name(rows: Iterable[Named], value: Literal) -> Literal:
    row = next((row for row in rows if str(row.pk) == value.text), None)
    if row is None:
        return value
    alike = [other for other in rows if folded(row.names[0]) in map(folded, other.names)]
    return Literal(row.names[0] if len(alike) == 1 else next(iter(row.full_names), value.text))


def _person_name(value: Literal, asker: Asker) -> Literal:
    person = asker.seen_people().filter(pk=int(value.text)).first() if value.text.isdecimal() else None
    if person is None:
        return value
    by_name = replace(asker, catalogue=None)
    for name in filter(None, (person.name, person.email, person.login)):
        try:
            if person_ids(None, Literal(name), by_name) == [person.pk]:
                return Literal(name)
        except BadJql:
            pass
    return value

"""Conditions that a form can ask about one field, and how they are said in the language.

`simple_of` reads a part of a tree, or two beside one another; `parts_of` says it again. What they do not know (history,
functions with arguments, groups of different fields) stays a text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from otklik.desks.models import Field as FormField
from otklik.tickets.jql.custom_fields import Answer
from otklik.tickets.jql.fields import DayField, Field, LabelsField, MomentField, PersonField, PriorityField
from otklik.tickets.jql.related_fields import (
    AttachmentsField,
    KeyField,
    OrganizationsField,
    ParticipantsField,
    RatingField,
    TextField,
)  # fmt: skip
from otklik.tickets.jql.tree import Call, Condition, Empty, Literal, Not, Operator, Or, Part, Value


class Kind(StrEnum):
    """The kind of form for a field's conditions. WORDS are free values such as labels and keys."""

    CHOICE = "choice"
    RANK = "rank"
    PEOPLE = "people"
    ORGANIZATIONS = "organizations"
    WORDS = "words"
    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"
    PRESENCE = "presence"


class How(StrEnum):
    """The relation between field and value that a form offers. NOT_OR_EMPTY also matches tickets without a value."""

    IS = "is"
    NOT = "not"
    NOT_OR_EMPTY = "not_or_empty"
    LEAST = "least"
    MOST = "most"
    MORE = "more"
    LESS = "less"
    CONTAINS = "contains"
    LACKS = "lacks"
    LAST = "last"  # within the last so many days
    OLDER = "older"  # longer ago than that
    NEXT = "next"  # until in so many days
    SINCE = "since"  # since the beginning of the day, week, month, year
    EARLIER = "earlier"  # before it
    ON = "on"
    FROM = "from"
    BEFORE = "before"
    UNTIL = "until"
    AFTER = "after"
    BETWEEN = "between"
    EMPTY = "empty"
    SET = "set"


_CHOSEN = (How.IS, How.NOT, How.NOT_OR_EMPTY)
_RANKED = (How.LEAST, How.MOST, How.MORE, How.LESS)
_PRESENT = (How.EMPTY, How.SET)
_TIMES = (How.LAST, How.OLDER, How.SINCE, How.EARLIER, How.ON, How.FROM, How.BEFORE, How.BETWEEN)
HOWS: dict[Kind, tuple[How, ...]] = {
    Kind.CHOICE: _CHOSEN,
    Kind.RANK: (*_CHOSEN, *_RANKED),
    Kind.PEOPLE: _CHOSEN,
    Kind.ORGANIZATIONS: _CHOSEN,
    Kind.WORDS: _CHOSEN,
    Kind.TEXT: (How.CONTAINS, How.LACKS, *_PRESENT),
    Kind.NUMBER: (How.IS, How.NOT, *_RANKED, *_PRESENT),
    Kind.MOMENT: (*_TIMES, *_PRESENT),
    Kind.DAY: (How.NEXT, *_TIMES[:6], How.UNTIL, How.BEFORE, How.AFTER, How.BETWEEN, *_PRESENT),
    Kind.PRESENCE: (How.SET, How.EMPTY),
}
UNITS = ("h", "d", "w")
PERIODS = ("Day", "Week", "Month", "Year")
_LISTS = ("membersof", "organizationmembers")
_SPAN = re.compile(r"([+-]?)(\d{1,5})([hdw])")
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_LONGEST_SPAN = 10_000
_BY_SIGN = {How.LEAST: ">=", How.MOST: "<=", How.MORE: ">", How.LESS: "<"}
_OPPOSITE = {
    Operator.IS: Operator.IS_NOT,
    Operator.IN: Operator.NOT_IN,
    Operator.CONTAINS: Operator.CONTAINS_NOT,
}
_OPPOSITE |= {negative: positive for positive, negative in _OPPOSITE.items()}


@dataclass(frozen=True, slots=True)
class Simple:
    """A condition as a form shows it; only what `how` needs is set."""

    how: How
    values: tuple[Value, ...] = ()
    text: str = ""
    amount: int = 0
    unit: str = ""
    period: str = ""
    day: date | None = None
    until: date | None = None


def kind_of(field: Field) -> Kind:
    """Return the kind of form for this field."""
    if isinstance(field, Answer):
        return _KINDS_OF_ANSWERS.get(FormField.Kind(field.kind), Kind.CHOICE)
    return next((kind for made, kind in _KINDS if isinstance(field, made)), Kind.CHOICE)


def may_come(field: Field) -> bool:
    """Return whether the field's times may lie in the future; then "the last seven days" needs an end."""
    return isinstance(field, Answer | DayField)


_KINDS: tuple[tuple[type[Field] | tuple[type[Field], ...], Kind], ...] = (
    (PriorityField, Kind.RANK),
    ((PersonField, ParticipantsField), Kind.PEOPLE),
    (OrganizationsField, Kind.ORGANIZATIONS),
    ((LabelsField, KeyField), Kind.WORDS),
    (TextField, Kind.TEXT),
    (RatingField, Kind.NUMBER),
    (MomentField, Kind.MOMENT),
    (DayField, Kind.DAY),
    (AttachmentsField, Kind.PRESENCE),
)
_KINDS_OF_ANSWERS = {
    FormField.Kind.TEXT: Kind.TEXT,
    FormField.Kind.PARAGRAPH: Kind.TEXT,
    FormField.Kind.NUMBER: Kind.NUMBER,
    FormField.Kind.DATE: Kind.DAY,
    FormField.Kind.MOMENT: Kind.MOMENT,
    FormField.Kind.PERSON: Kind.PEOPLE,
    FormField.Kind.ORGANIZATION: Kind.ORGANIZATIONS,
}


def field_of(part: Part) -> Literal | None:
    """Return the name of the only field in the part, if a form could show the part; otherwise None."""
    match part:
        case Condition():
            return part.field
        case Not(Condition() as inner):
            return inner.field
        case Or(parts):
            names = {_name(inner) for inner in parts}
            first = parts[0]
            return first.field if len(names) == 1 and isinstance(first, Condition) else None
    return None


def _name(part: Part) -> str | None:
    return part.field.text.casefold() if isinstance(part, Condition) else None


def simple_of(parts: Sequence[Part], kind: Kind) -> Simple | None:
    """Return the condition of one part, or of two that form a range, for a form; None if no form can show it."""
    if len(parts) == 2:
        return _between(parts, kind)
    match parts[0]:
        case Or(inner):
            return _alternatives(inner, kind)
        case Not(Condition() as inner) if inner.operator in _OPPOSITE:
            return _of_condition(Condition(inner.field, _OPPOSITE[inner.operator], inner.values), kind)
        case Condition() as condition:
            return _of_condition(condition, kind)
    return None


def _alternatives(parts: Sequence[Part], kind: Kind) -> Simple | None:
    """Handles `a = x OR a = y`, and `a != x OR a is EMPTY`."""
    if How.NOT_OR_EMPTY not in HOWS[kind] or not all(isinstance(part, Condition) for part in parts):
        return None
    read = [_of_condition(part, kind) for part in parts if isinstance(part, Condition)]
    if any(simple is None or simple.how not in (How.IS, How.NOT) for simple in read):
        return None
    known = [simple for simple in read if simple is not None]
    if all(simple.how is How.IS for simple in known):
        return Simple(How.IS, _distinct([value for simple in known for value in simple.values]))
    negatives = [simple for simple in known if simple.how is How.NOT]
    empty = [
        simple for simple in known if simple.how is How.IS and all(isinstance(value, Empty) for value in simple.values)
    ]
    if len(known) == 2 and len(negatives) == 1 and len(empty) == 1:
        values = negatives[0].values
        return None if any(isinstance(value, Empty) for value in values) else Simple(How.NOT_OR_EMPTY, values)
    return None


def _distinct(values: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))


def _of_condition(condition: Condition, kind: Kind) -> Simple | None:
    operator, values = condition.operator, condition.values
    only_empty = all(isinstance(value, Empty) for value in values)
    equal = operator in (Operator.IS, Operator.IN)
    if equal or operator in (Operator.IS_NOT, Operator.NOT_IN):
        if How.NOT_OR_EMPTY in HOWS[kind]:
            return Simple(How.IS if equal else How.NOT, _distinct(values))
        if only_empty:
            return Simple(How.EMPTY if equal else How.SET) if How.EMPTY in HOWS[kind] else None
    if len(values) > 1 or only_empty or operator in (Operator.IN, Operator.NOT_IN):
        return None
    simple = _of_value(operator, values[0], kind)
    return simple if simple is not None and simple.how in HOWS[kind] else None


def _of_value(operator: Operator, value: Value, kind: Kind) -> Simple | None:
    match kind:
        case Kind.TEXT if isinstance(value, Literal):
            return Simple(How.CONTAINS if operator is Operator.CONTAINS else How.LACKS, text=value.text)
        case Kind.NUMBER if isinstance(value, Literal):
            signs = {Operator.IS: How.IS, Operator.IS_NOT: How.NOT}
            return Simple(signs.get(operator) or _how_by_sign(operator), text=value.text)
        case Kind.RANK:
            return Simple(_how_by_sign(operator), (value,))
        case Kind.MOMENT | Kind.DAY:
            return _of_time(operator, value, exact=kind is Kind.DAY)
    return None


def _how_by_sign(operator: Operator) -> How:
    return {Operator(sign): how for how, sign in _BY_SIGN.items()}.get(operator, How.IS)


def _of_time(operator: Operator, value: Value, *, exact: bool) -> Simple | None:
    """Convert a comparison with a time.

    `exact`: for dates, where `<` and `<=` differ by a day; for times they are treated alike.
    """
    if not exact:
        operator = {Operator.LESS: Operator.AT_MOST, Operator.MORE: Operator.AT_LEAST}.get(operator, operator)
    if isinstance(value, Call):
        return _of_period(operator, value, exact=exact)
    if not isinstance(value, Literal):
        return None
    text = value.text.strip()
    if span := _SPAN.fullmatch(text):
        return _of_span(operator, span)
    day = day_written(text)
    how = _how_of_day(operator, exact=exact) if day else None
    return Simple(how, day=day) if how else None


def _how_of_day(operator: Operator, *, exact: bool) -> How | None:
    hows = {Operator.IS: How.ON, Operator.AT_LEAST: How.FROM, Operator.AT_MOST: How.UNTIL if exact else How.BEFORE}
    return hows.get(operator) or (
        {Operator.LESS: How.BEFORE, Operator.MORE: How.AFTER}.get(operator) if exact else None
    )


def _of_period(operator: Operator, call: Call, *, exact: bool) -> Simple | None:
    period = next((name for name in PERIODS if call.name.lower() == f"startof{name.lower()}"), None)
    before = Operator.LESS if exact else Operator.AT_MOST
    if period is None or call.arguments or operator not in (Operator.AT_LEAST, before):
        return None
    return Simple(How.EARLIER if operator is before else How.SINCE, period=period)


def _of_span(operator: Operator, span: re.Match[str]) -> Simple | None:
    amount, unit = int(span[2]), span[3]
    if not 0 < amount <= _LONGEST_SPAN:
        return None
    if span[1] == "-":
        how = {Operator.AT_LEAST: How.LAST, Operator.AT_MOST: How.OLDER}.get(operator)
    else:
        how = How.NEXT if operator is Operator.AT_MOST else None
    return Simple(how, amount=amount, unit=unit) if how else None


def span_written(text: str) -> tuple[int, str] | None:
    """Parse a relative time of one number and h, d or w into (amount, unit), negative for the past; None for anything
    else."""
    span = _SPAN.fullmatch(text.strip())
    return (int(f"{span[1]}{span[2]}"), span[3]) if span else None


def day_written(text: str) -> date | None:
    """Parse a date such as 2025-12-31; None for anything else."""
    written = _DAY.fullmatch(text)
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None


def _between(parts: Sequence[Part], kind: Kind) -> Simple | None:
    first, last = parts
    if kind not in (Kind.MOMENT, Kind.DAY) or not (isinstance(first, Condition) and isinstance(last, Condition)):
        return None
    days = [
        day_written(condition.values[0].text) if isinstance(condition.values[0], Literal) else None
        for condition in (first, last)
    ]
    ends = Operator.LESS if kind is Kind.MOMENT else Operator.AT_MOST
    if first.operator is not Operator.AT_LEAST or last.operator is not ends or days[0] is None or days[1] is None:
        return None
    until = days[1] - timedelta(days=1) if kind is Kind.MOMENT and days[1] > date.min else days[1]
    return Simple(How.BETWEEN, day=days[0], until=until) if until >= days[0] else None


def parts_of(name: str, simple: Simple, kind: Kind, *, lists: bool = True) -> tuple[Part, ...]:
    """Return the condition as one part of a query, or as two for a range of dates.

    `lists` False: the field has no `in`, so several values become an OR, or a part each.
    """
    field = Literal(name)
    if simple.how is How.BETWEEN and simple.day and simple.until:
        until = simple.until + timedelta(days=1) if kind is Kind.MOMENT else simple.until
        ends = Operator.LESS if kind is Kind.MOMENT else Operator.AT_MOST
        return (
            Condition(field, Operator.AT_LEAST, (Literal(simple.day.isoformat()),)),
            Condition(field, ends, (Literal(until.isoformat()),)),
        )
    if simple.how is How.NOT_OR_EMPTY:
        empty = Condition(field, Operator.IS, (Empty(),))
        return (Or((_chosen(field, simple.values, negative=True), empty)),)
    if simple.how in (How.IS, How.NOT) and len(simple.values) > 1 and not lists:
        each = tuple(_chosen(field, (value,), negative=simple.how is How.NOT) for value in simple.values)
        return (Or(each),) if simple.how is How.IS else each
    if simple.values and simple.how in (How.IS, How.NOT):
        return (_chosen(field, simple.values, negative=simple.how is How.NOT),)
    operator, value = _compared(simple)
    return (Condition(field, operator, (value,)),)


def _chosen(field: Literal, values: tuple[Value, ...], *, negative: bool) -> Condition:
    value = values[0]
    if len(values) > 1 or (isinstance(value, Call) and value.name.lower() in _LISTS):
        return Condition(field, Operator.NOT_IN if negative else Operator.IN, values)
    return Condition(field, Operator.IS_NOT if negative else Operator.IS, values)


def _compared(simple: Simple) -> tuple[Operator, Value]:
    """Returns operator and value. For times `<` and `<=` mean the same, so they are written as Jira does."""
    match simple.how:
        case How.EMPTY | How.SET:
            return Operator.IS if simple.how is How.EMPTY else Operator.IS_NOT, Empty()
        case How.CONTAINS | How.LACKS:
            return Operator.CONTAINS if simple.how is How.CONTAINS else Operator.CONTAINS_NOT, Literal(simple.text)
        case How.IS | How.NOT:
            return Operator.IS if simple.how is How.IS else Operator.IS_NOT, Literal(simple.text)
        case How.LEAST | How.MOST | How.MORE | How.LESS:
            return Operator(_BY_SIGN[simple.how]), simple.values[0] if simple.values else Literal(simple.text)
        case How.LAST | How.OLDER:
            operator = Operator.AT_LEAST if simple.how is How.LAST else Operator.AT_MOST
            return operator, Literal(f"-{simple.amount}{simple.unit}")
        case How.NEXT:
            return Operator.AT_MOST, Literal(f"{simple.amount}{simple.unit}")
        case How.SINCE | How.EARLIER:
            operator = Operator.AT_LEAST if simple.how is How.SINCE else Operator.LESS
            return operator, Call(f"startOf{simple.period}")
        case _:
            assert simple.day is not None
            return _OF_DAYS[simple.how], Literal(simple.day.isoformat())


_OF_DAYS = {
    How.ON: Operator.IS,
    How.FROM: Operator.AT_LEAST,
    How.BEFORE: Operator.LESS,
    How.UNTIL: Operator.AT_MOST,
    How.AFTER: Operator.MORE,
}

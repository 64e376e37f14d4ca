"""Answers to a form's own fields, by the field's name or number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet

from otklik.core.search_text import fold
from otklik.desks.models import CustomField
from otklik.desks.models import Field as FormField
from otklik.desks.texts import option_label
from otklik.people.models import Person
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import (
    CONTAINING,
    EQUALITY,
    LOOKUPS,
    NOTHING,
    ORDERING,
    Field,
    Given,
    number_of,
    words_of,
)  # fmt: skip
from otklik.tickets.jql.function_calls import no_such_value
from otklik.tickets.jql.moments import moment
from otklik.tickets.jql.people import organization_ids, people_of
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Literal, Operator

_NUMBERED = re.compile(r"(?:cf\[(\d{1,18})\]|customfield_(\d{1,18}))", re.IGNORECASE)
_YES = {"yes", "true", "да"}
_NO = {"no", "false", "нет"}
Kind = FormField.Kind
_OPERATORS = {
    Kind.TEXT: CONTAINING, Kind.PARAGRAPH: CONTAINING, Kind.NUMBER: EQUALITY + ORDERING, Kind.DATE: EQUALITY + ORDERING,
    Kind.MOMENT: EQUALITY + ORDERING,
}  # fmt: skip

# (field key, stored answer)
_Kept = tuple[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer(Field):
    """The answers to all form fields of one name and kind. `title`: the name shown to people."""

    title: str
    keys: tuple[str, ...]
    kind: str

    @property
    def allowed(self) -> tuple[Operator, ...]:
        """The operators that the field's kind supports."""
        return _OPERATORS.get(Kind(self.kind), EQUALITY)

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        if operator is Operator.CONTAINS:
            return self._containing(values[0])
        if self.kind in (Kind.NUMBER, Kind.DATE, Kind.MOMENT):
            return reduce(or_, (self._compared(operator, value, asker) for value in values))
        return self._kept([answer for value in values for answer in self._answers(value, asker)])

    def has_value(self, asker: Asker) -> Q:
        return reduce(or_, (Q(answers__has_key=key) for key in self.keys))

    def _containing(self, value: Given) -> Q:
        terms = fold(words_of(self.name, value)).replace("*", " ").split()
        if not terms:
            raise BadJql(JqlRefusal.TEXT_EMPTY, at=value.at, word=words_of(self.name, value))
        return reduce(
            or_,
            (reduce(and_, (Q(**{f"answers__{key}__icontains": word}) for word in terms)) for key in self.keys),
        )

    def _compared(self, operator: Operator, value: Given, asker: Asker) -> Q:
        first, last = self._bounds(value, asker)
        if operator in LOOKUPS:
            # A date spans a whole day: compare with its start or its end, as for other fields.
            return self._each(LOOKUPS[operator], first)
        if first == last:
            return self._kept(self._of_each([first]))
        return reduce(
            or_,
            (Q(**{f"answers__{key}__gte": first, f"answers__{key}__lt": last}) for key in self.keys),
        )

    def _bounds(self, value: Given, asker: Asker) -> tuple[Any, Any]:
        if self.kind == Kind.NUMBER:
            number = number_of(self.name, value)
            number = int(number) if number.is_integer() else number
            return number, number
        at, lasts = moment(value, asker)
        if self.kind == Kind.DATE:
            day = at.astimezone(asker.zone).date().isoformat()
            return day, day
        return _as_kept(at), _as_kept(at + lasts)

    def _each(self, lookup: str, bound: Any) -> Q:
        return reduce(or_, (Q(answers__has_key=key, **{f"answers__{key}__{lookup}": bound}) for key in self.keys))

    def _kept(self, answers: list[_Kept]) -> Q:
        """Tickets with one of these answers. A single choice is stored as a value, several as a list."""
        conditions = [Q(answers__contains={key: stored}) for key, answer in answers for stored in (answer, [answer])]
        return reduce(or_, conditions, NOTHING)

    def _of_each(self, answers: list[Any]) -> list[_Kept]:
        return [(key, answer) for key in self.keys for answer in answers]

    def _answers(self, value: Given, asker: Asker) -> list[_Kept]:
        match self.kind:
            case Kind.CHECKBOX:
                return self._of_each([self._ticked(value)])
            case Kind.PERSON:
                return self._of_each(self._addresses(value, asker))
            case Kind.ORGANIZATION:
                return self._of_each(organization_ids(self.name, value, asker))
        return [(option.key, option.id) for option in self.chosen(value, asker)]

    def chosen(self, value: Given, asker: Asker) -> list["Option"]:
        """Return the options with this label or id. Raises BadJql."""
        options, word = self.options(), words_of(self.name, value).strip()
        with_id = [option for option in options if option.id == word]
        with_label = [option for option in options if fold(word) in map(fold, option.names)]
        meant = (with_id or with_label) if asker.catalogue is not None else (with_label or with_id)
        return meant or self._refuse(value, [name for option in options for name in option.names])

    def _addresses(self, value: Given, asker: Asker) -> list[Any]:
        ids = people_of(self.name, [value], asker)
        return list(Person.objects.filter(pk__in=ids).exclude(email=None).values_list("email", flat=True))

    def _ticked(self, value: Given) -> bool:
        word = words_of(self.name, value).casefold()
        if word in _YES | _NO:
            return word in _YES
        raise no_such_value(self.name, value, ["yes", "no"])

    def label(self, option_id: str) -> str:
        """Return the label of the option with this id, or the id if there is none."""
        return next((option.names[0] for option in self.options() if option.id == option_id), option_id)

    def _refuse(self, value: Given, known: list[str]) -> list[Any]:
        raise no_such_value(self.name, value, known)

    def options(self) -> list["Option"]:
        """Return the options of all these fields, including nested ones. One query."""
        forms = FormField.objects.filter(key__in=self.keys).order_by("pk").values_list("key", "options")
        options_found: dict[tuple[str, str], Option] = {}
        for key, options in forms:
            for option in _with_children(options):
                # Forms that have the field share its options.
                made = Option(
                    key,
                    str(option["id"]),
                    option_label(option),
                    (option["label"], *option.get("labels", {}).values()),
                    bool(option.get("archived")),
                )
                options_found.setdefault((made.key, made.id), made)
        return list(options_found.values())


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the field `key`. `label`: in the reader's language; `names`: in all languages."""

    key: str
    id: str
    label: str
    names: tuple[str, ...]
    archived: bool = False


def _with_children(options: list[Any]) -> Iterator[Any]:
    for option in options:
        yield option
        yield from _with_children(option.get("children", []))


def custom_field(name: Literal, asker: Asker) -> Answer | None:
    """Return the form field of this number or name, of any desk where the asker works; None if there is none.

    Raises BadJql for a name shared by fields of several kinds.
    """
    numbered = _NUMBERED.fullmatch(name.text)
    rows = _known(asker)
    if numbered:
        rows = rows.filter(number=int(numbered[1] or numbered[2]))
    else:
        rows = rows.filter(name__iexact=name.text.replace("\0", ""))
    matches = asker.once(("field", name.text), lambda: list(rows.order_by("number").distinct()))
    if not matches:
        return None
    if len({form_field.kind for form_field in matches}) > 1:
        numbers = ", ".join(f"cf[{form_field.number}]" for form_field in matches)
        raise BadJql(JqlRefusal.SEVERAL_FIELDS, at=name.at, field=name.text, others=numbers)
    return Answer(
        name=matches[0].name if not numbered else matches[0].key,
        title=matches[0].name,
        staff_only=True,
        keys=tuple(form_field.key for form_field in matches),
        kind=matches[0].kind,
    )


def custom_fields(asker: Asker) -> list[CustomField]:
    """Return all form fields that the asker may query, by name."""
    return list(_known(asker).order_by("name", "number"))


def _known(asker: Asker) -> QuerySet[CustomField]:
    return CustomField.objects.filter(asker.staffed_desks(), searchable=True)


def _as_kept(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

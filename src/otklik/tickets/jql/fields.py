"""What a field of the filter language is, and the kinds that are columns of the ticket."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import F, Q

from otklik.desks.models import Status
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.function_calls import misplaced, no_such_value
from otklik.tickets.jql.moments import moment
from otklik.tickets.jql.people import current_user, is_current_user, people_of
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Call, Empty, Literal, Operator, Value
from otklik.tickets.jql.value_catalogue import Named
from otklik.tickets.jql.value_lookup import folded, named_ids

EQUALITY = (Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN)
ORDERING = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
CONTAINING = (Operator.CONTAINS, Operator.CONTAINS_NOT)
LOOKUPS = {Operator.LESS: "lt", Operator.AT_MOST: "lte", Operator.MORE: "gt", Operator.AT_LEAST: "gte"}
NOTHING = Q(pk__in=[])
Given = Literal | Call


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """A field, by its name and synonyms in all languages.

    `staff_only`: customers can neither see nor query it. `sorted_by`: the column for ORDER BY, "" if not sortable.
    `descending`: the default direction. `reversed`: the highest value has the lowest number.
    """

    name: str
    others: tuple[str, ...] = ()
    staff_only: bool = False
    sorted_by: str = ""
    descending: bool = False
    reversed: bool = False
    operators: ClassVar[tuple[Operator, ...]] = EQUALITY

    @property
    def allowed(self) -> tuple[Operator, ...]:
        """Return the operators that the field supports, besides `is EMPTY`."""
        return self.operators

    @abstractmethod
    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        """The condition that one of the values applies. `operator` is never a negated one. Raises BadJql."""

    def has_value(self, asker: Asker) -> Q:
        """The condition that the field is not empty."""
        return Q()

    def fails(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        """The condition that the field has a value to which the operator does not apply. Raises BadJql."""
        return self.has_value(asker) & ~self.holds(operator, values, asker)

    def sort_column(self, asker: Asker) -> Any:
        """Return the expression for ORDER BY of a field that is sortable."""
        return F(self.sorted_by)

    def read(self, values: Sequence[Value]) -> Sequence[Value]:
        """Return the values, with words for "no value" replaced by Empty."""
        return values

    def one_word(self, text: str) -> str:
        """Return the canonical spelling of a value with several spellings."""
        return text


@dataclass(frozen=True, kw_only=True)
class RowField(Field):
    """A field whose values are named database rows, of the site or of each desk."""

    column: str
    rows: Callable[[Asker], Sequence[Named]]
    nullable: bool = False
    word_for_none: tuple[str, ...] = ()

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        return Q(**{f"{self.column}__in": self.ids(values, asker)})

    def ids(self, values: Sequence[Given], asker: Asker) -> set[int]:
        """Return the ids of the rows that the values name. Raises BadJql."""
        rows, catalogue = self.rows(asker), asker.catalogue
        if catalogue is not None and catalogue.of_some and any(row.desk for row in rows):
            known = {str(row.pk) for row in rows}
            values = [value for value in values if isinstance(value, Call) or not value.text.isdecimal()
                      or value.text in known]  # fmt: skip
        return named_ids(self.name, values, rows, by_id=catalogue is not None)

    def has_value(self, asker: Asker) -> Q:
        return Q(**{f"{self.column}__isnull": False}) if self.nullable else Q()

    def read(self, values: Sequence[Value]) -> Sequence[Value]:
        return [
            Empty(value.at) if isinstance(value, Literal) and value.text.casefold() in self.word_for_none else value
            for value in values
        ]


@dataclass(frozen=True, kw_only=True)
class PriorityField(RowField):
    """Priorities compare by level, across desks; level 1 is the highest."""

    operators: ClassVar[tuple[Operator, ...]] = EQUALITY + ORDERING

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        rows, ids = self.rows(asker), self.ids(values, asker)
        if operator not in LOOKUPS:
            return Q(priority__in=ids)
        turned = {"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}[LOOKUPS[operator]]
        compared = NOTHING
        for row in rows:
            if row.pk in ids:
                compared |= Q(**{f"priority__level__{turned}": row.level}, desk_id=row.desk)
        return compared


@dataclass(frozen=True, kw_only=True)
class CategoryField(Field):
    """The category of the status. Jira's "in progress" corresponds to two categories here."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        return self._of(self._categories(values), asker)

    def fails(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        return self._of(set(Status.Category.values) - self._categories(values), asker)

    def one_word(self, text: str) -> str:
        return _ONE_WORD[CATEGORIES[text.casefold()]]

    def _categories(self, values: Sequence[Given]) -> set[str]:
        categories: set[str] = set()
        for value in values:
            word = value.text.casefold() if isinstance(value, Literal) else ""
            if word not in CATEGORIES:
                raise no_such_value(self.name, value, list(CATEGORIES))
            categories |= set(CATEGORIES[word])
        return categories

    def _of(self, categories: set[str], asker: Asker) -> Q:
        """Uses ids of statuses, so that the query needs no join."""
        if asker.catalogue is not None:
            ids = [status.pk for status in asker.catalogue.statuses if status.category in categories]
        elif asker.at_work and asker.workplace is not None:
            ids = [pk for pk, category in asker.workplace.categories if category in categories]
        else:
            statuses = Status.objects.filter(category__in=categories).order_by("pk")
            ids = list(statuses.values_list("pk", flat=True))
        condition = Q(status__in=ids)
        # Says nothing new, but leads to the index of what is open.
        return condition if "done" in categories else condition & Q(closed_at=None)


CATEGORIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("new", "to do", "новые", "новый", "к выполнению", "сделать"), ("new",)),
    **dict.fromkeys(("in progress", "indeterminate", "в работе", "в процессе"), ("progress", "waiting")),
    **dict.fromkeys(("waiting", "ожидание", "ожидает"), ("waiting",)),
    **dict.fromkeys(("done", "готово", "сделано", "выполнено"), ("done",)),
}


_ONE_WORD = {
    ("new",): "To Do",
    ("progress", "waiting"): "In Progress",
    ("waiting",): "Waiting",
    ("done",): "Done",
}


@dataclass(frozen=True, kw_only=True)
class PersonField(Field):
    """A person in a column of the ticket."""

    column: str

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        # currentUser() alone: a fast read may pass the person as a parameter.
        meant = [
            Q(**{self.column: current_user(value, asker).pk})
            for value in values
            if isinstance(value, Call) and is_current_user(value)
        ]
        others = [value for value in values if isinstance(value, Literal) or not is_current_user(value)]
        if others:
            meant.append(Q(**{f"{self.column}__in": people_of(self.name, others, asker)}))
        return reduce(or_, meant)

    def has_value(self, asker: Asker) -> Q:
        return Q(**{f"{self.column}__isnull": False})


def compared_with(column: str, operator: Operator, at: datetime, lasts: timedelta) -> Q:
    """The condition on a column with a moment: `at`, or for equality anything within `lasts` of it."""
    if operator in LOOKUPS:
        return Q(**{f"{column}__{LOOKUPS[operator]}": at})
    return Q(**{f"{column}__gte": at, f"{column}__lt": at + lasts}) if lasts else Q(**{column: at})


@dataclass(frozen=True, kw_only=True)
class MomentField(Field):
    """A point in time. Compared by `=` with a date, it matches the whole day.

    `shown`: the column that applies to readers who are not staff of the ticket; "" if it is the same.
    """

    column: str
    shown: str = ""
    nullable: bool = False
    operators: ClassVar[tuple[Operator, ...]] = EQUALITY + ORDERING

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        condition = NOTHING
        for value in values:
            at, lasts = moment(value, asker)
            if self.shown and not asker.is_staff_everywhere:
                of_staff = Q(desk_id__in=asker.worked)
                condition |= of_staff & compared_with(self.column, operator, at, lasts)
                condition |= ~of_staff & compared_with(self.shown, operator, at, lasts)
            else:
                condition |= compared_with(self.column, operator, at, lasts)
        return condition

    def has_value(self, asker: Asker) -> Q:
        return Q(**{f"{self.column}__isnull": False}) if self.nullable else Q()


@dataclass(frozen=True, kw_only=True)
class DayField(Field):
    """A date. Times in a query count by their date in the asker's time zone."""

    column: str
    operators: ClassVar[tuple[Operator, ...]] = EQUALITY + ORDERING

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        days: list[date] = [moment(value, asker)[0].astimezone(asker.zone).date() for value in values]
        if operator in LOOKUPS:
            return Q(**{f"{self.column}__{LOOKUPS[operator]}": days[0]})
        return Q(**{f"{self.column}__in": days})

    def has_value(self, asker: Asker) -> Q:
        return Q(**{f"{self.column}__isnull": False})


@dataclass(frozen=True, kw_only=True)
class LabelsField(Field):
    """Labels, case-sensitive, as the index stores them."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        return Q(labels__overlap=[words_of(self.name, value) for value in values])

    def has_value(self, asker: Asker) -> Q:
        return ~Q(labels=[])


@dataclass(frozen=True, kw_only=True)
class ChannelField(Field):
    """The channel through which the ticket was opened."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        channels = []
        for value in values:
            word = value.text.casefold() if isinstance(value, Literal) else ""
            if word not in CHANNELS:
                raise no_such_value(self.name, value, list(CHANNELS))
            channels.append(CHANNELS[word])
        return Q(channel__in=channels)

    def one_word(self, text: str) -> str:
        return CHANNELS[text.casefold()]


CHANNELS = {
    **dict.fromkeys(("mail", "email", "почта"), "mail"),
    **dict.fromkeys(("portal", "портал"), "portal"),
    **dict.fromkeys(("phone", "телефон"), "phone"),
}


@dataclass(frozen=True, kw_only=True)
class SenderField(Field):
    """Whether the sender of the opening mail was verified."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        meant = NOTHING
        for value in values:
            word = folded(value.text) if isinstance(value, Literal) else ""
            if word not in SENDERS:
                raise no_such_value(self.name, value, list(SENDERS))
            meant |= Q(sender_unverified=SENDERS[word])
        return meant

    def one_word(self, text: str) -> str:
        return "unverified" if SENDERS[folded(text)] else "verified"


SENDERS = {
    **dict.fromkeys(("verified", "подтвержден"), False),
    **dict.fromkeys(("unverified", "не подтвержден"), True),
}


@dataclass(frozen=True, kw_only=True)
class LanguageField(Field):
    """The language in which the requester is written to: their own, else the site's."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        codes = []
        for value in values:
            word = folded(value.text) if isinstance(value, Literal) else ""
            if word not in LANGUAGES:
                raise no_such_value(self.name, value, list(LANGUAGES))
            codes.append(LANGUAGES[word])
        without = [""] if settings.LANGUAGE_CODE in codes else []
        return Q(requester__language__in=[*codes, *without])

    def has_value(self, asker: Asker) -> Q:
        return Q(requester__isnull=False)

    def one_word(self, text: str) -> str:
        return LANGUAGES[folded(text)]


LANGUAGES = {
    **dict.fromkeys(("ru", "russian", "русский"), "ru"),
    **dict.fromkeys(("en", "english", "английский"), "en"),
}


def words_of(field: str, value: Given) -> str:
    """Return a literal's text. Raises BadJql for a function."""
    if isinstance(value, Call):
        raise misplaced(field, value)
    return value.text


def number_of(field: str, value: Given) -> float:
    """Parse a number with a decimal comma or point. Raises BadJql."""
    text = words_of(field, value)
    try:
        number = float(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        number = float("nan")
    if number - number != 0:  # neither "nan" nor "inf" is one
        raise BadJql(JqlRefusal.NOT_A_NUMBER, at=value.at, word=text)
    return number

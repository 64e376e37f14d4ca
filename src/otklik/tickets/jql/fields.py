"""What a field of the filter language is, and the kinds that are columns of the ticket."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Q

from otklik.desks.models import Status
from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.calls import misplaced, no_such_value
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.moments import moment
from otklik.tickets.jql.names import folded, named_ids
from otklik.tickets.jql.people import current_user, is_current_user, people_of
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Call, Empty, Literal, Operator, Value
from otklik.tickets.jql.value_catalogue import Named

EQUALITY = (Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN)
ORDERING = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
CONTAINING = (Operator.CONTAINS, Operator.CONTAINS_NOT)
LOOKUPS = {Operator.LESS: "lt", Operator.AT_MOST: "lte", Operator.MORE: "gt", Operator.AT_LEAST: "gte"}
NOTHING = Q(pk__in=[])
Given = Literal | Call


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """A field by its name and further ones, in the languages of the product.

    `staff_only`: customers do not see it, so they cannot ask for it either. `sorted_by`: the column for ORDER BY.
    `descending`: how it is sorted where nobody says. `reversed`: its highest value has the lowest number.
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
        """By which operators it can be asked, besides `is EMPTY`."""
        return self.operators

    @abstractmethod
    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        """Tickets of which it holds with one of the values; `operator` is never a negative one. Raises BadJql."""

    def has_value(self, asker: Asker) -> Q:
        """Tickets that have any value in it."""
        return Q()

    def fails(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        """Tickets that have a value of which it does not hold. Raises BadJql."""
        return self.has_value(asker) & ~self.holds(operator, values, asker)

    def read(self, values: Sequence[Value]) -> Sequence[Value]:
        """The values, with words that mean no value as Empty."""
        return values

    def one_word(self, text: str) -> str:
        """A value that can be written in several ways, in one of them."""
        return text


@dataclass(frozen=True, kw_only=True)
class RowField(Field):
    """A field whose values are rows with a name: of the site, or of each desk its own."""

    column: str
    rows: Callable[[Asker], Sequence[Named]]
    nullable: bool = False
    word_for_none: tuple[str, ...] = ()

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        return Q(**{f"{self.column}__in": self.ids(values, asker)})

    def ids(self, values: Sequence[Given], asker: Asker) -> set[int]:
        """The rows that are meant. Raises BadJql."""
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
    """The higher, the more it presses: level 1 is the highest. Levels of different desks are compared by the number."""

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
    """Where a status belongs; of Jira's three, work in progress is two here."""

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
        """By ids, so that the database reads tickets alone."""
        if asker.catalogue is not None:
            ids = [status.pk for status in asker.catalogue.statuses if status.category in categories]
        elif asker.at_work and asker.workplace is not None:
            ids = [pk for pk, category in asker.workplace.categories if category in categories]
        else:
            statuses = Status.objects.filter(category__in=categories).order_by("pk")
            ids = list(statuses.values_list("pk", flat=True))
        found = Q(status__in=ids)
        # Says nothing new, but leads to the index of what is open.
        return found if "done" in categories else found & Q(closed_at=None)


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
    """A person of the ticket."""

    column: str

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        # By itself, who asks may be the parameter of a statement that is written once.
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


@dataclass(frozen=True, kw_only=True)
class MomentField(Field):
    """When something was. Compared with a day by `=`, it holds on all of that day."""

    column: str
    # What those see who are not the ticket's staff; "" where it is the same.
    shown: str = ""
    nullable: bool = False
    operators: ClassVar[tuple[Operator, ...]] = EQUALITY + ORDERING

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        found = NOTHING
        for value in values:
            at, lasts = moment(value, asker)
            if self.shown and not asker.is_staff_everywhere:
                of_staff = Q(desk_id__in=asker.worked)
                found |= of_staff & self._compared(self.column, operator, at, lasts)
                found |= ~of_staff & self._compared(self.shown, operator, at, lasts)
            else:
                found |= self._compared(self.column, operator, at, lasts)
        return found

    def _compared(self, column: str, operator: Operator, at: datetime, lasts: Any) -> Q:
        if operator in LOOKUPS:
            return Q(**{f"{column}__{LOOKUPS[operator]}": at})
        return Q(**{f"{column}__gte": at, f"{column}__lt": at + lasts}) if lasts else Q(**{column: at})

    def has_value(self, asker: Asker) -> Q:
        return Q(**{f"{self.column}__isnull": False}) if self.nullable else Q()


@dataclass(frozen=True, kw_only=True)
class DayField(Field):
    """A day without a time; of a moment its day in the asker's time zone counts."""

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
    """Labels, letter for letter: large and small ones apart, as the index knows them."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        return Q(labels__overlap=[words_of(self.name, value) for value in values])

    def has_value(self, asker: Asker) -> Q:
        return ~Q(labels=[])


@dataclass(frozen=True, kw_only=True)
class ChannelField(Field):
    """By which way the ticket came."""

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
    """Whether the sender of the first mail is who they say."""

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


def words_of(field: str, value: Given) -> str:
    """The text of a literal. Raises BadJql for a function, which makes no sense here."""
    if isinstance(value, Call):
        raise misplaced(field, value)
    return value.text


def number_of(field: str, value: Given) -> float:
    """The number that is written, with a comma or a point. Raises BadJql."""
    text = words_of(field, value)
    try:
        number = float(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        number = float("nan")
    if number - number != 0:  # neither "nan" nor "inf" is one
        raise BadJql(JqlRefusal.NOT_A_NUMBER, at=value.at, word=text)
    return number

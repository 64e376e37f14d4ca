"""The form of one chip: which field, what is asked of it, and the text that comes of it."""

from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from otklik.tickets.jql.edit import beside, required, with_parts, with_sortings
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import Field
from otklik.tickets.jql.find import find
from otklik.tickets.jql.form_conditions import Kind, Simple, kind_of, may_come, parts_of
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.tree import And, Literal, Operator, Or, Part, Query, Sorting
from otklik.tickets.jql.write import write, write_value
from otklik.workspace.chips.bar import chip_of
from otklik.workspace.chips.field_labels import NamedField, fields_by_use, fields_of_forms, label_of, sortable_fields
from otklik.workspace.chips.operator_choices import Pick, Way, placeholder, ways_of
from otklik.workspace.chips.query_parts import Meant, Span, all_spans, known_field, spans_of
from otklik.workspace.chips.value_choices import Option, Values
from otklik.workspace.forms.chip_condition import InvalidCondition, chosen_values, parse_condition

NEW, BESIDE, ORDER = "new", "or", "order"
# Appended to the place of a condition: a new one next to it.
_FURTHER = f"-{NEW}"
# Fields of ORDER BY that the form edits; further ones are kept.
SORTED_BY = 3
_DIRECTIONS = {"0": False, "1": True}
# From this many values on, there is a box to filter them.
MANY = 8


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A field of ORDER BY; `fields` starts with an empty entry. `descending` None: the field's default."""

    fields: list[Pick]
    descending: bool | None

    @property
    def name(self) -> str:
        """The chosen field, "" for none."""
        return next(pick.value for pick in self.fields if pick.chosen)


@dataclass(frozen=True, slots=True)
class Host:
    """A condition that a new one can be joined to; `place`: the parameter that selects it."""

    place: str
    words: str


@dataclass(slots=True)
class Editor:
    """What the form shows. `place`: of the condition, "new", "or" or "order".

    Without `name`, a field is chosen first; `hosts`: conditions to join a new one to; `grows`: how a further one would
    be joined to this, "or" or "and".
    """

    jql: str
    place: str
    title: str
    name: str = ""
    kind: str = ""
    ways: list[Way] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    text: str = ""
    who: str = ""
    takes_words: bool = False
    by_use: list[NamedField] = field(default_factory=list)
    of_forms: list[NamedField] = field(default_factory=list)
    order: list[OrderRow] = field(default_factory=list)
    error: str = ""
    placeholder: str = ""
    hosts: list[Host] = field(default_factory=list)
    grows: str = ""

    @property
    def query(self) -> str:
        """The query string of the page without the form."""
        return urlencode({"jql": self.jql})

    @property
    def searches(self) -> bool:
        """Whether values are found by typing."""
        return self.kind in (Kind.PEOPLE, Kind.ORGANIZATIONS)

    @property
    def sifts(self) -> bool:
        """Whether the list is long enough for a box that filters it."""
        return not self.searches and len(self.options) > MANY

    @property
    def lists(self) -> bool:
        """Whether values are checkboxes."""
        return self.kind in (Kind.CHOICE, Kind.RANK, Kind.PEOPLE, Kind.ORGANIZATIONS, Kind.WORDS)

    @property
    def types(self) -> bool:
        """Whether text or a number is typed."""
        return self.kind in (Kind.TEXT, Kind.NUMBER)


class ChipForm:
    """The form of one chip, for the parameters of a request."""

    def __init__(self, data: QueryDict, query: Query, asker: Asker, spans: list[Span]) -> None:
        self._data, self._query, self._asker, self._spans = data, query, asker, spans
        self.jql, self.place = data.get("jql", "").strip(), data.get("chip", "")
        if self.place == BESIDE and len(spans) == 1:  # only one condition to choose
            self.place = f"{spans[0].place}{_FURTHER}"
        self._host = _at(spans, self.place.removesuffix(_FURTHER)) if self.place.endswith(_FURTHER) else None
        self._span = _at(spans, self.place)

    @classmethod
    def of(cls, data: QueryDict, asker: Asker) -> "ChipForm | None":
        """Return the form for the parameters `jql` and `chip`, or None if the text or the place is invalid.

        `chip`: the place of a condition, "new", a place with "-new" for a condition joined to it, "or" to choose that
        place, or "order".
        """
        try:
            query = parse(data.get("jql", "").strip())
        except BadJql:
            return None
        form = cls(data, query, asker, spans_of(query, asker))
        return form if form._is_known() else None

    def _is_known(self) -> bool:
        if self.place == BESIDE:
            return bool(self._spans)
        return self.place in (NEW, ORDER) or bool(self._host or (self._span and self._span.meant))

    @property
    def result(self) -> str:
        """The place of the edited condition once the form is applied."""
        if self._host is not None:
            count = len(self._host.inside and self._members(self._host)) or 1
            return f"{self._host.place}-{count}"
        return str(len(required(self._query))) if self.place == NEW else self.place

    @property
    def further(self) -> str:
        """The place of a new condition joined to it once the form is applied."""
        return f"{self.result}{_FURTHER}"

    @staticmethod
    def _members(host: Span) -> tuple[Part, ...]:
        """Return the conditions of a group."""
        group = host.parts[0]
        return group.parts if isinstance(group, host.grows_by) else (group,)

    def editor(self, error: str = "") -> Editor:
        """Return the form filled with what was sent, or with the present condition."""
        if self.place == ORDER:
            return Editor(self.jql, ORDER, _("Order"), order=self._order(), error=error)
        if self.place == BESIDE:
            return Editor(self.jql, BESIDE, _("Beside which condition"), hosts=self._hosts())
        name, asked_field = self._field()
        if asked_field is None:
            return Editor(
                self.jql,
                self.place,
                self._question(),
                by_use=fields_by_use(),
                of_forms=fields_of_forms(self._asker),
                error=error,
            )
        return self._filled(name, asked_field, error)

    def _question(self) -> str:
        if self._host is None:
            return _("Which condition")
        title = _("%(words)s, or which other condition") if self._is_or() else _("%(words)s, and which condition")
        return title % {"words": chip_of(self._host, self._asker).words}

    def _is_or(self) -> bool:
        return self._host is not None and self._host.grows_by is Or

    def _hosts(self) -> list[Host]:
        """Conditions to join a new one to, last first, because that was probably made just now."""
        chips = [chip_of(span, self._asker) for span in reversed(self._spans)]
        return [Host(f"{chip.place}{_FURTHER}", chip.words) for chip in chips]

    def text(self) -> str:
        """Return the filter with the form applied. Raises InvalidCondition, or UnableTo if the language refuses it."""
        query = self._sorted() if self.place == ORDER else self._changed()
        text = write(query)
        parse(text)  # raises if it has become too long
        return text

    def _changed(self) -> Query:
        name, asked_field = self._field()
        if asked_field is None:
            raise InvalidCondition(_("Choose what is asked."))
        kind = kind_of(asked_field)
        asked = parse_condition(self._data, kind)
        before = self._span.meant if self._span else None
        if before and self._shown(before) == self._shown(replace(before, asked=asked)):
            return self._query
        parts = parts_of(name, asked, kind, lists=Operator.IN in asked_field.allowed)
        for part in parts:
            find(Query(part), self._asker)  # raises for unknown values
        return self._with(parts)

    def _with(self, parts: tuple[Part, ...]) -> Query:
        """Return the filter with these parts in the form's place."""
        if self._span:
            return with_parts(self._query, self._span.path, self._span.end, parts)
        if self._host is None:
            count = len(required(self._query))
            return with_parts(self._query, (count,), count, parts)
        if self._host.inside:
            count = len(self._members(self._host))
            return with_parts(self._query, (*self._host.path, count), count, parts)
        both = beside(self._host.grows_by, self._host.parts, parts)
        return with_parts(self._query, self._host.path, self._host.end, [both])

    def _shown(self, meant: Meant) -> Simple:
        """Return the condition as the form shows it: values by their offered names, sorted."""
        values = Values(meant.field, self._asker)
        texts = sorted({write_value(values.as_offered(value)) for value in meant.asked.values})
        return replace(meant.asked, values=tuple(map(Literal, texts)), text=" ".join(meant.asked.text.split()))

    def _field(self) -> tuple[str, Field | None]:
        if self._span and self._span.meant:
            return self._span.meant.name, self._span.meant.field
        name = self._data.get("field", "")[:200]
        return name, known_field(Literal(name), self._asker) if name else None

    def _filled(self, name: str, asked_field: Field, error: str) -> Editor:
        kind, sent = kind_of(asked_field), "how" in self._data
        asked = self._span.meant.asked if self._span and self._span.meant else None
        chosen = chosen_values(self._data) if sent else asked.values if asked else ()
        who, values = self._data.get("who", "").strip()[:100], Values(asked_field, self._asker)
        editor = Editor(self.jql, self.place, label_of(asked_field, name), name=name, kind=kind, error=error)
        nullable = bool(asked_field.has_value(self._asker))
        editor.ways = ways_of(kind, asked, self._data, nullable=nullable, ahead=may_come(asked_field))
        editor.options = values.options(chosen, who) if editor.lists else []
        editor.text = self._data.get("text", asked.text if asked else "")
        editor.who, editor.takes_words, editor.placeholder = who, kind is Kind.WORDS, placeholder()
        editor.grows = self._grows()
        return editor

    def _grows(self) -> str:
        """Return how a further condition would be joined once the form is applied."""
        joiner = self._span.grows_by if self._span else And if self._is_or() else Or
        return "or" if joiner is Or else "and"

    def _order(self) -> list[OrderRow]:
        present = [*self._query.sortings[:SORTED_BY], *[None] * SORTED_BY][:SORTED_BY]
        return [self._order_row(sorting) for sorting in present]

    def _order_row(self, sorting: Sorting | None) -> OrderRow:
        sorted_field = known_field(sorting.field, self._asker) if sorting else None
        fields = [Pick("", "—", sorting is None)]
        for named in sortable_fields():
            same = sorted_field is not None and known_field(Literal(named.name), self._asker) is sorted_field
            fields.append(Pick(sorting.field.text if sorting and same else named.name, named.label, same))
        if sorting and not any(pick.chosen for pick in fields):
            fields.append(Pick(sorting.field.text, sorting.field.text, chosen=True))
        if sorting is None:
            return OrderRow(fields, descending=None)
        customary = bool(sorted_field and sorted_field.descending)
        return OrderRow(fields, descending=customary if sorting.descending is None else sorting.descending)

    def _sorted(self) -> Query:
        names, downs = self._data.getlist("by"), self._data.getlist("down")
        rows = [(name, _DIRECTIONS.get(down)) for name, down in zip(names, downs, strict=False)][:SORTED_BY]
        chosen = [(name, descending) for name, descending in rows if name]
        if chosen == [(order.name, order.descending) for order in self._order() if order.name]:
            return self._query
        wanted = [Sorting(Literal(name), descending) for name, descending in chosen]
        query = with_sortings(self._query, [*wanted, *self._query.sortings[SORTED_BY:]])
        find(Query(None, query.sortings), self._asker)  # raises for fields that cannot be sorted by
        return query


def without_condition(data: QueryDict, asker: Asker) -> str | None:
    """Return the text without the condition at the place in `out`; None if the text or the place is invalid."""
    try:
        query = parse(data.get("jql", "").strip())
    except BadJql:
        return None
    span = _at(spans_of(query, asker), data.get("out", ""))
    return write(with_parts(query, span.path, span.end, ())) if span else None


def _at(spans: list[Span], place: str) -> Span | None:
    return next((span for span in all_spans(spans) if span.place == place), None)

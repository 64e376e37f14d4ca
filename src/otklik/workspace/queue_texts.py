"""A queue's text as a filter that people may change."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk, Field, Queue
from otklik.desks.queries import asked_fields
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.stored_form import in_names, shown
from otklik.tickets.jql.table import own_field
from otklik.tickets.jql.tree import And, Condition, Empty, Literal, Operator, Or, Part, Query
from otklik.tickets.jql.write import write
from otklik.workspace.desk_context import Standing
from otklik.workspace.queue_reads import catalogue_of, sorting_of

K = Field.Kind


def text_of(stands: Standing, desk: Desk | None, queue_id: int, at: datetime) -> str:
    """Return the queue's text as people write it. `desk`: whose names are used, None for all desks of the reader."""
    jql, typed = Queue.objects.values_list("jql", "typed").get(pk=queue_id)
    return shown(jql, typed, asker_for(stands, desk, at, by_id=True))


def asker_for(stands: Standing, desk: Desk | None, at: datetime, *, by_id: bool = False) -> Asker:
    """Return the asker of a queue of this desk (None: of all desks). `by_id`: its text is in the stored form."""
    made_of = [stands.parts[desk.pk]] if desk else list(stands.parts.values())
    known = catalogue_of(made_of) if by_id else None
    return Asker(stands.person, at, at_work=True, desks=tuple(parts.id for parts in made_of), catalogue=known)


def filter_url(
    stands: Standing, desk: Desk | None, queue: QueueLine, parameters: QueryDict, at: datetime, order: str = ""
) -> str:
    """Return the URL of a filter page for the text of `filter_text`."""
    return (
        f"{reverse('workspace:issues')}?{urlencode({'jql': filter_text(stands, desk, queue, parameters, at, order)})}"
    )


def export_url(
    stands: Standing, desk: Desk | None, queue: QueueLine, columns: str, at: datetime, order: str = ""
) -> str:
    """Return the URL of the page that exports the queue's list. `columns`: names separated by commas."""
    params = {"jql": filter_text(stands, desk, queue, QueryDict(), at, order), "shown": columns}
    return f"{reverse('workspace:exports')}?{urlencode(params)}"


def filter_text(
    stands: Standing, desk: Desk | None, queue: QueueLine, parameters: QueryDict, at: datetime, order: str = ""
) -> str:
    """Return the queue's text restricted to its desk and to the answers in the URL's `parameters`.

    `order`: the list's order (`queue_reads.ORDERS`) if it is not the queue's own. A text that cannot be read is
    returned unchanged.
    """
    text = text_of(stands, desk, queue.id, at)
    try:
        query = parse(text)
        if order:
            query = replace(query, sortings=(sorting_of(order),))
        answers = tuple(_answers(desk, parameters)) if desk else ()
        if answers:
            known = in_names(
                Query(And(answers) if len(answers) > 1 else answers[0]), asker_for(stands, desk, at, by_id=True)
            )
            query = narrowed(query, *([known.where] if known.where else []))
        return write(_of_desk(query, desk.key) if desk else query)
    except BadJql:
        return text  # the filter page shows what is wrong with it


def for_chips(text: str, desk: Desk | None) -> str:
    """Return the text of a desk's queue as a filter over all desks; unchanged if it cannot be read."""
    try:
        return write(_of_desk(parse(text), desk.key)) if desk else text
    except BadJql:
        return text


def from_chips(text: str, desk: Desk | None) -> str:
    """Reverse of `for_chips`: remove the condition that names the desk."""
    try:
        query = parse(text)
    except BadJql:
        return text
    parts = query.where.parts if isinstance(query.where, And) else (query.where,) if query.where else ()
    left = tuple(part for part in parts if not (desk and _is_of(part, desk.key)))
    if len(left) == len(parts):
        return text
    where = And(left) if len(left) > 1 else left[0] if left else None
    return write(Query(where, query.sortings))


def _is_of(part: Part, key: str) -> bool:
    if not isinstance(part, Condition) or part.operator not in (Operator.IS, Operator.IN):
        return False
    field, values = own_field(part.field), part.values
    named = len(values) == 1 and isinstance(values[0], Literal) and values[0].text.upper() == key
    return named and field is not None and field.name == "project"


def narrowed(query: Query, *more: Part) -> Query:
    """Return the query with further conditions appended by AND."""
    parts = [
        part
        for where in (query.where, *more)
        if where
        for part in (where.parts if isinstance(where, And) else (where,))
    ]
    return Query(And(tuple(parts)) if len(parts) > 1 else parts[0], query.sortings)


def _of_desk(query: Query, key: str) -> Query:
    """Return the query with the desk as its first condition, unless it has a condition on desks."""
    parts = query.where.parts if isinstance(query.where, And) else (query.where,)
    fields = [own_field(part.field) for part in parts if isinstance(part, Condition)]
    if any(field is not None and field.name == "project" for field in fields):
        return query
    here = Query(Condition(Literal("project"), Operator.IS, (Literal(key),)), query.sortings)
    return narrowed(here, query.where) if query.where else here


def _answers(desk: Desk, parameters: QueryDict) -> Iterator[Part]:
    """Yield conditions for parameters such as `customfield_10031=…` of former URLs of this list."""
    if not any(name.startswith("customfield_") for name in parameters):
        return
    for field in asked_fields(desk):
        name = Literal(f"cf[{field.key.removeprefix('customfield_')}]")
        values = [value for value in parameters.getlist(field.key) if value.strip()]
        first, last = parameters.get(f"{field.key}.from", "").strip(), parameters.get(f"{field.key}.to", "").strip()
        if first:
            yield Condition(name, Operator.AT_LEAST, (Literal(first),))
        if last:
            yield _until(field, name, last)
        if values:
            yield _with_values(field, name, tuple(map(Literal, values)))


def _until(field: Field, name: Literal, last: str) -> Condition:
    if field.kind != K.MOMENT:
        return Condition(name, Operator.AT_MOST, (Literal(last),))
    try:
        after = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        after = last
    return Condition(name, Operator.LESS, (Literal(after),))


def _with_values(field: Field, name: Literal, values: tuple[Literal, ...]) -> Part:
    is_yes = values[0].text == "yes"
    match field.kind:
        case K.CHECKBOX if is_yes:
            return Condition(name, Operator.IS, values[:1])
        case K.CHECKBOX:
            none = Condition(name, Operator.IS, (Empty(),))
            return Or((none, Condition(name, Operator.IS, values[:1])))
        case K.ATTACHMENT:
            return Condition(name, Operator.IS_NOT if is_yes else Operator.IS, (Empty(),))
        case K.TEXT | K.PARAGRAPH:
            return Condition(name, Operator.CONTAINS, values[:1])
        case _:
            return Condition(name, Operator.IN, values)

"""Fast reads: functions whose statement the ORM writes once per process and PostgreSQL plans once per connection.

    @fast_read("person")
    def own_desks(*, person: int, archived: bool) -> QuerySet[Desk]:
        return Desk.objects.filter(memberships__person=person, archived=archived)

    desks = own_desks(person=5, archived=False)  # a list of Desk

The names given to the decorator are parameters of the statement: the body sees a `Parameter` in their place and may
only hand it to the ORM. All other arguments choose the statement: the body runs once for each of their values. Whatever
else the body reads (the time, the language, settings) is frozen with it; hand it in as a parameter. See ADR 106.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from functools import lru_cache, wraps
from types import SimpleNamespace
from typing import Any, Generic, ParamSpec, TypeVar, cast, get_type_hints

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import Func, Model, QuerySet, Subquery, Value
from django.db.models.expressions import Expression, RawSQL
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal
from psycopg.types.numeric import Int8

from otklik.core.prepared_cursor import run_prepared, run_unprepared

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
T = TypeVar("T")

_TYPES: dict[Any, Callable[[], Any]] = {
    int: models.BigIntegerField,
    str: models.TextField,
    datetime: models.DateTimeField,
    date: models.DateField,
    list[int]: lambda: ArrayField(models.BigIntegerField()),
    list[str]: lambda: ArrayField(models.TextField()),
}
# PostgreSQL plans a statement for the types of its values: an integer has one type, however small it is.
_ADAPTERS: dict[Any, Callable[[Any], Any]] = {int: Int8, list[int]: lambda values: [Int8(value) for value in values]}
# Of each read. One takes 0.4 MB, the counts of a hundred queues 1.5 MB; each change of a queue makes new ones.
_MOST_STATEMENTS = 64
_PLACEHOLDER = re.compile("%[s%]")

ALL: list["FastRead[Any, Any]"] = []
"""Every fast read that was imported, for the test that compares each with its plain queryset."""


class Parameter(Expression):
    """Stands in a queryset for the value that each run gives."""

    def __init__(self, name: str, kind: Any) -> None:
        super().__init__(output_field=_TYPES[kind]())
        self.name, self.kind = name, kind

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        """A place for a value, with this parameter as the value."""
        return "%s", [self]

    def placeholder(self) -> str:
        """The place in the statement, with its type."""
        return f"%({self.name})s::{self.output_field.db_type(connection)}"


class AnyOf(Func):
    """A column is one of these: `filter(AnyOf("pk", ids))`; `pk__in` would write a place for each of them."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()

    def __init__(self, column: str, values: list[Any]) -> None:
        super().__init__(column, values if isinstance(values, Parameter) else _array(values))


def _array(values: list[Any]) -> Expression:
    if not values:
        return RawSQL("'{}'", ())  # of whatever type the column has
    return Value(values, output_field=_TYPES[list[str] if isinstance(values[0], str) else list[int]]())


class AnyValue(Func):
    """A value that the planner does not look at: `filter(updated_at__gt=AnyValue(since))`. Where it took the value for
    a rare one it would plan anew for each, as no plan for all values looks as good; the planning costs more than the
    rows that it saves."""

    template = "(SELECT %(expressions)s)"


class Counted(Subquery):
    """How many rows a queryset has, as a column; a sliced one counts no further than its end."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = models.IntegerField()
    # Where the ORM knows that there can be no row: a list of statuses that none is left of, for instance.
    empty_result_set_value = 0

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        super().__init__(rows.order_by().values("pk") if not rows.query.is_sliced else rows)


class FastRead(Generic[P, T]):
    """What `fast_read` makes of a function: called with the same keywords it returns the rows as a list."""

    def __init__(self, body: Callable[P, QuerySet[Any, T]], parameters: Sequence[str], *, plan_once: bool) -> None:
        hints = get_type_hints(body)
        self.body, self.plan_once = body, plan_once
        self.kinds = {name: hints[name] for name in parameters}
        self._statement = lru_cache(maxsize=_MOST_STATEMENTS)(self._written)
        wraps(body)(self)
        ALL.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[T]:
        """The rows for these values; one statement, none where the ORM knows that there can be no row."""
        chosen = tuple((name, value) for name, value in kwargs.items() if name not in self.kinds)
        statement = self._statement(chosen)
        if statement is None:
            return []
        return statement.rows({name: _adapted(kind, kwargs[name]) for name, kind in self.kinds.items()}, self.plan_once)

    def plain(self, *args: P.args, **kwargs: P.kwargs) -> QuerySet[Any, T]:
        """The same rows as an ordinary queryset, written for these values alone."""
        return self.body(*args, **kwargs)

    def sql(self, **chosen: Hashable) -> str:
        """The statement for these arguments, which are no parameters; for tests and for EXPLAIN."""
        statement = self._statement(tuple(chosen.items()))
        return statement.sql if statement else ""

    def forget(self) -> None:
        """Write the statements anew; for tests that change what a body reads."""
        self._statement.cache_clear()

    def _written(self, chosen: tuple[tuple[str, Hashable], ...]) -> "_Statement[T] | None":
        values = dict(chosen) | {name: Parameter(name, kind) for name, kind in self.kinds.items()}
        rows = cast("Callable[..., QuerySet[Any, T]]", self.body)(**values)
        try:
            return _Statement(rows)
        except EmptyResultSet:
            return None


def fast_read(*parameters: str, plan_once: bool = True) -> Callable[[Callable[P, QuerySet[Any, T]]], FastRead[P, T]]:
    """Make a function that returns a queryset a fast read; all its arguments are keywords.

    `parameters`: those that each run gives; the function's annotations say int, str, datetime, date, list[int] or
    list[str].
    `plan_once`: False where the best plan depends on the values, as in counting rows that are rare or common: the
    statement is still written once, and planned for the values of each run. A queryset with `prefetch_related` is
    refused (TypeError).
    """
    return lambda body: FastRead(body, parameters, plan_once=plan_once)


class _Statement(Generic[T]):
    """A statement that was written, and how its rows become what the queryset would have given."""

    def __init__(self, rows: QuerySet[Any, T]) -> None:
        if cast("Any", rows)._prefetch_related_lookups:
            raise TypeError("A fast read is one statement: it cannot prefetch.")
        self._rows = rows
        self._compiler = rows.query.get_compiler(connection=connection)
        sql, values = self._compiler.as_sql()
        self.sql = _with_constants(sql, values)
        compiler = cast("Any", self._compiler)
        # The same for every run: asking each column anew took a third of making the rows.
        self._converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])

    def rows(self, values: dict[str, Any], plan_once: bool) -> list[T]:
        run = run_prepared if plan_once else run_unprepared
        results = run(self.sql, values)
        if not results:
            return []
        compiler, query = _twin(self._compiler), _twin(self._rows.query)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.get_converters = lambda _columns: self._converters
        if compiler.has_extra_select:
            results = [row[: compiler.col_count] for row in results]
        compiler.execute_sql = lambda *_, **__: [results]
        query.get_compiler = lambda *_, **__: compiler
        plain = cast("Any", self._rows)
        # What Django's makers of rows read of a queryset.
        source = SimpleNamespace(
            db=plain.db, query=query, model=plain.model, _known_related_objects={}, _fields=plain._fields
        )
        return list(plain._iterable_class(source))


def _twin(thing: Any) -> Any:
    """Another object with the same attributes: what copy.copy does, in a tenth of its time."""
    twin = object.__new__(type(thing))
    vars(twin).update(vars(thing))
    return twin


def _with_constants(sql: str, values: Sequence[Any]) -> str:
    """The statement with its constants written into it: only the parameters stay places for values."""
    connection.ensure_connection()
    left = iter(values)

    def written(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%%"
        value = next(left)
        if isinstance(value, Parameter):
            return value.placeholder()
        return Literal(value).as_string(connection.connection).replace("%", "%%")

    return _PLACEHOLDER.sub(written, sql)


def _adapted(kind: Any, value: Any) -> Any:
    adapt = _ADAPTERS.get(kind)
    return value if adapt is None or value is None else adapt(value)

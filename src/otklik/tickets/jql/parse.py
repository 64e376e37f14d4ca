"""A text of the filter language, read into a tree."""

import re
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput

from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.syntax_errors import refusal_of
from otklik.tickets.jql.tree import (
    And,
    Call,
    Condition,
    Empty,
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
    conditions,
)  # fmt: skip

LONGEST = 2_000
MOST_CONDITIONS = 50
DEEPEST = 20

# A part of the tree, and the depth of brackets and NOTs in it.
_Deep = tuple[Part, int]
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@lru_cache(maxsize=300)
def parse(text: str) -> Query:
    """Parse a query; an empty text matches every ticket. Raises BadJql.

    Limited to LONGEST characters, MOST_CONDITIONS conditions and DEEPEST levels of nesting. Names are not looked up.
    The last few hundred texts are cached, since open lists poll with the same one.
    """
    if len(text) > LONGEST:
        raise BadJql(JqlRefusal.TOO_LONG, at=LONGEST, most=LONGEST)
    try:
        # The tree is built while the text is read, from the leaves up: depth costs no stack.
        read: Any = parser().parse(text)
    except UnexpectedInput as error:
        raise refusal_of(error, text) from None
    query, depth = read
    if depth > DEEPEST:
        raise BadJql(JqlRefusal.TOO_DEEP, at=_too_deep(text), most=DEEPEST)
    if too_many := next(islice(conditions(query.where), MOST_CONDITIONS, None), None):
        raise BadJql(JqlRefusal.TOO_MANY, at=too_many.field.at, most=MOST_CONDITIONS)
    return cast(Query, query)


def _too_deep(text: str) -> int:
    """Return the offset of the first bracket or NOT beyond the limit."""
    deep = 0
    for token in parser().lex(text):
        deep += {"LPAR": 1, "_NOT": 1, "NAME_OF_CALL": 1, "RPAR": -1}.get(token.type, 0)
        if deep > DEEPEST:
            return token.start_pos or 0
    return 0


@cache
def parser() -> Lark:
    """Return the parser, which builds the tree. One per process."""
    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", transformer=_Builder(), maybe_placeholders=True)


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    def start(self, where: _Deep | None, sortings: tuple[Sorting, ...] | None) -> tuple[Query, int]:
        part, depth = where or (None, 0)
        return Query(part, sortings or ()), depth

    def where(self, part: _Deep) -> _Deep:
        return part

    def any_of(self, *parts: _Deep) -> _Deep:
        return _joined(Or, parts)

    def all_of(self, *parts: _Deep) -> _Deep:
        return _joined(And, parts)

    def opposite(self, part: _Deep) -> _Deep:
        return Not(part[0]), part[1] + 1

    def group(self, part: _Deep) -> _Deep:
        return part[0], part[1] + 1

    def compared(self, field: Literal, operator: Token, value: Value) -> _Deep:
        return Condition(field, Operator(operator.value), (value,)), 0

    def is_(self, field: Literal, value: Value) -> _Deep:
        return Condition(field, Operator.IS, (value,)), 0

    def is_not(self, field: Literal, value: Value) -> _Deep:
        return Condition(field, Operator.IS_NOT, (value,)), 0

    def in_(self, field: Literal, values: tuple[Value, ...]) -> _Deep:
        return Condition(field, Operator.IN, values), 0

    def not_in(self, field: Literal, values: tuple[Value, ...]) -> _Deep:
        return Condition(field, Operator.NOT_IN, values), 0

    def was(self, field: Literal, value: Value, *whens: When) -> _Deep:
        return Past(field, (value,), whens=whens), 0

    def was_not(self, field: Literal, value: Value, *whens: When) -> _Deep:
        return Past(field, (value,), negative=True, whens=whens), 0

    def was_in(self, field: Literal, values: tuple[Value, ...], *whens: When) -> _Deep:
        return Past(field, values, several=True, whens=whens), 0

    def was_not_in(self, field: Literal, values: tuple[Value, ...], *whens: When) -> _Deep:
        return Past(field, values, negative=True, several=True, whens=whens), 0

    def changed(self, field: Literal, *whens: When) -> _Deep:
        return Past(field, None, whens=whens), 0

    def when(self, name: Token, *values: Value) -> When:
        return When(name.value.lower(), values)

    def values(self, *values: Value) -> tuple[Value, ...]:
        return values

    def field(self, token: Token) -> Literal:
        return _literal(token)

    def literal(self, token: Token) -> Literal:
        return _literal(token)

    def who_asks(self, token: Token) -> Literal:
        return Literal("currentUser()", at=token.start_pos or 0)

    def empty(self, token: Token) -> Empty:
        return Empty(token.start_pos or 0)

    def call(self, name: Token, *arguments: Literal | None) -> Call:
        given = tuple(argument for argument in arguments if argument is not None)
        return Call(name.value[:-1].rstrip(), given, name.start_pos or 0)

    def sorting(self, *sortings: Sorting) -> tuple[Sorting, ...]:
        return sortings

    def sorted_field(self, field: Literal, direction: Token | None) -> Sorting:
        return Sorting(field, None if direction is None else direction.value.lower() == "desc")


def _joined(kind: type[And] | type[Or], parts: tuple[_Deep, ...]) -> _Deep:
    return kind(tuple(part for part, _depth in parts)), max(depth for _part, depth in parts)


def _literal(token: Token) -> Literal:
    at = token.start_pos or 0
    if token.type == "QUOTED":
        return Literal(_storable(_ESCAPE.sub(_unescaped, token.value[1:-1])), at=at)
    if token.type == "IN_PRINTED_QUOTES":
        return Literal(_storable(token.value[1:-1]), at=at)
    text = re.sub(r"\s+", "", token.value) if token.type == "CUSTOM_FIELD" else token.value
    return Literal(_storable(" ".join(text.split())), at=at)


def _storable(text: str) -> str:
    """Join surrogate pairs, which Jira's escapes use; replace lone ones and NUL by U+FFFD."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return _ESCAPED.get(escape[2], escape[2])

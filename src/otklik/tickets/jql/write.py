"""A tree of the filter language as a text, in its one form: what is parsed from it is the same tree."""

import re

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
)  # fmt: skip

# Values that need no quotation marks in any position.
_WORD = re.compile(r"[^\W\d][\w-]*|[+-]?\d[\w.-]*|cf\[\d+\]", re.IGNORECASE)
_RESERVED = {"and", "or", "not", "in", "is", "was", "changed", "empty", "null", "order", "by", "asc", "desc"}
_RESERVED |= {"after", "before", "during", "on", "from", "to"}


def write(query: Query) -> str:
    """Return the query as text."""
    where = "" if query.where is None else _part(query.where)
    sortings = ", ".join(map(_sorting, query.sortings))
    return " ".join(filter(None, (where, f"ORDER BY {sortings}" if sortings else "")))


def _part(part: Part) -> str:
    match part:
        case Or(parts):
            return " OR ".join(_within(inner, Or) for inner in parts)
        case And(parts):
            return " AND ".join(_within(inner, Or, And) for inner in parts)
        case Not(inner):
            return f"NOT {_within(inner, Or, And)}"
        case Past():
            return _past(part)
        case Condition():
            return _condition(part)


def _within(part: Part, *bracketed: type[Part]) -> str:
    return f"({_part(part)})" if isinstance(part, bracketed) else _part(part)


def _condition(condition: Condition) -> str:
    field, operator = _literal(condition.field), condition.operator
    if operator in (Operator.IN, Operator.NOT_IN):
        return f"{field} {operator} {_list(condition.values)}"
    value = condition.values[0]
    if isinstance(value, Empty) and operator in (Operator.IS, Operator.IS_NOT):
        return f"{field} {'is' if operator is Operator.IS else 'is not'} EMPTY"
    return f"{field} {operator} {write_value(value)}"


def _past(past: Past) -> str:
    tokens = [_literal(past.field)]
    if past.values is None:
        tokens.append("changed")
    else:
        tokens += ["was", *(["not"] if past.negative else []), *(["in"] if past.several else [])]
        tokens.append(_list(past.values) if past.several else write_value(past.values[0]))
    return " ".join([*tokens, *map(_when, past.whens)])


def _when(when: When) -> str:
    values = [write_value(value) for value in when.values]
    name = when.name.upper()
    return f"{name} ({', '.join(values)})" if len(values) > 1 else f"{name} {values[0]}"


def _list(values: tuple[Value, ...]) -> str:
    return f"({', '.join(map(write_value, values))})"


def _sorting(sorting: Sorting) -> str:
    direction = {None: "", True: " DESC", False: " ASC"}[sorting.descending]
    return f"{_literal(sorting.field)}{direction}"


def write_value(value: Value) -> str:
    """Return one value as text."""
    match value:
        case Empty():
            return "EMPTY"
        case Call(name, arguments):
            return f"{name}({', '.join(map(_argument, arguments))})"
        case Literal():
            return _literal(value)


def _argument(literal: Literal) -> str:
    return literal.text if literal.text == "currentUser()" else _literal(literal)


def _literal(literal: Literal) -> str:
    return word_or_quoted(literal.text)


def word_or_quoted(text: str) -> str:
    """Return the text as a value, quoted if necessary."""
    return text if _WORD.fullmatch(text) and text.lower() not in _RESERVED else _quoted(text)


def _quoted(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(sign, escaped)
    return f'"{text}"'

"""What stands where it cannot: what the parser expected, said as a sentence."""

from dataclasses import dataclass

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Literal

_LONGEST_WORD = 40
_JOINING = {"AND", "OR"}
_SIGNS = set("=!<>~")
# Operators of other languages, and ours.
_NEAR = {
    **dict.fromkeys(("==", "==="), "="),
    **dict.fromkeys(("<>", "!==", "=!", "><"), "!="),
    **dict.fromkeys(("=<", "<=="), "<="),
    **dict.fromkeys(("=>", ">=="), ">="),
    **dict.fromkeys(("=~", "~=", "~~"), "~"),
}


def refusal_of(error: UnexpectedInput, text: str) -> BadJql:
    """Convert the parser's error to ours."""
    if isinstance(error, UnexpectedCharacters):
        return _of_operator(text, error.pos_in_stream or 0) or _of_character(error, text)
    assert isinstance(error, UnexpectedToken)
    at_end = error.token.type == "$END"
    at = len(text.rstrip()) if at_end else error.token.start_pos or 0
    if (refusal := _of_operator(text, at)) is not None:
        return refusal
    return _expected(set(error.accepts or error.expected), "" if at_end else str(error.token), at, _last(error))


def _of_operator(text: str, at: int) -> BadJql | None:
    """Return the error if the characters here form another language's operator, such as `==`; None otherwise."""
    begin, end = at, at
    while begin and text[begin - 1] in _SIGNS:
        begin -= 1
    while end < len(text) and text[end] in _SIGNS:
        end += 1
    near = _NEAR.get(text[begin:end]) if begin < at else None
    return BadJql(JqlRefusal.OPERATOR_UNKNOWN_NEAR, at=begin, word=text[begin:end], near=near) if near else None


@dataclass(frozen=True, slots=True)
class _Before:
    """The last token read, and its offset."""

    text: str = ""
    at: int = 0


def _of_character(error: UnexpectedCharacters, text: str) -> BadJql:
    at = error.pos_in_stream or 0
    if text[at] in "\"'":
        return BadJql(JqlRefusal.NOT_QUOTED, at=at)
    return _expected(set(error.allowed or ()), text[at], at, _Before())


def _expected(names: set[str], word: str, at: int, before: _Before) -> BadJql:
    """Build the error from the expected terminals. `word`: the offending text, "" at the end; `before`: the token
    before it."""
    word = word[:_LONGEST_WORD]
    if "COMPARISON" in names and before.text.upper() in _JOINING:
        return BadJql(JqlRefusal.FIELD_EXPECTED, at=before.at, word=before.text)
    if "COMPARISON" in names and before.text:
        return BadJql(JqlRefusal.OPERATOR_EXPECTED, at=at, field=before.text[:_LONGEST_WORD])
    if "EMPTY" in names:  # a value; there is no operator of two signs but those that there are
        return (
            BadJql(JqlRefusal.NOT_HERE, at=at, word=word)
            if word[:1] in _SIGNS
            else BadJql(JqlRefusal.VALUE_EXPECTED, at=at)
        )
    if {"LPAR", "NAME_OF_CALL"} <= names and "CUSTOM_FIELD" not in names:
        return BadJql(JqlRefusal.LIST_EXPECTED, at=at)
    if not word and "CUSTOM_FIELD" in names and "_NOT" not in names:
        return BadJql(JqlRefusal.ORDER_EXPECTED, at=at)
    if "CUSTOM_FIELD" in names:
        return (
            BadJql(JqlRefusal.FIELD_EXPECTED, at=at, word=word)
            if word
            else BadJql(JqlRefusal.CONDITION_EXPECTED, at=at)
        )
    if not word and names & {"RPAR", "COMMA"}:
        return BadJql(JqlRefusal.NOT_CLOSED, at=at)
    if word not in (")", "") and names & {"_AND", "$END"}:
        return BadJql(JqlRefusal.CONNECTION_EXPECTED, at=at, word=word)
    return BadJql(JqlRefusal.NOT_HERE, at=at, word=word)


def _last(error: UnexpectedToken) -> _Before:
    """Return the last thing read: a token, or the field that was built from one."""
    stack = error.interactive_parser.parser_state.value_stack if error.interactive_parser else []
    last = stack[-1] if stack else None
    if isinstance(last, Token):
        return _Before(str(last), last.start_pos or 0)
    return _Before(last.text, last.at) if isinstance(last, Literal) else _Before()

"""What may come next in a text of the filter language, at the cursor: for whoever types it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from lark import Token
from lark.exceptions import UnexpectedInput

from otklik.core.search_text import fold, variants
from otklik.desks.models import Field as FormField
from otklik.tickets.jql.choices import choices_of, labels_in_use
from otklik.tickets.jql.custom_fields import Answer
from otklik.tickets.jql.directory import LEAST, name_of, organizations_like, people_like
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import DayField, Field, LabelsField, MomentField, PersonField, RowField
from otklik.tickets.jql.history import has_history
from otklik.tickets.jql.parse import LONGEST, parser
from otklik.tickets.jql.related_fields import ApprovalsField, KeyField, OrganizationsField, ParticipantsField
from otklik.tickets.jql.table import FIELDS, custom_names, field_named
from otklik.tickets.jql.tree import Literal
from otklik.tickets.jql.value_lookup import desks
from otklik.tickets.jql.write import word_or_quoted

MOST = 12
_ENDS = " \t\r\n()=!<>~,&|"
# Opening quotation marks, and the ones that close each.
_CLOSING = {'"': '"', "'": "'", "“": "”", "„": "“”", "«": "»"}
_OPERATORS = {"COMPARISON", "_IS", "_IN", "_NO", "_WAS", "PREDICATE", "DURING"}
# A field with the same kind of values as each predicate of WAS and CHANGED.
_MEANT = {**dict.fromkeys(("after", "before", "on", "during"), "created"), "by": "reporter"}
_PERIODS = ("Day", "Week", "Month", "Year")
_ROLES = {"ru": ("агенты", "руководители", "администраторы"), "en": ("agents", "leads", "admins")}
_MOMENTS = ("now()", "startOfDay()", "startOfWeek()", "startOfMonth()", "startOfYear()", "-1d", "-7d", "-30d")
_APPROVALS = ("pending()", "approved()", "myPending()", "myApproval()")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`insert` replaces the text from `begin` to the cursor; `label` is shown."""

    label: str
    insert: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may be inserted from `begin` on; no options if the text before is wrong."""

    begin: int
    options: list[Suggestion]


def suggest(text: str, at: int, asker: Asker) -> Suggestions:
    """Return up to MOST suggestions for the cursor before character `at`, prefix matches first.

    `at` counts code points, not UTF-16 units. Only names and values that the asker may know; also tries the other
    keyboard layout. Takes a few queries, none for keywords and operators.
    """
    text = text[: min(max(at, 0), LONGEST)]
    begin = _begin(text)
    typed = fold(text[begin:].lstrip("".join(_CLOSING)))
    state = _state(text[:begin])
    candidates = list(_candidates(state, typed, asker)) if state else []
    meant = variants(typed) or [typed]
    fitting = [suggestion for suggestion in candidates if any(_fits(word, suggestion.label) for word in meant)]
    fitting.sort(
        key=lambda suggestion: (not _fits(typed, suggestion.label), not fold(suggestion.label).startswith(typed))
    )
    return Suggestions(begin, fitting[:MOST] if [suggestion.insert for suggestion in fitting] != [text[begin:]] else [])


def _begin(text: str) -> int:
    """Return the offset of the last word, including its opening quotation mark."""
    quote = ""
    opened = 0
    escaped = False
    for place, sign in enumerate(text):
        if escaped:
            escaped = False
        elif quote:
            escaped = sign == "\\" and quote in "\"'"
            quote = "" if sign in _CLOSING[quote] else quote
        elif sign in "\"'" or (sign in _CLOSING and text[place - 1 : place] in _ENDS):
            quote, opened = sign, place
    if quote:
        return opened
    place = len(text)
    while place and text[place - 1] not in _ENDS:
        place -= 1
    return place


@dataclass(frozen=True, slots=True)
class _State:
    """The terminals that may follow, and the values on the parser's stack."""

    accepts: set[str]
    stack: list[Any]


def _state(before: str) -> _State | None:
    parsing = parser().parse_interactive(before)
    try:
        parsing.exhaust_lexer()
    except UnexpectedInput:
        return None
    accepts: set[str] = parsing.accepts()  # type: ignore[no-untyped-call]  # lark's own
    return _State(accepts, list(parsing.parser_state.value_stack))


def _candidates(state: _State, typed: str, asker: Asker) -> Iterator[Suggestion]:
    accepts = state.accepts
    if "EMPTY" in accepts:
        yield from _values(_field_before_operator(state.stack, asker), typed, asker)
    elif (name := _open_call(state.stack)) and "WORD" in accepts:
        yield from _arguments(name, typed, asker)
    elif "NAME_OF_CALL" in accepts and "CUSTOM_FIELD" not in accepts:
        yield from _plain(["("])
        yield from _calls(_lists(_field_before_operator(state.stack, asker)))
    elif "CUSTOM_FIELD" in accepts:
        condition = "_NOT" in accepts  # else it is for ORDER BY
        yield from _field_names(typed, asker, sortable=not condition)
        yield from _plain(["NOT"] if condition else [])
    elif "COMPARISON" in accepts:
        yield from _plain(_operators(_last_field(state.stack, asker)))
    else:
        words = {"_AND": "AND", "_OR": "OR", "_ORDER_BY": "ORDER BY", "RPAR": ")"}
        yield from _plain([word for name, word in words.items() if name in accepts])
        yield from _plain(["ASC", "DESC"] if "DIRECTION" in accepts else [])


def _plain(words: Iterable[str]) -> Iterator[Suggestion]:
    return (Suggestion(word, word) for word in words)


def _literals(words: Iterable[str]) -> Iterator[Suggestion]:
    return (Suggestion(word, word_or_quoted(word)) for word in dict.fromkeys(words))


def _field_names(typed: str, asker: Asker, *, sortable: bool) -> Iterator[Suggestion]:
    """Yield each field by one name in the active language, or by all its names once something is typed."""
    own = translation.get_language() != "ru"
    for field in FIELDS:
        if (asker.is_staff or not field.staff_only) and (field.sorted_by or not sortable):
            names = sorted((field.name, *field.others), key=lambda name: name.isascii() is not own)
            yield from _literals(names if typed else names[:1])
    if not sortable:
        for text, name in custom_names(asker):
            yield Suggestion(name if text == name else f"{name} · {text}", word_or_quoted(text))


def _operators(field: Field | None) -> list[str]:
    if field is None:
        return []
    signs = [operator.value for operator in field.allowed]
    past = ["was", "changed"] if has_history(field) else []
    return [*signs, "is EMPTY", "is not EMPTY", *past]


def _field(literal: Literal | None, asker: Asker) -> Field | None:
    try:
        return field_named(literal, asker) if literal else None
    except BadJql:
        return None


def _last_field(stack: list[Any], asker: Asker) -> Field | None:
    last = stack[-1] if stack else None
    return _field(Literal(str(last).strip("\"'")) if isinstance(last, Token) else last, asker)


def _field_before_operator(stack: list[Any], asker: Asker) -> Field | None:
    """Return the field whose values are expected: `status in (a, ` expects statuses, AFTER times, BY people."""
    operator = ""
    for value in reversed(stack):
        if isinstance(value, Token) and value.type in _OPERATORS:
            operator = operator or value.value.lower()
        elif operator in _MEANT:
            return _field(Literal(_MEANT[operator]), asker)
        elif operator and isinstance(value, Literal):
            return _field(value, asker)
    return None


def _values(field: Field | None, typed: str, asker: Asker) -> Iterator[Suggestion]:
    match field:
        case RowField():
            names = [row.names if typed else row.names[:1] for row in field.rows(asker)]
            yield from _literals(name for each in names for name in each if "/" not in name)
        case MomentField() | DayField() | Answer(kind=FormField.Kind.DATE | FormField.Kind.MOMENT):
            yield from _plain(_MOMENTS)
            yield from _plain([f"endOf{period}()" for period in _PERIODS] if typed else ())
        case PersonField() | ParticipantsField() | Answer(kind=FormField.Kind.PERSON):
            yield Suggestion("currentUser()", "currentUser()")
            yield from _calls(_lists(field) if typed else ())
            yield from _people(typed, asker)
        case OrganizationsField() | Answer(kind=FormField.Kind.ORGANIZATION):
            yield from _organizations(typed, asker)
        case LabelsField():
            yield from _literals(labels_in_use(asker))
        case ApprovalsField():
            yield from _plain(_APPROVALS)
            yield from _calls(("pendingBy", "approver"))
        case KeyField():
            yield from _calls(_lists(field))
        case Field():
            yield from _literals(choice.text for choice in choices_of(field, asker).offered)
    yield Suggestion("EMPTY", "EMPTY")


def _calls(names: Iterable[str]) -> Iterator[Suggestion]:
    """Suggest functions that need arguments."""
    return (Suggestion(f"{name}()", f"{name}(") for name in names)


def _lists(field: Field | None) -> tuple[str, ...]:
    """Return the functions that stand for several values of this field."""
    match field:
        case PersonField() | ParticipantsField():
            return ("membersOf", "organizationMembers")
        case KeyField():
            return ("linkedIssues", "updatedBy")
    return ()


def _open_call(stack: list[Any]) -> str:
    """Return the lower-case name of the function whose first argument comes next; "" for none."""
    last = stack[-1] if stack else None
    return last.value[:-1].rstrip().lower() if isinstance(last, Token) and last.type == "NAME_OF_CALL" else ""


def _arguments(name: str, typed: str, asker: Asker) -> Iterator[Suggestion]:
    language = "ru" if translation.get_language() == "ru" else "en"
    match name:
        case "membersof":
            yield from _literals([*(row.names[0] for row in desks(asker)), *_ROLES[language]])
        case "organizationmembers":
            yield from _organizations(typed, asker)
        case "approver" | "pendingby" | "pendingapprovalby" | "updatedby":
            yield Suggestion("currentUser()", "currentUser()")
            yield from _people(typed, asker)
        case _ if name.startswith(("startof", "endof")):
            yield from _literals(["-1", "+1"])
    yield from _plain([")"])


def _people(typed: str, asker: Asker) -> Iterator[Suggestion]:
    for person in people_like(typed, asker):
        named = name_of(person)
        yield Suggestion(" · ".join(dict.fromkeys((person.name, named))), word_or_quoted(named))


def _organizations(typed: str, asker: Asker) -> Iterator[Suggestion]:
    if len(typed) >= LEAST:
        yield from _literals(organization.name for organization in organizations_like(typed, asker))


def _fits(typed: str, label: str) -> bool:
    """Return whether the label, or a word in it, begins with the typed text."""
    folded = fold(label)
    return folded.startswith(typed) or any(word.startswith(typed) for word in folded.replace("·", " ").split())

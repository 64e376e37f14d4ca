"""The meaning of a JQL condition evaluated for one ticket at a time, as the reference for the database's answer.

A condition is true, false, or None where the field has no value; negation swaps true and false and keeps None.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from otklik.tickets.jql.tree import And, Condition, Empty, Literal, Not, Operator, Or, Part, Past
from tests.tickets.jql.world import CHOICE, DAY, NUMBER, OPTIONS, TEXT, Facts

Truth = bool | None
_BEFORE = (Operator.LESS, Operator.AT_MOST)


def meant(part: Part, facts: Facts) -> Truth:
    """Return whether the condition holds for the ticket."""
    match part:
        case Not(inner):
            truth = meant(inner, facts)
            return None if truth is None else not truth
        case And(parts):
            truths = [meant(operand, facts) for operand in parts]
            return False if False in truths else None if None in truths else True
        case Or(parts):
            truths = [meant(operand, facts) for operand in parts]
            return True if True in truths else None if None in truths else False
        case Past():
            return _past(part, facts)
        case Condition():
            return _condition(part, facts)


def _condition(condition: Condition, facts: Facts) -> Truth:
    value = VALUES[condition.field.text](facts)
    has_value = value is not None and value != [] and value is not False
    operator = condition.operator
    with_empty = any(isinstance(operand, Empty) for operand in condition.values)
    words = [operand.text for operand in condition.values if isinstance(operand, Literal)]
    if not has_value:
        if not with_empty:
            return None
        return not operator.negative
    if operator in (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST):
        # The higher a priority, the lower its level.
        return _ordered(-LEVELS[value] if value in LEVELS else value, operator, _typed(words[0], value))
    holds = any(_is(value, word, operator) for word in words)
    return not holds if operator.negative else holds


def _is(value: Any, word: str, operator: Operator) -> bool:
    if operator in (Operator.CONTAINS, Operator.CONTAINS_NOT):
        places = value if isinstance(value[0], list) else [value]
        return any(set(word.split()) <= set(place) for place in places)
    if isinstance(value, list):
        return word in value
    if isinstance(value, datetime):
        day = _day(word)
        return day <= value < day + timedelta(days=1)
    if isinstance(value, date):
        return value.isoformat() == word
    return str(value) == word or (
        isinstance(value, int | float) and not isinstance(value, bool) and value == float(word)
    )


def _typed(word: str, value: Any) -> Any:
    """Convert the word to the type of the value it is compared with."""
    if isinstance(value, datetime):
        return _day(word)
    if isinstance(value, date):
        return date.fromisoformat(word)
    return -LEVELS[word] if word in LEVELS else float(word)


def _ordered(value: Any, operator: Operator, other: Any) -> bool:
    return {
        Operator.LESS: value < other,
        Operator.AT_MOST: value <= other,
        Operator.MORE: value > other,
        Operator.AT_LEAST: value >= other,
    }[operator]


def _day(word: str) -> datetime:
    day = date.fromisoformat(word)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Moscow"))


LEVELS = {"Критический": 1, "Высокий": 2, "Стандартный": 3, "Низкий": 4}
_CATEGORY = {"new": "new", "progress": "in progress", "waiting": "in progress", "done": "done"}
LANGUAGE_OF = {"boris@clinic.test": "en"}
VALUES: dict[str, Callable[[Facts], Any]] = {
    "project": lambda facts: facts.desk,
    "key": lambda facts: facts.key,
    "status": lambda facts: facts.status,
    "statusCategory": lambda facts: _CATEGORY[facts.category],
    "resolution": lambda facts: facts.resolution,
    "priority": lambda facts: facts.priority,
    "request type": lambda facts: facts.type,
    "assignee": lambda facts: facts.assignee,
    "reporter": lambda facts: facts.reporter,
    "creator": lambda facts: facts.creator,
    "participants": lambda facts: facts.participants,
    "organizations": lambda facts: facts.organizations,
    "created": lambda facts: facts.created,
    "updated": lambda facts: facts.updated,
    "resolved": lambda facts: facts.resolved,
    "due": lambda facts: facts.due,
    "labels": lambda facts: facts.labels,
    "channel": lambda facts: facts.channel,
    "request language": lambda facts: facts.reporter and LANGUAGE_OF.get(facts.reporter, "ru"),
    "watchers": lambda facts: facts.participants,
    "sender": lambda facts: facts.sender,
    "attachments": lambda facts: facts.files,
    "satisfaction": lambda facts: facts.rating,
    "satisfaction date": lambda facts: facts.rated,
    "summary": lambda facts: facts.summary,
    "description": lambda facts: facts.description,
    "comment": lambda facts: facts.comments,
    "text": lambda facts: [facts.summary, facts.description, *facts.comments],
    "Seats": lambda facts: facts.answers.get(NUMBER),
    "Device": lambda facts: TEXT in facts.answers and [facts.answers[TEXT]],
    "Branch": lambda facts: OPTIONS.get(facts.answers.get(CHOICE, "")),
    "Visit": lambda facts: DAY in facts.answers and date.fromisoformat(facts.answers[DAY]),
}


def _past(past: Past, facts: Facts) -> bool:
    """Evaluate a WAS or CHANGED condition on the status from its intervals."""
    first, last, who, ends = None, None, None, {}
    for when in past.whens:
        value = when.values[0]
        assert isinstance(value, Literal)
        match when.name:
            case "after":
                first = _day(value.text)
            case "before":
                last = _day(value.text)
            case "on":
                first, last = _day(value.text), _day(value.text) + timedelta(days=1)
            case "by":
                who = value.text
            case name:
                ends[name] = value.text
    inside = [
        (old, new)
        for _field, old, new, at, actor in facts.changes
        if (first is None or at >= first) and (last is None or at < last) and who in (None, actor)
    ]
    if past.values is None:
        return any(ends.get("from", old) == old and ends.get("to", new) == new for old, new in inside)
    words = {value.text for value in past.values if isinstance(value, Literal)}
    if who is not None:
        held = any(new in words for _old, new in inside)
    else:
        held = any(_held(facts, word, first, last) for word in words)
    return held is not past.negative


def _held(facts: Facts, word: str, first: datetime | None, last: datetime | None) -> bool:
    begun, present = facts.created, facts.changes[0][1] if facts.changes else facts.status
    spans = []
    for _field, _old, new, at, _actor in facts.changes:
        spans.append((present, begun, at))
        begun, present = at, new
    spans.append((present, begun, None))
    return any(
        value == word and (last is None or start < last) and (first is None or end is None or end >= first)
        for value, start, end in spans
    )

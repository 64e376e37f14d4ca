"""In which ways a form asks about a field: a button for each, with what is to be filled in beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from otklik.core.date_inputs import DayInput, day_typed
from otklik.tickets.jql.form_conditions import HOWS, PERIODS, UNITS, How, Kind, Simple
from otklik.workspace.chips.chip_texts import SINCE


@dataclass(frozen=True, slots=True)
class Pick:
    """An entry of a selection list."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """A number, a date (`day`) or, with `picks`, a selection list. `label` is for screen readers."""

    name: str
    label: str
    value: str = ""
    day: bool = False
    picks: tuple[Pick, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One comparison that a chip's form offers, with its inputs."""

    how: str
    label: str
    chosen: bool
    inputs: tuple[Input, ...] = ()


def ways_of(kind: Kind, asked: Simple | None, sent: Mapping[str, str], *, nullable: bool, ahead: bool) -> list[Way]:
    """Return the comparisons for this kind of field, filled from what was sent, otherwise from the condition.

    `nullable`: the field may be empty; `ahead`: its dates may lie in the future.
    """
    hows = [how for how in HOWS[kind] if nullable or how not in (How.EMPTY, How.SET, How.NOT_OR_EMPTY)]
    present = asked.how if asked else hows[0]
    hows += [present] if present not in hows else []
    chosen = next((how for how in hows if how == sent.get("how")), present)
    return [Way(how, label_of_way(how, kind, ahead=ahead), how is chosen, _inputs(how, asked, sent)) for how in hows]


def label_of_way(how: How, kind: Kind, *, ahead: bool) -> str:
    """Return the label of a comparison in a chip's form. `ahead`: the field's dates may lie in the future."""
    if ahead and how in (How.LAST, How.SINCE):
        return _("not older than") if how is How.LAST else _("not earlier than")
    if kind in (Kind.RANK, Kind.NUMBER) and how in (How.LEAST, How.MOST, How.MORE, How.LESS):
        ranked = {
            How.LEAST: _("this or higher"),
            How.MOST: _("this or lower"),
            How.MORE: _("higher than this"),
            How.LESS: _("lower than this"),
        }
        numbers = {How.LEAST: _("at least"), How.MOST: _("at most"), How.MORE: _("more than"), How.LESS: _("less than")}
        return (ranked if kind is Kind.RANK else numbers)[how]
    return {
        How.IS: _("is"),
        How.NOT: _("is not"),
        How.NOT_OR_EMPTY: _("is not, or is empty"),
        How.CONTAINS: _("contains"),
        How.LACKS: _("does not contain"),
        How.LAST: _("within the last"),
        How.OLDER: _("older than"),
        How.NEXT: _("at the latest in"),
        How.SINCE: _("in the period"),
        How.EARLIER: _("earlier than"),
        How.ON: _("on the day"),
        How.FROM: _("from this day on"),
        How.BEFORE: _("before the day"),
        How.UNTIL: _("until this day"),
        How.AFTER: _("after the day"),
        How.BETWEEN: _("between two days"),
        How.EMPTY: _("is empty"),
        How.SET: _("is not empty"),
    }[how]


def _inputs(how: How, asked: Simple | None, sent: Mapping[str, str]) -> tuple[Input, ...]:
    now = asked if asked and asked.how is how else Simple(how, amount=7, unit="d", period="Day")
    match how:
        case How.LAST | How.OLDER | How.NEXT:
            units = {"h": _("hours"), "d": _("days"), "w": _("weeks")}
            return (
                Input(f"{how}.amount", _("How many"), sent.get(f"{how}.amount", str(now.amount))),
                Input(f"{how}.unit", _("Unit"), picks=_picks(UNITS, units, sent.get(f"{how}.unit", now.unit))),
            )
        case How.SINCE | How.EARLIER:
            words = {period: str(label) for period, label in SINCE.items()}
            picks = _picks(PERIODS, words, sent.get(f"{how}.period", now.period))
            return (Input(f"{how}.period", _("Period"), picks=picks),)
        case How.ON | How.FROM | How.BEFORE | How.UNTIL | How.AFTER:
            return (_day(f"{how}.day", _("Day"), now.day, sent),)
        case How.BETWEEN:
            last = _day(f"{how}.until", _("Last day"), now.until, sent)
            return (_day(f"{how}.day", _("First day"), now.day, sent), last)
    return ()


def _day(name: str, label: str, day: date | None, sent: Mapping[str, str]) -> Input:
    return Input(name, label, sent.get(name, day_typed(day) if day else ""), day=True)


def _picks(values: Sequence[str], labels: Mapping[str, str], chosen: str) -> tuple[Pick, ...]:
    return tuple(Pick(value, labels[value], value == chosen) for value in values)


def placeholder() -> str:
    """Return the date format of the reader's language, as a hint for typing."""
    return DayInput().placeholder()

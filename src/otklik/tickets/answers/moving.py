"""What of a request's answers goes along when it gets another type."""

from collections.abc import Mapping, Sequence
from typing import Any

from otklik.desks.models import Field
from otklik.desks.option_lines import Option
from otklik.tickets.answers.conditions import asked_keys

K = Field.Kind
_WRITTEN = (K.TEXT, K.PARAGRAPH)


def moved_answers(answers: Mapping[str, Any], before: Sequence[Field], after: Sequence[Field]) -> dict[str, Any]:
    """The answers under the keys of the new form where that asks the same, the others as they are: nothing is lost.

    `before`: the fields of the old form, `after`: those of the new one. The same question is a field of the same label
    whose kind can hold the answer; options are matched by their labels. Presets of the old form that nobody changed
    go, those of the new one come. What the new form would not ask, given the other answers, stays where it is.
    """
    shown = [row for row in after if not row.archived]
    old = {row.key: row for row in before if row.key in answers}
    made = {key: value for key, value in answers.items() if key not in old or not _is_preset(old[key], value)}
    sources: dict[str, str] = {}
    for row in shown:
        if row.hidden or row.built_in or row.key in answers:
            continue
        for key, one in old.items():
            fits = key in made and key not in sources.values() and _label(one) == _label(row)
            value = _fitting(one, row, made[key]) if fits else None
            if value is not None:
                made[row.key], sources[row.key] = value, key
                break
    presets = {row.key: row.default for row in shown if row.hidden and row.default is not None and not row.built_in}
    made |= presets
    asked = asked_keys(shown, made.get)
    unasked = {key for key in (*sources, *presets) if key not in asked}
    moved = {source for key, source in sources.items() if key in asked}
    return {key: value for key, value in made.items() if key not in unasked | moved}


def _is_preset(row: Field, value: Any) -> bool:
    return row.hidden and value == row.default


def _label(row: Field) -> str:
    return " ".join(row.label.split()).casefold()


def _fitting(old: Field, new: Field, value: Any) -> Any:
    """The answer to the old field as an answer to the new one; None where it cannot be that."""
    if new.kind in (K.CHOICE, K.CHOICES, K.CASCADE):
        return _chosen(old, new, value)
    if old.kind == new.kind or (old.kind == K.TEXT and new.kind in _WRITTEN):
        return value
    return None


def _chosen(old: Field, new: Field, value: Any) -> Any:
    if old.kind not in (K.CHOICE, K.CHOICES, K.CASCADE) or (old.kind == K.CASCADE) != (new.kind == K.CASCADE):
        return None
    given = [str(one) for one in (value if isinstance(value, list) else [value])]
    if new.kind == K.CASCADE:
        return _path(given, old.options, new.options)
    labels = {str(one["id"]): one["label"] for one in old.options}
    ids = {one["label"]: str(one["id"]) for one in new.options if not one.get("archived")}
    found = [ids.get(labels.get(one, "")) for one in given]
    if None in found or (new.kind == K.CHOICE and len(found) != 1):
        return None
    return found[0] if new.kind == K.CHOICE else found


def _path(given: Sequence[str], old: Sequence[Option], new: Sequence[Option]) -> list[str] | None:
    """The ids of the new options on the same path of labels; None where there is no such path."""
    if not given:
        return []
    source = next((one for one in old if str(one["id"]) == given[0]), None)
    target = next((one for one in new if source and one["label"] == source["label"] and not one.get("archived")), None)
    if source is None or target is None:
        return None
    rest = _path(given[1:], source.get("children", ()), target.get("children", ()))
    return None if rest is None else [str(target["id"]), *rest]

"""Which answers of a ticket are kept when its request type changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from otklik.desks.models import Field
from otklik.desks.option_lines import Option
from otklik.tickets.answers.conditions import asked_keys

K = Field.Kind
_WRITTEN = (K.TEXT, K.PARAGRAPH)


def moved_answers(answers: Mapping[str, Any], before: Sequence[Field], after: Sequence[Field]) -> dict[str, Any]:
    """Return the answers under the new form's keys where it has the same question; others stay, so nothing is lost.

    `before`, `after`: the fields of both forms. Questions are the same if the labels are equal and the new kind can
    hold the answer; options are matched by label. Unchanged presets of the old form are dropped, those of the new one
    added. An answer to a question that the new form would not show, given the others, stays under its old key.
    """
    shown = [field for field in after if not field.archived]
    old = {field.key: field for field in before if field.key in answers}
    made = {key: value for key, value in answers.items() if key not in old or not _is_preset(old[key], value)}
    sources: dict[str, str] = {}
    for field in shown:
        if field.hidden or field.built_in or field.key in answers:
            continue
        for key, former_field in old.items():
            fits = key in made and key not in sources.values() and _label(former_field) == _label(field)
            value = _fitting(former_field, field, made[key]) if fits else None
            if value is not None:
                made[field.key], sources[field.key] = value, key
                break
    presets = {
        field.key: field.default for field in shown if field.hidden and field.default is not None and not field.built_in
    }
    made |= presets
    asked = asked_keys(shown, made.get)
    unasked = {key for key in (*sources, *presets) if key not in asked}
    moved = {source for key, source in sources.items() if key in asked}
    return {key: value for key, value in made.items() if key not in unasked | moved}


def _is_preset(field: Field, value: Any) -> bool:
    return field.hidden and value == field.default


def _label(field: Field) -> str:
    return " ".join(field.label.split()).casefold()


def _fitting(old: Field, new: Field, value: Any) -> Any:
    """Convert an answer from the old field to the new one; None if that is impossible."""
    if new.kind in (K.CHOICE, K.CHOICES, K.CASCADE):
        return _chosen(old, new, value)
    if old.kind == new.kind or (old.kind == K.TEXT and new.kind in _WRITTEN):
        return value
    return None


def _chosen(old: Field, new: Field, value: Any) -> Any:
    if old.kind not in (K.CHOICE, K.CHOICES, K.CASCADE) or (old.kind == K.CASCADE) != (new.kind == K.CASCADE):
        return None
    given = [str(choice) for choice in (value if isinstance(value, list) else [value])]
    if new.kind == K.CASCADE:
        return _path(given, old.options, new.options)
    labels = {str(option["id"]): option["label"] for option in old.options}
    ids = {option["label"]: str(option["id"]) for option in new.options if not option.get("archived")}
    ids_given = [ids.get(labels.get(choice, "")) for choice in given]
    if None in ids_given or (new.kind == K.CHOICE and len(ids_given) != 1):
        return None
    return ids_given[0] if new.kind == K.CHOICE else ids_given


def _path(given: Sequence[str], old: Sequence[Option], new: Sequence[Option]) -> list[str] | None:
    """Return the ids of the new options with the same path of labels, None if there is none."""
    if not given:
        return []
    source = next((option for option in old if str(option["id"]) == given[0]), None)
    target = next(
        (option for option in new if source and option["label"] == source["label"] and not option.get("archived")), None
    )
    if source is None or target is None:
        return None
    rest = _path(given[1:], source.get("children", ()), target.get("children", ()))
    return None if rest is None else [str(target["id"]), *rest]

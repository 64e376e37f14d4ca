"""Parse and print a field's options as lines of text. Ids never change, so that given answers keep their meaning. Pure.

A line is a label, and after « | » its English words (each further language after a further bar, in the order given);
a line that begins with "-" belongs to the last line without one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Option = dict[str, Any]
LONGEST = 200


def as_lines(options: Iterable[Option], languages: Sequence[str], indent: str = "") -> str:
    """Return the options in use as text, one per line, with translations separated by "|"."""
    lines = []
    for option in options:
        if option.get("archived"):
            continue
        labels = option.get("labels", {})
        parts = [option["label"], *(labels.get(language, "") for language in languages)]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        lines.append(indent + " | ".join(parts))
        children = as_lines(option.get("children", ()), languages, "- ")
        lines += [children] if children else []
    return "\n".join(lines)


def from_lines(text: str, before: Sequence[Option], languages: Sequence[str]) -> list[Option]:
    """Parse edited text into options, matching them with the previous ones.

    An option is the same if its label is, or if it was renamed in place; missing ones are archived. Lines that begin
    with "-" are sub-options.
    """
    tops: list[tuple[list[str], list[list[str]]]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        child = line.lstrip().startswith("-")
        parts = [part.strip()[:LONGEST] for part in line.lstrip(" -\t").split("|")]
        if not parts[0]:
            continue
        if child and tops:
            tops[-1][1].append(parts)
        else:
            tops.append((parts, []))
    made = _matched([parts for parts, _ in tops], before, languages, _ids(before))
    taken = _ids([*before, *made])
    for option, (_, children) in zip(made, tops, strict=False):
        old: list[Option] = next(
            (option_before.get("children", []) for option_before in before if option_before["id"] == option["id"]), []
        )
        if children or old:
            option["children"] = _matched(children, old, languages, taken)
            taken |= _ids(option["children"])
    return made


def _matched(
    lines: Sequence[list[str]], before: Sequence[Option], languages: Sequence[str], taken: set[str]
) -> list[Option]:
    by_label = {option["label"]: option for option in before}
    labels = {parts[0] for parts in lines}
    # A missing label and a new one at the same position among the unmatched: it was renamed.
    gone = [option for option in before if not option.get("archived") and option["label"] not in labels]
    new = [parts[0] for parts in lines if parts[0] not in by_label]
    renamed = dict(zip(new, gone, strict=False)) if len(gone) == len(new) else {}
    made, used = [], set()
    for parts in lines:
        old = by_label.get(parts[0]) or renamed.get(parts[0])
        pk = old["id"] if old else _free(taken)
        if pk in used:
            continue
        used.add(pk)
        taken.add(pk)
        made.append(_option(pk, parts, languages))
    left = [{**option, "archived": True} for option in before if option["id"] not in used]
    return made + left


def _option(pk: str, parts: list[str], languages: Sequence[str]) -> Option:
    labels = {language: label for language, label in zip(languages, parts[1:], strict=False) if label}
    return {"id": pk, "label": parts[0], **({"labels": labels} if labels else {})}


def _ids(options: Iterable[Option]) -> set[str]:
    return {pk for option in options for pk in (option["id"], *_ids(option.get("children", ())))}


def _free(taken: set[str]) -> str:
    number = max((int(pk) for pk in taken if pk.isdigit()), default=0) + 1
    return str(number)

"""Find lines of an answer that repeat known texts but are not quoted. Pure functions, linear in the lines."""

from collections.abc import Mapping, Sequence

from otklik.mail.parse.reply.known_text import Known, Place


def between(full: Sequence[int], places: Mapping[int, Place], known: Known) -> set[int]:
    """Return lines that stand between two adjoining pieces of our mail: answers between quoted lines.

    `full`: the indexes of the answer's lines that are not blank; `places`: where those of them that are known occur.
    """
    again, waiting = set[int](), list[int]()
    last: Place | None = None
    for index in full:
        place = places.get(index)
        if place is None:
            continue
        if not known.is_of_mail(place):
            waiting.append(index)
            continue
        if waiting and last is not None and _goes_on(known, last, place):
            again.update(waiting)
        waiting.clear()
        last = place
    return again


def _goes_on(known: Known, last: Place, place: Place) -> bool:
    """Return whether the letters of `place` continue `last`, even if they were found in another text."""
    piece = known.texts[place.document][place.start : place.end]
    return known.texts[last.document].startswith(piece, last.end)


def below_all(full: Sequence[int], places: Mapping[int, Place], known: Known, ends: Sequence[bool]) -> set[int]:
    """Return known lines below the last line of our mails, if no header or introduction of a mail precedes them.

    For quotations without marks. Empty if no line is of our mails. `full`, `places`: as for `between`; `ends`: for each
    line of `full`, whether a header or an introduction ends there.
    """
    again = set[int]()
    for position in range(len(full) - 1, -1, -1):
        place = places.get(full[position])
        if place is not None and known.is_of_mail(place):
            return again
        if place is not None:
            again.add(full[position])
        if position and ends[position - 1]:
            again.clear()
    return set()


__all__ = ["below_all", "between"]

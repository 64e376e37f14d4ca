"""Which words of an answer were said before and are now said once more, rather than quoted. Pure, linear."""

from collections.abc import Mapping, Sequence

from otklik.mail.parse.reply.known_text import Known, Place


def between(full: Sequence[int], places: Mapping[int, Place], known: Known) -> set[int]:
    """Lines that stand where a mail of ours goes on: whoever wrote them, be it "Yes" once more, answered between its
    lines.

    Args: full, the lines of the answer that are not blank; places, where those of them that are known stand.
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
    """Whether these letters follow there, too: a line may have been found in another text of the same mail."""
    piece = known.texts[place.document][place.start : place.end]
    return known.texts[last.document].startswith(piece, last.end)


def below_all(full: Sequence[int], places: Mapping[int, Place], known: Known, ends: Sequence[bool]) -> set[int]:
    """Lines below the last one of our mails that nothing leads to, where the quotation bears no signs.

    Args: as for `between`; ends, whether the head or the introduction of a mail ends at each of `full`.
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

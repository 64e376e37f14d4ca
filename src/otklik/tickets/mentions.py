"""Colleagues whom a message of the staff names by "@" and their name."""

from collections.abc import Iterable

from otklik.people.models import Person


def mentioned_in(text: str, colleagues: Iterable[Person]) -> list[Person]:
    """Return those of the colleagues whom the text names, each once: "@" at the beginning of a word, then the name.

    Case and the dots of ё do not matter. Where one name begins another, the longer one is meant.
    """
    if "@" not in text:
        return []
    folded = _folded(text)
    named = sorted(((_folded(who.name), who) for who in colleagues if who.name), key=lambda pair: -len(pair[0]))
    found: dict[int, Person] = {}
    at = folded.find("@")
    while at >= 0:
        who = next((person for name, person in named if _stands(name, folded, at)), None)
        if who is not None:
            found.setdefault(who.pk, who)
        at = folded.find("@", at + 1)
    return list(found.values())


def _stands(name: str, text: str, at: int) -> bool:
    """Return whether the name stands behind the "@" at this place, as words of its own."""
    end = at + 1 + len(name)
    alone = not _is_of_word(text[at - 1 : at]) and not _is_of_word(text[end : end + 1])
    return alone and text.startswith(name, at + 1)


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")

"""Texts that are known, and where the lines of a reply stand in them. Time grows with the length of both (AB-94)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\[\]()\"']+", re.I)
_PICTURE = re.compile(r"\[(?:cid|image|inline image)\b[^\]\n]{0,200}\]|<image\d{1,9}\.\w{2,4}>", re.I)
_LETTERS = re.compile(r"[^\W_]+")
_ENTITY = re.compile(r"&(?:#x?[0-9a-f]{1,6}|[a-z]{2,8});", re.I)
_GRAM = 12
_PLACES = 8


def letters(line: str) -> str:
    """What is left of a line when mailers have wrapped, quoted and escaped it: its letters and figures."""
    return "".join(_LETTERS.findall(bare(line)))


def bare(line: str) -> str:
    return _PICTURE.sub(" ", _LINK.sub(" ", _ENTITY.sub(" ", line))).casefold().replace("ё", "е")


def is_picture(line: str) -> bool:
    """Whether a line is nothing but the mark of a picture that a mailer left in plain text."""
    return _PICTURE.fullmatch(line.strip()) is not None


def links(line: str) -> list[str]:
    """The addresses of pages in a line; one that a guard of links has wrapped into its own is found in it."""
    found = _LINK.findall(line)
    inner = [address for one in found if "%3a" in one.lower() for address in _LINK.findall(unquote(one[1:]))]
    return [one.rstrip(".,;:!?/&").lower() for one in (*found, *inner)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands: in which text, from which letter to which."""

    document: int
    start: int
    end: int


class Known:
    """Some texts, the first of them the mail that is answered."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts: list[str] = []
        self.links: set[str] = set()
        self.signs: set[str] = set()
        self._whole: dict[str, list[Place]] = {}
        self._grams: dict[str, list[Place]] = {}
        for text in texts:
            self._read(text)

    def _read(self, text: str) -> None:
        document, end, pieces = len(self.texts), 0, []
        for line in text.split("\n"):
            self.links.update(links(line))
            piece = letters(line)
            if not piece:
                self.signs.add(line.strip())
            else:
                self._keep(self._whole, piece, Place(document, end, end + len(piece)))
                pieces.append(piece)
                end += len(piece)
        joined = "".join(pieces)
        self.texts.append(joined)
        for start in self._words(text):
            if start + _GRAM <= len(joined):
                self._keep(self._grams, joined[start : start + _GRAM], Place(document, start, start + _GRAM))

    @staticmethod
    def _words(text: str) -> Iterator[int]:
        """Where words begin among the letters of a text."""
        start = 0
        for line in text.split("\n"):
            for word in _LETTERS.findall(bare(line)):
                yield start
                start += len(word)

    @staticmethod
    def _keep(index: dict[str, list[Place]], key: str, place: Place) -> None:
        places = index.setdefault(key, [])
        if len(places) < _PLACES:
            places.append(place)

    def place(self, piece: str, after: Place | None) -> Place | None:
        """Where these letters stand: right behind `after`, as a line of their own, or, twelve and more, anywhere."""
        if after is not None and self.texts[after.document].startswith(piece, after.end):
            return Place(after.document, after.end, after.end + len(piece))
        if (whole := self._nearest(self._whole.get(piece, ()), after)) is not None:
            return whole
        if len(piece) < _GRAM:
            return None
        fit = (
            Place(one.document, one.start, one.start + len(piece))
            for one in self._grams.get(piece[:_GRAM], ())
            if self.texts[one.document].startswith(piece, one.start)
        )
        return self._nearest(fit, after)

    @staticmethod
    def _nearest(places: Iterable[Place], after: Place | None) -> Place | None:
        """The first one below `after` in the same text, else the first."""
        found = list(places)
        below = (one for one in found if after and one.document == after.document and one.start >= after.end)
        return next(below, found[0] if found else None)

    def has_link(self, line: str) -> bool:
        """Whether a line holds the address of a page that stands in one of the texts."""
        return any(one in self.links for one in links(line))


__all__ = ["Known", "Place", "bare", "is_picture", "letters", "links"]

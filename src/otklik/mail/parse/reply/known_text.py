"""Align known texts with the lines of a reply, in time linear in both (AB-94)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from urllib.parse import unquote

from otklik.mail.parse import limits

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\[\]()\"']+", re.I)
# What programs put behind a word that they made a link of, and where a guard of links says whither one leads.
_BESIDE = re.compile(r"<(?:https?|mailto|tel|sip|callto):[^<>\n]{1,600}>|\[[\w-]{1,40}(?:\.[\w-]{1,40}){1,4}\]", re.I)
_BEGINS = re.compile(r"https?://", re.I)
_GUARDED = re.compile(r"__(https?):/{1,2}(\S{1,600}?)__;", re.I)
_PICTURE = re.compile(r"\[(?:cid|image|inline image)\b[^\]\n]{0,200}\]|<image\d{1,9}\.\w{2,4}>", re.I)
_LETTERS = re.compile(r"[^\W_]+")
_ENTITY = re.compile(r"&(?:#x?[0-9a-f]{1,6}|[a-z]{2,8});", re.I)
_GRAM = 12
_PLACES = 8
_PIECE, _LONGEST_PIECE = 6, 300
_MOST_STOPS = 8
_MOST_WRAPS, _MOST_LINKS = 4, 12
_STOP = re.compile(r"[?:.!;…—–=→]|\t")


def letters(line: str) -> str:
    """Return only the letters and digits of a line, which survive wrapping, quoting and escaping."""
    return "".join(_LETTERS.findall(bare(line)))


def bare(line: str) -> str:
    line = _BESIDE.sub(" ", line) if "<" in line or "[" in line else line
    return _PICTURE.sub(" ", _LINK.sub(" ", _ENTITY.sub(" ", line))).casefold().replace("ё", "е")


def is_picture(line: str) -> bool:
    """Return whether a line is only a mail program's placeholder for an image."""
    return _PICTURE.fullmatch(line.strip()) is not None


def links(line: str) -> list[str]:
    """Return the URLs in a line."""
    return [_link(link) for link in _LINK.findall(line)]


def wrapped_links(line: str) -> list[str]:
    """Return URLs inside those of link-protection services."""
    links_found, rest = list[str](), line
    for _level in range(_MOST_WRAPS):
        links_found += [f"{kind}://{address}" for kind, address in _GUARDED.findall(rest)]
        starts = [match.start() for match in islice(_BEGINS.finditer(rest), _MOST_LINKS)]
        links_found += [inner[0] for start in starts if (inner := _LINK.match(rest, start))]
        if "%3a" not in rest.lower():
            break
        rest = unquote(rest)
    return [_link(link) for link in links_found]


def _beginnings(address: str) -> Iterator[str]:
    """Yield prefixes of an inner URL, as its end may be parameters of the outer one."""
    return accumulate(address.split("&", _MOST_LINKS), "{}&{}".format)


def _link(address: str) -> str:
    return address.rstrip(".,;:!?/&").lower()


@dataclass(frozen=True, slots=True)
class Place:
    """A span of letters in one of the known texts."""

    document: int
    start: int
    end: int


class Known:
    """Known texts, first the answered mail. `mails`: how many of them are our mails, the rest are messages; None for
    all."""

    def __init__(self, texts: Sequence[str], mails: int | None = None) -> None:
        self.texts: list[str] = []
        self.mails = len(texts) if mails is None else mails
        self.first = next((line.strip() for line in texts[0].split("\n") if line.strip()), "") if texts else ""
        self.links: set[str] = set()
        self.signs: set[str] = set()
        self._lines: set[str] = set()
        self._ends: list[set[int]] = []
        self._whole: dict[str, list[Place]] = {}
        self._grams: dict[str, list[Place]] = {}
        for text in texts:
            self._read(text)
        self._all_links = "\n".join(sorted(self.links))

    def _read(self, text: str) -> None:
        document, end, pieces = len(self.texts), 0, []
        for line in text.split("\n"):
            self.links.update(links(line))
            self._lines.add(line.strip())
            piece = letters(line)
            if not piece:
                self.signs.add(line.strip())
            else:
                self._keep(self._whole, piece, Place(document, end, end + len(piece)))
                pieces.append(piece)
                end += len(piece)
        joined = "".join(pieces)
        self._ends.append({0, *accumulate(map(len, pieces))})
        self.texts.append(joined)
        for start in self._words(text):
            if start + _GRAM <= len(joined):
                self._keep(self._grams, joined[start : start + _GRAM], Place(document, start, start + _GRAM))

    @staticmethod
    def _words(text: str) -> Iterator[int]:
        """Yield the offsets of words in `letters` of the text."""
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
        """Return where these letters occur: right behind `after`, as a whole line, or, from twelve letters, anywhere.

        A match in one of our mails is preferred.
        """
        if after is not None and self.texts[after.document].startswith(piece, after.end):
            behind = Place(after.document, after.end, after.end + len(piece))
            return behind if self.is_of_mail(after) else self._line_of_mail(piece) or behind
        if (whole := self._nearest(self._whole.get(piece, ()), after)) is not None:
            return whole
        if len(piece) < _GRAM:
            return None
        fit = (
            Place(known_place.document, known_place.start, known_place.start + len(piece))
            for known_place in self._grams.get(piece[:_GRAM], ())
            if self.texts[known_place.document].startswith(piece, known_place.start)
        )
        return self._nearest(fit, after)

    def _line_of_mail(self, piece: str) -> Place | None:
        """Return where these letters are a line of our mail; None for a few letters."""
        whole = self._whole.get(piece, ()) if len(piece) >= _GRAM else ()
        return next(filter(self.is_of_mail, whole), None)

    @staticmethod
    def _nearest(places: Iterable[Place], after: Place | None) -> Place | None:
        """Return the first place below `after` in the same text, else the first."""
        places_found = list(places)
        below = (
            place for place in places_found if after and place.document == after.document and place.start >= after.end
        )
        return next(below, places_found[0] if places_found else None)

    def beginning(self, line: str, after: Place | None) -> tuple[Place, int] | None:
        """Return the known place of the line's beginning, which ends a known line, and where the rest starts.

        None if all of the line or nothing is known.
        """
        if len(line) > limits.LINE_CHARS:
            return None
        pairs = pairwise(_LETTERS.finditer(line))
        stops = [pair for pair in pairs if _STOP.search(line, pair[0].end(), pair[1].start())][:_MOST_STOPS]
        for last, following in reversed(stops):
            piece = letters(line[: last.end()])
            place = self.place(piece, after) if piece else None
            if place is not None and self._is_whole(place, after):
                return place, following.start()
        return None

    def _is_whole(self, place: Place, after: Place | None) -> bool:
        """Return whether the place consists of whole lines of a mail, or continues the previous place."""
        ends = self._ends[place.document]
        begins = place.start in ends or (after is not None and place.start == after.end)
        return begins and place.end in ends and self.is_of_mail(place)

    def is_of_mail(self, place: Place) -> bool:
        """Return whether the place is in one of our mails."""
        return place.document < self.mails

    def is_all(self, place: Place) -> bool:
        """Return whether the place is the whole text."""
        return place.start == 0 and place.end == len(self.texts[place.document])

    def is_whole_line(self, place: Place) -> bool:
        """Return whether the place begins and ends at line borders."""
        ends = self._ends[place.document]
        return place.start in ends and place.end in ends

    def has_line(self, line: str) -> bool:
        """Return whether one of the texts has exactly this line."""
        return line in self._lines

    def has_piece_of_link(self, line: str, above: str, *, cited: bool) -> bool:
        """Return whether a line is only a piece of a known URL, as mail programs break them.

        `above`: the previous, known line. Without a quotation mark the URL must begin here or continue from there.
        """
        if not cited:
            piece = line.strip().strip("<>").lower()
            joined = piece if piece.startswith("http") else above.rstrip().rpartition(" ")[2].lower() + piece
            return _GRAM < len(joined) <= _LONGEST_PIECE and " " not in piece and joined in self._all_links
        if any(inner in self._all_links for inner in wrapped_links(line) if len(inner) > _GRAM):
            return True
        piece = line.strip().lower()
        if len(piece) < _PIECE:
            piece = above.strip().lower() + piece
        return _PIECE <= len(piece) <= _LONGEST_PIECE and " " not in piece and piece in self._all_links

    def has_link(self, line: str) -> bool:
        """Return whether a line has a known URL, possibly wrapped into another."""
        if any(link in self.links for link in links(line)):
            return True
        return any(link in self.links for inner in wrapped_links(line) for link in _beginnings(inner))


__all__ = ["Known", "Place", "bare", "is_picture", "letters", "links"]

"""Find and blank our own secrets in texts and files, however encoded, before others read them.

What they look like is in `mail.secret_shapes`. Texts are read as people see them (`mail.text_deobfuscation`), and long
pieces are also decoded (`mail.text_decoding`), until the text's effort is used up.
"""

import codecs
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from otklik.mail import secret_shapes, text_decoding, text_deobfuscation
from otklik.mail.secret_shapes import ADDRESS, ALONE, BARE, CODE, RANDOM_ALONE, TOKEN
from otklik.mail.text_decoding import Effort
from otklik.mail.text_deobfuscation import Folded

IN_BYTES = "(personal-link)"
"""What stands for a secret where only ASCII may stand."""

FILLED = "\0"
"""As a label: as many letters as there were stand for a secret, for files whose parts tell where others begin."""

_PIECE, _OVERLAP, _LONGEST_BLOCK = 64 * 1024, 1024, 1024 * 1024
_MOST_CODES = 50
_OUTSIDE = re.compile(r"[\s<>\"'«»„“”]")
_CHUNK = re.compile(r"[^\s<>\"'«»„“”]{40,}")
_LETTERS = re.compile(r"[!#-&(-;=?-~]{40,}")
_RTF_CHUNK = re.compile(r"(?:\\'[0-9A-Fa-f]{2}|[^\s<>\"'«»„“”]){40,}")  # RTF writes bytes so
_RUN = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_BLOCK = re.compile(
    r"(?:^[ \t>|]*[A-Za-z0-9+/]{40,}={0,2}[ \t]*\r?(?:\n|\Z))+(?:^[ \t>|]*[A-Za-z0-9+/]{1,100}={0,2}[ \t]*\r?$)?",
    re.MULTILINE,
)

Span = tuple[int, int]


_SEEN: ContextVar[Collection[str]] = ContextVar("seen", default=())


@contextmanager
def hiding(secrets: Collection[str]) -> Iterator[None]:
    """Context manager: also blank these secrets, which are only recognizable in another part of the mail."""
    token = _SEEN.set(secrets)
    try:
        yield
    finally:
        _SEEN.reset(token)


def blanked(text: str, label: str = "") -> str:
    """Return the text without our secrets. Linear.

    Links become «(личная ссылка)» (or `label`; see FILLED), signed parts of addresses "…". HTML stays valid.
    """
    if len(text) < 20:
        return text
    label = label or _("(personal link)")
    pieces = _Pieces(len(text))
    text = _without_readable(text, label, pieces)
    text = _replaced(_BLOCK, text, label, lambda match: pieces.holds(_joined(match.group())))
    for pattern in text_decoding.ROWS:
        text = _replaced(pattern, text, label, lambda match: pieces.tell(text_decoding.from_row(match)))
    chunk = _LETTERS if label == FILLED else _chunk_of(text)
    text = _replaced(chunk, text, label, lambda match: pieces.holds(match.group()))
    for secret in _SEEN.get():
        text = text.replace(secret, _instead(label, secret))
    return text


def _replaced(pattern: re.Pattern[str], text: str, label: str, hides: Callable[[re.Match[str]], bool]) -> str:
    """Replace matches that hide a secret by the label, keeping line ends."""

    def said(match: re.Match[str]) -> str:
        if not hides(match):
            return match.group()
        return _instead(label, match.group()) + ("\n" if label != FILLED and match.group().endswith("\n") else "")

    return pattern.sub(said, text)


def _instead(label: str, secret: str) -> str:
    return "x" * len(secret) if label == FILLED else label


def _chunk_of(text: str) -> re.Pattern[str]:
    return _RTF_CHUNK if "\\'" in text else _CHUNK


def blanked_all(value: Any) -> Any:
    """Apply `blanked` to all texts in lists and dictionaries, for JSON."""
    if isinstance(value, dict):
        return {key: blanked_all(nested) for key, nested in value.items()}
    if isinstance(value, list):
        return [blanked_all(nested) for nested in value]
    return blanked(value) if isinstance(value, str) else value


def without_links(text: str, keep: Callable[[str], bool] = lambda link: False) -> str:
    """Like `blanked` for unencoded links only, which is much faster, for our own pages. `keep`: returns whether a link
    may stay."""
    spans = (match.span() for match in secret_shapes.plain_links().finditer(text))
    return _cut(text, _("(personal link)"), spans, keep=keep)


def blanked_as_it_is(text: str, label: str) -> str:
    """Return the text without unencoded links and signed parts; as fast as a search."""
    if _SHORTEST not in text.encode("utf-8", "replace").translate(_ROWS):
        return text
    ours = secret_shapes.prover()
    signs = (match.span() for match in ADDRESS.finditer(text) if ours(match))
    links = secret_shapes.exact_links() if label == FILLED else secret_shapes.links()
    return _cut(text, label, (match.span() for match in links.finditer(text)), signs)


def may_show(content: bytes) -> bool:
    """Return whether `without_links` or `without_addresses` could find anything in a page. Very cheap for most
    pages."""
    rows = content.translate(_ROWS)
    at = rows.find(_SHORTEST)
    while at >= 0:
        if at == 0 or content[at - 1] not in _BEFORE_OTHERS or content.startswith(_TOKEN, at):
            return _shows(content)
        end = rows.find(b" ", at)
        at = rows.find(_SHORTEST, end) if end >= 0 else -1
    return False


_ROWS = bytes(120 if chr(code).isascii() and (chr(code).isalnum() or code in b"_-") else 32 for code in range(256))
# The signed part of an address is the shortest secret.
_SHORTEST = b"x" * 28
_TOKEN = TOKEN.encode()
_BEFORE_OTHERS = b"\"'= \n\t"


def _shows(content: bytes) -> bool:
    for needle, follows in secret_shapes.shown():
        at = content.find(needle)
        while at >= 0:
            if follows.match(content, at + len(needle)):
                return True
            at = content.find(needle, at + len(needle))
    return False


def for_logs(line: str) -> str:
    """Return a log line without secrets: paths that contain one are cut after their prefix."""
    line = secret_shapes.secret_ends().sub(lambda match: f"{match[1]}…", line)
    return without_addresses(BARE.sub("…", line))


def without_addresses(text: str, label: str = "…") -> str:
    """Return the text without signed parts of reply addresses, Message-IDs and return addresses."""
    ours = secret_shapes.prover()
    return ADDRESS.sub(lambda match: label if ours(match) else match.group(), text)


def secrets_in(text: str, *, codes: bool = True) -> set[str]:
    """Return everything that may be a secret: behind our paths, in any encoding, or bare; with `codes` also mailed
    codes."""
    secrets: set[str] = set()
    effort = Effort(len(text))
    for folded in _readings(text):
        secrets |= _candidates(folded)
        if codes and not folded.squeezed:
            secrets.update(CODE.findall(folded.text)[:_MOST_CODES])
    for variant in _unwrapped(text, effort):
        for folded in _readings(variant):
            secrets |= _candidates(folded)
            if codes:
                secrets.update(CODE.findall(folded.text)[:_MOST_CODES])
    return secrets


def _candidates(folded: Folded) -> set[str]:
    if folded.squeezed:
        return {match[1] for match in secret_shapes.behind_paths().finditer(folded.text)}
    candidates = set(BARE.findall(folded.text))
    for alone in ALONE.finditer(folded.text):
        candidates |= {alone["signature"], secret_shapes.signed_alone(alone) or alone["signature"]}
    if _has_word(folded.text):
        candidates.update(match[1] for match in secret_shapes.behind_paths().finditer(folded.text))
    return candidates


def _readings(text: str) -> Iterator[Folded]:
    """Yield the readings of the text; the last one without blanks, if a link may have been broken there."""
    last = Folded(text)
    for last in text_deobfuscation.readings(text):
        yield last
    if _has_word(text_deobfuscation.BLANK.sub("", text_deobfuscation.TAG.sub("", last.text))):
        yield text_deobfuscation.squeezed(last)


def _has_word(text: str) -> bool:
    return any(word in text for word in secret_shapes.words())


def _without_readable(text: str, label: str, pieces: "_Pieces") -> str:
    """Return the text without links and signed parts that are readable without decoding whole pieces."""
    readings = list(_readings(text))
    named = any(secret_shapes.path().search(folded.text) for folded in readings if _has_word(folded.text))
    links, signs = list[Span](), list[Span]()
    for folded in readings:
        links += [folded.place(*span) for span in _links_in(folded, named=named, exact=label == FILLED)]
        for match in chain(ADDRESS.finditer(folded.text), ALONE.finditer(folded.text)):
            if pieces.ours(match):
                place = folded.place(*match.span())
                (signs if text[slice(*place)] == match.group() else links).append(place)
        links += [span for run, span in _broken_runs(folded) if pieces.holds(run)]
    return _cut(text, label, links, signs)


def _links_in(folded: Folded, *, named: bool, exact: bool) -> Iterator[Span]:
    """Yield our links; if the text names a path of ours (`named`), also anything that may be its secret."""
    if folded.squeezed:
        yield from (
            match.span()
            for match in secret_shapes.behind_paths().finditer(folded.text)
            if secret_shapes.looks_random(match[1])
        )
        return
    yield from (match.span() for match in secret_shapes.bare_shape().finditer(folded.text))
    if named:
        pattern = secret_shapes.behind_paths() if folded.made or exact else secret_shapes.plain_links()
        yield from (match.span() for match in pattern.finditer(folded.text))
        yield from (
            match.span() for match in RANDOM_ALONE.finditer(folded.text) if secret_shapes.looks_random(match.group())
        )


def _broken_runs(folded: Folded) -> Iterator[tuple[str, Span]]:
    """Yield long runs of letters that are interrupted in the original text, with their spans."""
    for match in _RUN.finditer(folded.text) if folded.made and not folded.squeezed else ():
        begin, end = folded.place(*match.span())
        if end - begin != len(match.group()):
            yield match.group(), (begin, end)


def _cut(
    text: str,
    label: str,
    links: Iterable[Span],
    signs: Iterable[Span] = (),
    keep: Callable[[str], bool] = lambda link: False,
) -> str:
    """Replace links, keeping tags inside, and signed parts."""
    made, position = list[str](), 0
    sign = {IN_BYTES: "***", FILLED: FILLED}.get(label, "…")
    for begin, stop, label_there in sorted(
        [
            *((*span, label) for span in (set(links) if label == FILLED else _whole(text, links))),
            *((*span, sign) for span in set(signs)),
        ]
    ):
        if begin < position or keep(text[begin:stop]):
            continue
        made += [text[position:begin], _instead(label_there, text[begin:stop])]
        if label_there != FILLED:
            made += (tag.group() for tag in text_deobfuscation.TAG.finditer(text, begin, stop))
        position = stop
    return "".join(made) + text[position:] if made else text


def _whole(text: str, spans: Iterable[Span]) -> list[Span]:
    """Extend spans to whole links, without duplicates. Linear."""
    whole = list[Span]()
    for begin, end in sorted(spans):
        floor = whole[-1][1] if whole else 0
        if begin >= floor:
            whole.append((_start_of_link(text, begin, floor), _end_of_link(text, end)))
        elif end > floor:
            whole[-1] = whole[-1][0], _end_of_link(text, end)
    return whole


def _start_of_link(text: str, begin: int, floor: int) -> int:
    floor = max(floor, begin - 2000)
    while begin > floor and not _OUTSIDE.match(text[begin - 1]) and text[begin - 1] not in "([{":
        begin -= 1
    return begin


def _end_of_link(text: str, stop: int) -> int:
    last = min(len(text), stop + 4000)
    while stop < last and not _OUTSIDE.match(text[stop]) and text[stop] not in ")]}":
        stop += 1
    return stop


class _Pieces:
    """Tells whether pieces of text hide one of our links behind escapes or base64.

    Once the text's effort is used up, every suspicious piece counts as one.
    """

    def __init__(self, size: int) -> None:
        self.ours = secret_shapes.prover()
        self._effort = Effort(size)

    def holds(self, piece: str) -> bool:
        return any(self.tells(reading) for reading in _of_piece(piece, self._effort)) or self._effort.left < 0

    def tell(self, readings: Iterable[str]) -> bool:
        """Return whether one of these readings does."""
        return any(map(self.tells, readings))

    def tells(self, text: str) -> bool:
        """Return whether a decoded piece has a link of ours or a signed part."""
        return any(
            secret_shapes.links().search(folded.text) or any(map(self.ours, ADDRESS.finditer(folded.text)))
            for folded in _readings(text)
        )


def _of_piece(piece: str, effort: Effort) -> Iterator[str]:
    """Yield readings of a text without blanks: all of them if it mentions our words, otherwise those that may hide
    them."""
    for begin in range(0, max(1, len(piece) - _OVERLAP), _PIECE - _OVERLAP):
        part = piece[begin : begin + _PIECE]
        if secret_shapes.turned_marks().search(part) and effort.allows(part + part):
            yield from (part[::-1], codecs.encode(part, "rot13"))
        yield from (turned for turned in text_decoding.turned_back(part) if effort.allows(turned))
        if secret_shapes.marks().search(part) or text_decoding.is_all_escaped(part):
            yield from text_decoding.readings(part, effort)
        else:
            yield from text_decoding.hidden(part, effort)


def _joined(block: str) -> str:
    return re.sub(r"[\s>|]+", "", block)[:_LONGEST_BLOCK]


def _unwrapped(text: str, effort: Effort) -> Iterator[str]:
    """Yield decoded base64 blocks and escaped pieces, as far as the effort allows."""
    for pattern in text_decoding.ROWS:
        for match in pattern.finditer(text):
            yield from text_decoding.from_row(match)
    blocks = (_joined(match.group()) for match in _BLOCK.finditer(text))
    chunks = (match.group() for match in _chunk_of(text).finditer(text))
    runs = (run for folded in text_deobfuscation.readings(text) for run, _span in _broken_runs(folded))
    for piece in chain(blocks, chunks, runs):
        if effort.left < 0:
            return
        yield from _of_piece(piece, effort)

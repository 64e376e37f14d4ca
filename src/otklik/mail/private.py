"""Our own secrets in words and files: found in whatever wrapping, and blanked before anybody else reads them.

A secret is a link with power (`core.secret_links` reads them off the URL table), the signed part of a reply address or
Message-ID (`mail.tokens`), or that of a return address (`mail.returns`). Pure but for the keys that prove the last two.
"""

import base64
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate, chain, islice
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.secret_links import secret_paths
from otklik.mail import tokens, wrapped
from otklik.mail.returns import returned_mail

Proof = Callable[[re.Match[str]], bool]
IN_BYTES = "(personal-link)"
"""What stands for a secret where only ASCII may stand."""

_LONGEST_CHUNK, _LONGEST_BLOCK, _EPOCHS = 64 * 1024, 1024 * 1024, 20
_MOST_CODES, _MOST_PROVED, _MOST_UNWRAPPED = 50, 300, 20_000
# As they are written in addresses, and as mail programs, redirectors and proxies write them.
_SLASH = r"(?:/|%(?:25){0,3}2[Ff]|=2[Ff]|&#(?:47|x2[Ff]);|&sol;|\\/|\\u002[Ff]|-2F|_)"
_COLON = r"(?::|%(?:25){0,3}3[Aa]|=3[Aa]|&#(?:58|x3[Aa]);|&colon;|\\u003[Aa]|-3A)"
_DOT = r"(?:\.|%(?:25){0,3}2[Ee]|=2[Ee]|&#(?:46|x2[Ee]);)"
_SIGNED = rf"[0-9]{{1,12}}(?:{_DOT}[0-9]{{1,9}})?{_COLON}[A-Za-z0-9_-]{{43}}"
_RESET = r"[0-9A-Za-z]{1,13}-[0-9a-z]{4,13}-[0-9a-f]{32,64}"
_RANDOM = r"[A-Za-z0-9_-]{43}"
# What a mail program or a person may put into the midst of a link without ending it.
_BREAK = re.compile(
    r"=\r?\n|(?<![ \t\xa0])[ \t\xa0]*\r?\n[ \t\xa0>|]*|<(?:/?[a-z]|!--)[^<>]{0,500}>"
    r"|[\u200b-\u200f\u2060-\u2064\u00ad\ufeff]|&(?:shy|nbsp|ZeroWidthSpace|#(?:8203|173|160|x200[Bb]|x[Aa][Dd0]));",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"[\s<>\"'«»„“”]")
_CHUNK = re.compile(r"(?:\\'[0-9A-Fa-f]{2}|[^\s<>\"'«»„“”]){40,}")  # RTF writes bytes so
_BLOCK = re.compile(
    r"(?:^[ \t>|]*[A-Za-z0-9+/]{40,}={0,2}[ \t]*\r?(?:\n|\Z))+(?:^[ \t>|]*[A-Za-z0-9+/]{1,100}={0,2}[ \t]*\r?$)?",
    re.MULTILINE,
)
_PLUS = r"(?:(?<![0-9A-Za-z])|(?<=%2[Bb])|(?<=[=-]2B))"
_ADDRESS = re.compile(
    rf"{_PLUS}(?P<reply>1[0-9a-z]{{1,13}}[a-z2-7]{{26}})(?![0-9A-Za-z])"
    rf"|{_PLUS}(?P<bounce>b[0-9]{{1,18}}-[a-z2-7]{{26}})(?![0-9A-Za-z])",
    re.IGNORECASE | re.ASCII,
)


def blanked(text: str, label: str = "") -> str:
    """The text without our secrets: each link, as far as it goes, is «(личная ссылка)» (or `label`), the signed part of
    an address "…". HTML stays HTML. Time grows with the length alone."""
    if len(text) < 20:
        return text
    label = label or _("(personal link)")
    text = _without(text, label, (_broken_links(), _links()))
    ours = _prover()
    pieces = _Wrapped(ours)
    text = _BLOCK.sub(lambda found: f"{label}\n" if pieces.holds(_joined(found.group())) else found.group(), text)
    text = _CHUNK.sub(lambda found: label if pieces.holds(found.group()[:_LONGEST_CHUNK]) else found.group(), text)
    text = _without_broken_addresses(text, label, ours)
    sign = "…" if label != IN_BYTES else "***"
    return _ADDRESS.sub(lambda found: sign if ours(found) else found.group(), text)


def _without_broken_addresses(text: str, label: str, ours: Proof) -> str:
    """Signed parts across the ends of lines and other breaks; those without a break keep the address around them."""
    squeezed = _BREAK.sub("", text)
    if len(squeezed) == len(text):
        return text
    spans = _spread(text, [found.span() for found in _ADDRESS.finditer(squeezed) if ours(found)])
    return _cut(
        text, [(begin, end) for begin, end in spans if _BREAK.search(text, begin, end)], label, lambda link: False
    )


def blanked_all(value: Any) -> Any:
    """The same for every text in lists and dictionaries: what is written as JSON."""
    if isinstance(value, dict):
        return {key: blanked_all(one) for key, one in value.items()}
    if isinstance(value, list):
        return [blanked_all(one) for one in value]
    return blanked(value) if isinstance(value, str) else value


def without_links(text: str, label: str, keep: Callable[[str], bool] = lambda link: False) -> str:
    """The same for links that stand there as they are, for pages of ours, in a fraction of the time; `keep` says of a
    link whether it may stay."""
    return _without(text, label, (_plain_links(),), keep)


def may_show(content: bytes) -> bool:
    """Whether `without_links` or `without_addresses` may find anything in a page; most pages cost next to nothing."""
    for needle, follows in _shown():
        at = content.find(needle)
        while at >= 0:
            if follows.match(content, at + len(needle)):
                return True
            at = content.find(needle, at + len(needle))
    return False


def for_logs(line: str) -> str:
    """A line of log without secrets: of a path that bears one only its beginning stays, whatever the secret's shape."""
    line = _secret_ends().sub(lambda found: f"{found[1]}…", line)
    return without_addresses(_BARE.sub("…", line))


def without_addresses(text: str, label: str = "…") -> str:
    """The text without the signed parts of reply addresses, Message-IDs and return addresses."""
    ours = _prover()
    return _ADDRESS.sub(lambda found: label if ours(found) else found.group(), text)


def blanked_bytes(data: bytes) -> bytes:
    """Bytes of text in any encoding that keeps ASCII, or in UTF-16, without our secrets; all others as they are."""
    plain = data.decode("latin-1")
    cleaned = blanked(plain, IN_BYTES)
    if cleaned == plain and b"\0" in data:
        squeezed = data.replace(b"\0", b"").decode("latin-1")
        cleaned = IN_BYTES if blanked(squeezed, IN_BYTES) != squeezed else plain
    return data if cleaned == plain else cleaned.encode("latin-1", "replace")


def secrets_in(text: str) -> set[str]:
    """Everything in the text that may be a secret by itself: behind our paths, in whatever wrapping, or bare; and what
    may be a mailed code."""
    found: set[str] = set()
    for variant in _all_variants(text):
        joined = _BREAK.sub("", variant)
        for one in (variant, joined):
            found.update(_BARE.findall(one))
            found.update(_CODE.findall(one)[:_MOST_CODES])
            found.update(match.group(1) for match in _behind_paths().finditer(one))
    return found


# Eight digits, in whatever groups they are written.
_CODE = re.compile(r"(?<![0-9-])[0-9](?:[ -]?[0-9]){7}(?![0-9-])")
_BARE = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_RANDOM}|{_RESET}|{_SIGNED})(?![A-Za-z0-9_-])", re.ASCII)


@cache
def _path() -> str:
    paths = "|".join(re.escape(path).replace("/", _SLASH) for path in secret_paths())
    return rf"(?:{paths})"


@cache
def _shown() -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """What stands in a page that holds one of our links or signed addresses, and what follows it there."""
    words = sorted({path.rstrip("/").rpartition("/")[2] for path in secret_paths()})
    slash, signed = re.compile(_SLASH.encode()), re.compile(rb"[0-9A-Za-z]{27}")
    return (
        *((word.encode(), slash) for word in words),
        *((mark, signed) for mark in (b"+1", b"lt;1", b"2B1", b"2b1")),
        *((mark, re.compile(rb"[0-9]{1,18}-")) for mark in (b"+b", b"+B", b"2Bb", b"2bb")),
    )


@cache
def _plain_links() -> re.Pattern[str]:
    return re.compile(rf"{_path()}[A-Za-z0-9%&=#;._:-]{{6,}}", re.ASCII)


@cache
def _secret_ends() -> re.Pattern[str]:
    return re.compile(rf"({_path()})[^\s\"'<>|,)\]}}]+")


@cache
def _links() -> re.Pattern[str]:
    bare = rf"(?<![A-Za-z0-9._-])(?:{_SIGNED}|{_RESET})(?![A-Za-z0-9_-])"
    return re.compile(rf"{_plain_links().pattern}|{bare}", re.ASCII)


@cache
def _marks() -> re.Pattern[str]:
    """What stands in a text that holds one of our links: the last word of its path, as it is, in base64 or in hex.

    Only where one of these is found a text is unwrapped, so that others cost little.
    """
    words = {path.rstrip("/").rpartition("/")[2] for path in secret_paths()}
    forms = {form for word in words for form in (word, word.encode().hex(), *base64_forms(word))}
    return re.compile("|".join(re.escape(form) for form in sorted(forms)))


def base64_forms(word: str) -> Iterator[str]:
    """The letters that the word makes in base64, for each place where it may begin."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + word.encode()).decode()
        yield text[(before * 8 + 5) // 6 : (before + len(word)) * 8 // 6]


@cache
def _broken_links() -> re.Pattern[str]:
    return re.compile(rf"{_path()}(?:{_SIGNED}|{_RESET}|{_RANDOM})", re.ASCII)


@cache
def _behind_paths() -> re.Pattern[str]:
    return re.compile(rf"{_path()}({_SIGNED}|{_RESET}|{_RANDOM})", re.ASCII)


def _without(
    text: str, label: str, patterns: tuple[re.Pattern[str], ...], keep: Callable[[str], bool] = lambda link: False
) -> str:
    """Each match goes, with all of the link around it. All patterns but the last one look across breaks."""
    for pattern in patterns[:-1]:
        squeezed = _BREAK.sub("", text)
        if len(squeezed) != len(text):
            text = _cut(text, _spread(text, [found.span() for found in pattern.finditer(squeezed)]), label, keep)
    return _cut(text, [found.span() for found in patterns[-1].finditer(text)], label, keep)


def _spread(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in the text without breaks as places in the text with them."""
    gaps = [found.span() for found in _BREAK.finditer(text)] if spans else []
    gone = [0, *accumulate(stop - begin for begin, stop in gaps)]
    edges = [begin - gone[number] for number, (begin, _stop) in enumerate(gaps)]
    return [
        (start + gone[bisect_right(edges, start)], end + gone[bisect_right(edges, end - 1)]) for start, end in spans
    ]


def _cut(text: str, spans: list[tuple[int, int]], label: str, keep: Callable[[str], bool]) -> str:
    if not spans:
        return text
    made, position = [], 0
    for found, end in spans:
        if found < position:
            continue
        begin, stop = _start_of_link(text, found, position), _end_of_link(text, end)
        if keep(text[begin:stop]):
            continue
        made += [text[position:begin], label]
        position = stop
    return "".join(made) + text[position:]


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


def _readings(text: str) -> Iterator[str]:
    """What a text without blanks reads as: all that it may, where a word of ours shows; else where it hides words."""
    if _marks().search(text) or wrapped.is_all_escaped(text):
        return wrapped.readings(text)
    return wrapped.hidden(text)


class _Wrapped:
    """Says whether one of our links stands in a piece of text behind escapes, as redirectors and scanners write them,
    or in lines of base64. After _MOST_UNWRAPPED in one text all others that may hold one do."""

    def __init__(self, ours: Proof) -> None:
        self._ours = ours
        self._left = _MOST_UNWRAPPED

    def holds(self, piece: str) -> bool:
        for one in _readings(piece):
            self._left -= 1
            if self._left < 0 or _tells(one, self._ours):
                return True
        return False


def _joined(block: str) -> str:
    return re.sub(r"[\s>|]+", "", block)[:_LONGEST_BLOCK]


def _tells(text: str, ours: Proof) -> bool:
    return _links().search(text) is not None or any(ours(found) for found in _ADDRESS.finditer(text))


def _prover() -> Proof:
    """Says of what has the shape of a signed part whether we signed it; each proof costs some hashes. After
    _MOST_PROVED in one text all others count as ours, so that nobody hides one behind many."""
    known: dict[str, bool] = {}

    def is_ours(found: re.Match[str]) -> bool:
        said = found.group()
        if said not in known:
            known[said] = len(known) >= _MOST_PROVED or _is_ours(found)
        return known[said]

    return is_ours


def _is_ours(found: re.Match[str]) -> bool:
    if found["bounce"]:
        return returned_mail(f"x+{found['bounce']}@x") is not None
    participant = tokens.participant_of(found["reply"])
    return participant is not None and any(
        tokens.is_genuine(found["reply"], participant, epoch) for epoch in range(1, _EPOCHS)
    )


def _all_variants(text: str) -> Iterator[str]:
    """The text as it is, with its base64 blocks and its wrapped pieces as they read when unwrapped; so many of them."""
    yield text
    blocks = (_joined(found.group()) for found in _BLOCK.finditer(text))
    chunks = (found.group()[:_LONGEST_CHUNK] for found in _CHUNK.finditer(text))
    yield from islice(chain.from_iterable(map(_readings, chain(blocks, chunks))), _MOST_UNWRAPPED)

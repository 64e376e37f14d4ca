"""Decode text with pieces in another charset, such as a gateway's footer or a pasted line.

What fits is read as it is declared; what does not fit is guessed alone, so that one wrong piece spoils nothing else.
Time grows with the length; only so many pieces are guessed.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import groupby, islice

from otklik.mail.parse import budget, cyrillic

LONGEST = 1024 * 1024
_MOST_GUESSES = 50
_MOST_PIECES = 20_000
_SAMPLE = 1024
# A line, or what stands before a tag: HTML is often one long line.
_PIECE = re.compile(rb"[\n<]?[^\n<]*")
_RUN = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile(rb"[\x80-\xff]{4}")
_ASCII = bytes(range(128))
# Letters and signs that people write here. Bytes of another charset that happen to be UTF-8 become stranger ones.
_USUAL = re.compile("[\u00a0-\u017f\u0400-\u052f\u2010-\u2044\u20a0-\u2122]{2,}")
_SURE_WORD = re.compile("[\u0410-\u044f\u0451]{4,}")
# Dashes, quotes, the number sign: the same in the Cyrillic and the western charset of Windows, but for the last.
_SIGNS = b"\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xab\xb9\xbb"
_LOST = "\ufffd"
_SMALL = {
    codec: bytes(byte for byte in range(128, 256) if bytes([byte]).decode(codec, "replace") in cyrillic.LETTERS)
    for codec in cyrillic.CANDIDATES
}
_VAGUE = frozenset({"ascii", "utf_8", "cp1252", "latin_1"})
# One letter in several bytes, some of which look like ASCII: only a whole piece can be read.
_WIDE = frozenset({"gb18030", "big5", "big5hkscs", "cp949", "cp932", "euc_jp", "johab"})


def decode(data: bytes, codec: str | None, hint: str | None) -> str | None:
    """Decode bytes that are partly UTF-8; None if no part is.

    `codec`: the declared charset of the rest, None if undeclared; `hint`: the neighbours' charset.
    """
    if len(data) > LONGEST or not _may_be_cut(data) or not _has_utf8(data, wide=codec in _WIDE):
        return None
    pieces = [(piece, _utf8(piece)) for piece in _pieces(data)]
    guess = _Guess(codec, hint)
    return "".join(
        text
        for bad, group in groupby(pieces, key=lambda piece: piece[1] is None)
        for text in (
            _mended(b"".join(piece for piece, _ in group), guess) if bad else (read or "" for _, read in group)
        )
    )


def _may_be_cut(data: bytes) -> bool:
    """Return whether the budget allows decoding so many words and lines one by one."""
    return budget.allows(budget.Work.PIECES, data.count(b"\n") + data.count(b"<") + len(_RUN.findall(data)))


def _pieces(data: bytes) -> list[bytes]:
    """Return the lines of the data; beyond a limit the rest is one piece."""
    pieces = [match.group() for match in islice(_PIECE.finditer(data), _MOST_PIECES)]
    return [*pieces, data[sum(map(len, pieces)) :]]


def by_pieces(data: bytes, codec: str) -> str:
    """Decode text in a single-byte charset, except for pieces that are Russian in another one."""
    if len(data) > LONGEST or not _WORD.search(data) or not _may_be_cut(data):
        return data.decode(codec, "replace")
    out, left = list[str](), _MOST_GUESSES
    for piece in _pieces(data):
        suspicious = left > 0 and _is_suspicious(piece, codec)
        left -= suspicious
        out.append(piece.decode((suspicious and _other(piece[:_SAMPLE], codec)) or codec, "replace"))
    return "".join(out)


def _utf8(piece: bytes) -> str | None:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _high(piece: bytes) -> bytes:
    return piece.translate(None, _ASCII)


def _has_utf8(data: bytes, *, wide: bool) -> bool:
    """Return whether some of the bytes are certainly UTF-8."""
    sure = _SURE_WORD if wide else _USUAL
    runs = (_utf8(run.group()) for run in _RUN.finditer(data) if len(run.group()) > 3)
    return any(text is not None and sure.fullmatch(text) for text in runs)


class _Guess:
    """The charset of pieces that are not UTF-8; the last answer is reused for short pieces."""

    def __init__(self, codec: str | None, hint: str | None) -> None:
        self._declared = codec if codec not in _VAGUE else None
        self._last = self._declared or (hint if hint not in _VAGUE else None)
        self._left = _MOST_GUESSES

    def charset(self, sample: bytes) -> str:
        self._left -= 1
        if self._left >= 0 and len(_high(sample)) >= 3:
            if self._declared in cyrillic.CANDIDATES:
                self._last = cyrillic.better(sample, self._declared)
            elif self._declared is None and (russian := cyrillic.reads_russian(sample)):
                self._last = russian
            elif self._declared is None and cyrillic.beside_latin(sample) > 0.3:
                return "cp1252"
        return self._last or "cp1251"


def _mended(piece: bytes, guess: _Guess) -> Iterator[str]:
    """Decode a piece that is not UTF-8 as a whole: UTF-8 words stay, the rest is guessed together."""
    rest = _RUN.sub(lambda run: b" " if _utf8(run.group()) is not None else run.group(), piece)
    codec = guess.charset(rest[:_SAMPLE])
    if codec in _WIDE:
        yield piece.decode(codec, "replace")
        return
    end, alone = 0, len(_high(rest).translate(None, _SIGNS)) == 1
    for run in _RUN.finditer(piece):
        yield piece[end : run.start()].decode("ascii")
        end = run.end()
        yield _word(run.group(), codec, alone=alone)
    yield piece[end:].decode("ascii")


def _word(run: bytes, codec: str, *, alone: bool) -> str:
    """Decode adjacent bytes. `alone`: nothing else nearby is wrong, so one byte is a truncated letter."""
    as_utf8 = run.decode("utf-8", _HANDLER)
    lost = as_utf8.count(_LOST)
    if _utf8(run) is not None or len(run.decode("utf-8", "ignore")) >= max(2, 2 * lost):
        return as_utf8
    return as_utf8 if alone and len(run.translate(None, _SIGNS)) == 1 else run.decode(codec, "replace")


def _sign(error: UnicodeError) -> tuple[str, int]:
    """Return the replacement of invalid bytes: a Windows punctuation mark, else U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return (wrong.decode("cp1251") if wrong in _SIGNS and len(wrong) == 1 else _LOST), error.end


_HANDLER = "otklik-signs"
codecs.register_error(_HANDLER, _sign)


def _is_suspicious(piece: bytes, codec: str) -> bool:
    """Return whether a piece does not look like `codec` at first sight."""
    if not _WORD.search(piece):
        return False
    high = _high(piece[:_SAMPLE])
    if codec not in cyrillic.CANDIDATES:
        return len(high) >= 8
    return len(high) >= 6 and len(high.translate(None, _SMALL[codec])) * 7 >= len(high)


def _other(sample: bytes, codec: str) -> str | None:
    """Return the Cyrillic charset of a piece that is not in `codec`."""
    if codec not in cyrillic.CANDIDATES:
        return cyrillic.reads_russian(sample)
    best_codec, bits = cyrillic.best(sample)
    enough = max(cyrillic.likeness(sample, codec) + 15, len(_high(sample)) / 2)
    return best_codec if best_codec != codec and bits > enough else None

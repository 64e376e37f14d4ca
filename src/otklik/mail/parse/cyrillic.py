"""Detect Cyrillic charsets by letter frequencies of Russian and neighbouring languages.

Russian mail lies about its charset in every direction (KOI8-R sent as windows-1251, windows-1251 sent as
ISO-8859-1), and the charsets map the same bytes to letters that are all Cyrillic. Letter frequencies and the
place of capitals tell them apart.
"""

import re
from functools import lru_cache
from math import log2

from otklik.mail.parse import budget, letter_pairs, limits

CANDIDATES = ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "koi8_u")
# Bits that a charset must be better by: its small letters are those of cp1251, and hardly anybody writes it.
_RARE = {"mac_cyrillic": 6.0}
# The same where there are a few letters only.
_UNLIKELY = {"cp1251": 0.0, "koi8_r": 3.0, "cp866": 9.0, "iso8859_5": 9.0}
_FREQUENCY = {
    "о": 10.9,
    "е": 8.4,
    "а": 8.0,
    "и": 7.4,
    "н": 6.7,
    "т": 6.3,
    "с": 5.5,
    "р": 4.7,
    "в": 4.5,
    "л": 4.3,
    "к": 3.5,
    "м": 3.2,
    "д": 3.0,
    "п": 2.8,
    "у": 2.6,
    "я": 2.0,
    "ы": 1.9,
    "ь": 1.7,
    "г": 1.7,
    "з": 1.6,
    "б": 1.6,
    "ч": 1.4,
    "й": 1.2,
    "х": 1.0,
    "ж": 0.9,
    "ш": 0.7,
    "ю": 0.6,
    "ц": 0.5,
    "щ": 0.4,
    "э": 0.3,
    "ф": 0.3,
    "ъ": 0.04,
    "ё": 0.1,
    "і": 2.5,
    "ї": 0.6,
    "є": 0.5,
    "ґ": 0.02,
    "ә": 0.3,
    "ғ": 0.2,
    "қ": 0.4,
    "ң": 0.2,
    "ө": 0.1,
    "ұ": 0.1,
    "ү": 0.1,
    "ў": 0.4,
}
_SIGNS = set("«»—–…№“”„’\xa0·•©®°")
_LETTER = {letter: log2(share * 33 / 100) for letter, share in _FREQUENCY.items()}
LETTERS = frozenset(_FREQUENCY)
"""The small letters of Russian and its neighbours."""
_WORD = re.compile(r"[А-Яа-яЁёІіЇїЄєҐґ]+")
_ASCII = bytes(range(128))
_HIGH = re.compile(rb"[\x80-\xff]")
_TELLING = re.compile(rb"[\x00-\x7f]?[\x80-\xff]+")
_RUN = re.compile(rb"[\xc0-\xff]+")
_ENOUGH = 12
_LONG_WORD, _WORD_OF_PAIRS, _MANY = 6, 5, 60
# For each letter, that what follows what reads like Russian.
_BITS = 0.4
_BESIDE_LATIN = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")


def high_bytes(sample: bytes) -> int:
    """The number of non-ASCII bytes."""
    return len(sample.translate(None, _ASCII))


def beside_latin(sample: bytes) -> float:
    """Return the share of non-ASCII bytes that touch a Latin letter: near 1 in French or German, near 0 in Russian."""
    first = _HIGH.search(sample)
    window = sample[max(0, first.start() - 1) :][: 2 * limits.WEIGHED_BYTES] if first else b""
    return len(_BESIDE_LATIN.findall(window)) / max(1, high_bytes(window))


def _are_words(sample: bytes) -> bool:
    """Return whether the non-ASCII bytes form whole words, as in no western language."""
    runs = _RUN.findall(sample)
    size = len(b"".join(runs))
    return size >= max(_ENOUGH, 3 * len(runs)) and not _BESIDE_LATIN.search(sample)


def _spelt(weighed: bytes) -> str | None:
    """Return the charset in which all non-ASCII bytes are Russian or Ukrainian words with correct capitalization.

    For short texts, where letter frequencies tell little.
    """
    spelt = (codec for codec in _UNLIKELY if _is_spelt(weighed.decode(codec, "replace"), codec))
    return max(spelt, key=lambda codec: likeness(weighed, codec) - _UNLIKELY[codec], default=None)


def _is_spelt(read: str, codec: str) -> bool:
    # Signs alone: the western charset of Windows has the same ones, but for the number sign.
    words = _WORD.findall(read)
    signs = {char for char in _WORD.sub(" ", read) if char >= "\x80"}
    cased = all(word in {word.lower(), word.upper(), word.capitalize()} for word in words)
    is_readable = any(len(word) > 1 for word in words) or (not words and codec == "cp1251")
    return is_readable and cased and signs <= _SIGNS


def likeness(sample: bytes, codec: str) -> float:
    """Return how much the sample reads like Russian in a charset, in bits; above 0 is more than chance."""
    total, before = 0.0, " "
    for char in sample.decode(codec, "replace"):
        if char >= "\x80":
            total += _weight(char, before)
        before = char
    return total


@lru_cache(maxsize=65_536)
def _weight(char: str, before: str) -> float:
    low = char.lower()
    if low not in _LETTER:
        return -0.5 if (char in _SIGNS and not before.isalpha()) or char in "»”…,." else -5.0
    weight = _LETTER[low]
    if char == low:
        return (
            weight
            if not (before >= "\x80" and before.isalpha() and before.isupper() and low == before.lower())
            else weight - 1
        )
    if before.isalpha() and before.islower():
        return -5.0
    return weight - 0.15


def telling(sample: bytes) -> bytes:
    """The part of a sample that is weighed: its non-ASCII bytes, each run with the byte before it.

    Cut to what is left of the mail's budget for weighing; empty once that is used up.
    """
    pieces, size = [], 0
    for match in _TELLING.finditer(sample):
        pieces.append(match.group())
        size += len(pieces[-1])
        if size >= limits.WEIGHED_BYTES:
            break
    weighed = b"".join(pieces)[: limits.WEIGHED_BYTES]
    return weighed if budget.allows(budget.Work.SNIFFED, len(weighed)) else b""


def best(weighed: bytes) -> tuple[str, float]:
    """Return the Cyrillic charset that fits best, and its likeness in bits."""
    return max(
        ((codec, likeness(weighed, codec)) for codec in CANDIDATES), key=lambda pair: pair[1] - _RARE.get(pair[0], 0)
    )


def better(sample: bytes, codec: str) -> str:
    """Return the labelled charset, or another Cyrillic one if that is a thousand times more likely.

    For short texts a factor of sixty is enough if they form whole, correctly capitalized words in the other charset,
    but only with a long word and not against the bigrams: abbreviations are rare sequences by nature.
    """
    weighed = telling(sample)
    own = likeness(weighed, codec)
    best_codec, bits = best(weighed)
    speaks = bits > own + 10 and bits > 0
    runs = _RUN.findall(weighed)
    if len(b"".join(runs)) > _MANY:
        return best_codec if speaks else codec
    longest = max(map(len, runs), default=0)
    speaks |= longest >= _LONG_WORD and bits > own + 6 and _is_spelt(weighed.decode(best_codec, "replace"), best_codec)
    candidates = {*_UNLIKELY, best_codec, codec}
    pairs = {name: letter_pairs.likeness(weighed.decode(name, "replace")) for name in candidates}
    if speaks and pairs[best_codec] > pairs[codec]:
        return best_codec
    return _better_by_pairs(weighed, pairs, codec) if longest >= _WORD_OF_PAIRS else codec


def _better_by_pairs(weighed: bytes, pairs: dict[str, float], codec: str) -> str:
    best_codec = max(pairs, key=pairs.__getitem__)
    is_russian = pairs[best_codec] > _BITS * high_bytes(weighed)
    is_other = (
        is_russian
        and pairs[best_codec] > pairs[codec] + 10
        and _is_spelt(weighed.decode(best_codec, "replace"), best_codec)
    )
    return best_codec if is_other else codec


def reads_russian(sample: bytes) -> str | None:
    """Return the Cyrillic charset of bytes that are certainly Russian, otherwise None.

    Once the budget is used up, it is that of the previous text.
    """
    if not high_bytes(sample) or beside_latin(sample) > 0.2:
        return None
    weighed = telling(sample)
    if not weighed:
        return budget.spent().russian
    best_codec, bits = best(weighed)
    certain = bits > 0.25 * high_bytes(weighed) or (bits > 0 and _are_words(weighed))
    russian = best_codec if certain else _spelt(weighed)
    budget.spent().russian = russian
    return russian

"""Normalize text to Unicode NFC in linear time, also with piles of combining marks.

Composing sorts the marks above and below one letter, which takes time in the square of their number, and a sender may
pile up a million. The Stream-Safe Text Format (UAX #15, section 13) allows thirty.
"""

import re
import unicodedata
from functools import lru_cache

_MARKS = 30
_LAST_MARK = 0x1FFFF
# A cheap pre-check: a long run without Latin, Greek or Cyrillic characters, which may consist of marks.
_PERHAPS_A_PILE = re.compile(rf"[^\x00-\u02ff\u0370-\u0482\u048a-\u0590]{{{_MARKS + 1}}}")


def composed(text: str) -> str:
    """Return the text in NFC, with at most thirty combining marks in a row, in linear time."""
    if text.isascii():
        return text
    if _PERHAPS_A_PILE.search(text):
        text = _piles().sub(r"\1", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=1)
def _piles() -> re.Pattern[str]:
    """Return a pattern for runs of more than thirty combining marks."""
    marks = [code for code in range(_LAST_MARK) if unicodedata.combining(chr(code))]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    some = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
    return re.compile(rf"([{some}]{{{_MARKS}}})[{some}]++")

"""Codes of what a limit cut from a mail (worded in ui.cut_notices)."""

from collections.abc import Iterable
from typing import Final

from otklik.mail.parse import limits

# Words of a remark of the parser -> what it left out.
REMARKS: Final = {
    "the HTML is too large": "html",
    "more parts than are read": "parts",
    "parts nested too deep": "parts",
    "headers over the limit": "head",
    "more attachments stay": "files",
    "not all headers": "head",
    "not all mails inside": "parts",
    "a boundary were not all": "parts",
    "missing boundaries": "parts",
    "not everything inside": "parts",
    "the charset of some texts": "letters",
    "not all of its text": "text",
    "not all files in its text": "files",
    "a file in its text is broken": "broken",
}
OTHER: Final = "other"


def cuts_of(remarks: Iterable[str], *, text: str, size: int, addressees: int, truncated: bool) -> tuple[str, ...]:
    """Return codes of what was left out, without duplicates; empty if everything was read.

    `remarks`: the parser's. `text`: the whole readable text. `size`: of the mail in bytes. `addressees`: how many were
    read of the longest field. `truncated`: something else was left out.
    """
    codes = [code for remark in remarks for remark_text, code in REMARKS.items() if remark_text in remark]
    codes += ["size"] * (size > limits.RAW_BYTES) + ["text"] * (len(text) > limits.TEXT_CHARS)
    codes += ["people"] * (addressees >= limits.ADDRESSES)
    return tuple(dict.fromkeys(codes)) or ((OTHER,) if truncated else ())

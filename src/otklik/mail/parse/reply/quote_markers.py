"""Unusual quote markers, detected by comparison with known texts; and banners that gateways add."""

import re
from collections.abc import Sequence

from otklik.mail.parse.reply.known_text import Known

_LONGEST_BANNER, _MOST_BANNER_LINES = 500, 8
_LEAST_LINES = 3
_SIGN = re.compile(r"[ \t]{0,4}([^\w\s<>(){}\[\]\"'«“„.,;!?]{1,2}>?)(?=[ \t\w—–(«\"-]|\Z)")
# List bullets count as a quotation sign only if the very first quoted line has one as well.
_OF_LISTS = frozenset("-—–*•+")
_OUTSIDE = re.compile(
    r"\bextern|\boutside\b|unknown sender|\bвнешн|\bсторонн|незнаком\w{0,6} отправит|за пределами|\bизвне\b|зовнішн"
    r"|сырттан",
    re.I,
)
_CARE = re.compile(
    r"\b(?:caution|warning|attention|beware|careful|originated|recogni[sz]e|sender|organi[sz]ation|links?|attachments?"
    r"|vorsicht|achtung|absender|links|anhänge|prudence|expéditeur)\b"
    r"|\b(?:вниман|осторож|предупрежд|отправител|организац|компани|получен|ссылк|вложен|увага|посилан|назар)",
    re.I,
)
_FORBIDS = re.compile(
    r"\b(?:do not|don't|never|не|нельзя|nicht|ne pas)\s+"
    r"(?:click|open|reply|respond|переходите|открывайте|нажимайте|отвечайте|переходить|открывать|klick|öffn|cliqu)",
    re.I,
)
_OBJECTS = re.compile(r"\b(?:links?|attachments?|anh[äa]ng|liens?)\b|\b(?:ссылк|вложен|файл|посилан|вкладен)", re.I)


def is_banner(lines: Sequence[str]) -> bool:
    """Whether lines are just a gateway's banner: that the mail is from outside, or a warning of links and files."""
    joined = " ".join(lines)
    if not 0 < len(joined) <= _LONGEST_BANNER or len(lines) > _MOST_BANNER_LINES or "?" in joined:
        return False
    care = _CARE.search(joined) is not None
    return (_OUTSIDE.search(joined) is not None and care) or (
        _FORBIDS.search(joined) is not None and _OBJECTS.search(joined) is not None
    )


def sign_of(lines: Sequence[str], known: Known) -> str:
    """The sign other than `>` that marks quoted lines of the known texts; "" if there is none.

    At least three lines, and a third of all lines that begin with the sign, must be lines of the known texts.
    """
    total, quoting, first = dict[str, int](), dict[str, int](), set[str]()
    for line in lines:
        match = _SIGN.match(line)
        rest = line[match.end() :].strip() if match else ""
        if match is None or not rest:
            continue
        total[match[1]] = total.get(match[1], 0) + 1
        if known.has_line(rest) and not known.has_line(line.strip()):
            quoting[match[1]] = quoting.get(match[1], 0) + 1
            first.update([match[1]] if rest == known.first else [])
    best = max(quoting, key=lambda sign: quoting[sign], default="")
    if not best or quoting[best] < _LEAST_LINES or quoting[best] * 3 < total[best]:
        return ""
    return best if best in first or not _OF_LISTS & set(best) else ""


def with_usual_sign(line: str, sign: str) -> str:
    """The line with `>` in place of the sign, and unchanged if it does not begin with the sign."""
    bare = line.lstrip(" \t")
    return ">" + bare.removeprefix(sign) if bare.startswith(sign) else line

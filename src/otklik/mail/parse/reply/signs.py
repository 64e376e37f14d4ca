"""Signs of quotation that only the known text gives away, and what gateways write into quotations."""

import re
from collections.abc import Sequence

from otklik.mail.parse.reply.known import Known

_LONGEST_BANNER, _MOST_BANNER_LINES = 500, 8
_LEAST_LINES = 3
_SIGN = re.compile(r"[ \t]{0,4}([^\w\s<>(){}\[\]\"'«“„.,;!?]{1,2}>?)(?=[ \t\w—–(«\"-]|\Z)")
# What lists begin with is a sign only where it stands before the very first line, too.
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
    """Whether some lines say no more than that a mail came from outside, or warn of its links and files."""
    joined = " ".join(lines)
    if not 0 < len(joined) <= _LONGEST_BANNER or len(lines) > _MOST_BANNER_LINES or "?" in joined:
        return False
    care = _CARE.search(joined) is not None
    return (_OUTSIDE.search(joined) is not None and care) or (
        _FORBIDS.search(joined) is not None and _OBJECTS.search(joined) is not None
    )


def sign_of(lines: Sequence[str], known: Known) -> str:
    """The sign other than `>` that stands before lines of the known texts; "" where there is none.

    It counts from three lines on, and where most lines that bear it are such.
    """
    borne, meant, first = dict[str, int](), dict[str, int](), set[str]()
    for line in lines:
        match = _SIGN.match(line)
        rest = line[match.end() :].strip() if match else ""
        if match is None or not rest:
            continue
        borne[match[1]] = borne.get(match[1], 0) + 1
        if known.has_line(rest) and not known.has_line(line.strip()):
            meant[match[1]] = meant.get(match[1], 0) + 1
            first.update([match[1]] if rest == known.first else [])
    best = max(meant, key=lambda sign: meant[sign], default="")
    if not best or meant[best] < _LEAST_LINES or meant[best] * 3 < borne[best]:
        return ""
    return best if best in first or not _OF_LISTS & set(best) else ""


def with_usual_sign(line: str, sign: str) -> str:
    """The line with `>` in place of this sign."""
    bare = line.lstrip(" \t")
    return ">" + bare.removeprefix(sign) if bare.startswith(sign) else line

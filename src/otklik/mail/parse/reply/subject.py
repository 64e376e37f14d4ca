"""Words that an answer's subject adds to the subject that is known."""

import re
from collections.abc import Iterable

from otklik.mail.parse.reply import phrases
from otklik.mail.parse.reply.known_text import letters

_LONGEST = 1000
_PREFIXES = (
    "re", "rе", "ре", "aw", "sv", "vs", "vá", "odp", "отв", "ответ", "ha", "hа", "нa", "res", "rif", "ref", "ynt",
    "antw", "antwort", "reply", "жауап", "відповідь", "was", "было", "war", "fwd", *phrases.FORWARD_SUBJECTS,
)  # fmt: skip
_PREFIX = rf"(?:{'|'.join(map(re.escape, _PREFIXES))})(?: ?[\[(^]?\d{{1,3}}[\])]?)? ?[:：]"
_BEGINS = re.compile(
    rf"{_PREFIX}|[\[({{<*]{{1,5}} ?(?:ext|spam|внешн|спам|подозр)[^\])}}>*]{{0,40}}[\])}}>*]{{1,5}}", re.I
)
_PREFIX_LAST = re.compile(rf"(?<!\w){_PREFIX}\Z", re.I)
_ROUND = " -—–:;,.|/()[]…"
_MARKS = "!?\"'«»“”*#_"
_WORD = re.compile(r"\w{1,200}")


def new_subject(subject: str, known: Iterable[str], key: str) -> str:
    """Return what a reply's subject adds to the known ones, "" if nothing.

    `key`: the ticket's. `Re:` prefixes, gateways' tags and truncated known subjects are not new.
    """
    bare = _without_prefixes(" ".join(subject[:_LONGEST].split()))
    texts = sorted(
        {_without_prefixes(" ".join(known_subject[:_LONGEST].split())) for known_subject in known},
        key=len,
        reverse=True,
    )
    for text in texts:
        if (span := _find(text, bare)) is not None:
            return _joined(bare[: span[0]], bare[span[1] :])
    if any(letters(text).startswith(letters(bare)) for text in (*texts, key) if letters(bare)):
        return ""
    span = _find(key, bare)
    return _joined(bare[: span[0]], bare[span[1] :]) if span else _joined(bare, "")


def _find(text: str, subject_text: str) -> tuple[int, int] | None:
    """Return where the words of `text` occur in the subject, with the punctuation after them."""
    patterns = [re.escape(word) for word in _WORD.findall(text)]
    if not patterns:
        return None
    match = re.search(r"(?<!\w)" + r"\W{0,9}".join(patterns) + r"(?!\w)", subject_text, re.I)
    if match is None:
        return None
    signs = text[[*_WORD.finditer(text)][-1].end() :]
    return match.start(), match.end() + len(signs) * subject_text.startswith(signs, match.end())


def _joined(before: str, after: str) -> str:
    before = _without_prefixes(_stripped_back(before)).strip(" -—–|/([")
    joined = " ".join(filter(None, (before, after.strip(_ROUND))))
    return joined if joined.strip(_ROUND + _MARKS) else ""


def _without_prefixes(line: str) -> str:
    line = line.strip()
    while (match := _BEGINS.match(line)) is not None:
        line = line[match.end() :].lstrip()
    return line


def _stripped_back(line: str) -> str:
    """Remove a trailing `Re:` that led to a known subject."""
    line = line.rstrip(" ([")
    while (match := _PREFIX_LAST.search(line)) is not None:
        line = line[: match.start()].rstrip(" ([")
    return line

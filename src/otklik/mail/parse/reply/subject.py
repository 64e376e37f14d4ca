"""Words that an answer's subject adds to the subject that is known."""

import re
from collections.abc import Iterable

from otklik.mail.parse.reply import phrases
from otklik.mail.parse.reply.known import letters

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
    """What a subject says beyond the known ones, "" where that is nothing.

    Args: subject, of the answer; known, of the mails that it may answer; key, of the request.
    `Re:` and its likes, marks of gateways and a known subject that was cut short are not new.
    """
    said = _without_prefixes(" ".join(subject[:_LONGEST].split()))
    texts = sorted({_without_prefixes(" ".join(one[:_LONGEST].split())) for one in known}, key=len, reverse=True)
    for text in texts:
        if (found := _find(text, said)) is not None:
            return _joined(said[: found[0]], said[found[1] :])
    if any(letters(one).startswith(letters(said)) for one in (*texts, key) if letters(said)):
        return ""
    found = _find(key, said)
    return _joined(said[: found[0]], said[found[1] :]) if found else _joined(said, "")


def _find(text: str, said: str) -> tuple[int, int] | None:
    """Where the words of a text stand in what was said, with the signs behind them."""
    words = [re.escape(one) for one in _WORD.findall(text)]
    if not words:
        return None
    found = re.search(r"(?<!\w)" + r"\W{0,9}".join(words) + r"(?!\w)", said, re.I)
    if found is None:
        return None
    signs = text[[*_WORD.finditer(text)][-1].end() :]
    return found.start(), found.end() + len(signs) * said.startswith(signs, found.end())


def _joined(before: str, after: str) -> str:
    before = _without_prefixes(_stripped_back(before)).strip(" -—–|/([")
    joined = " ".join(filter(None, (before, after.strip(_ROUND))))
    return joined if joined.strip(_ROUND + _MARKS) else ""


def _without_prefixes(line: str) -> str:
    line = line.strip()
    while (found := _BEGINS.match(line)) is not None:
        line = line[found.end() :].lstrip()
    return line


def _stripped_back(line: str) -> str:
    """Without the `Re:` that leads to a known subject."""
    line = line.rstrip(" ([")
    while (found := _PREFIX_LAST.search(line)) is not None:
        line = line[: found.start()].rstrip(" ([")
    return line

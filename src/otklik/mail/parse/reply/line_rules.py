"""Predicates on single lines of a mail that tell quotations, quote headers and footers from the reply.

Each takes time linear in the length of the line.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from otklik.mail.parse.reply import phrases


def _any(alternatives: tuple[str, ...]) -> str:
    return "|".join(sorted(set(alternatives), key=len, reverse=True))


_WROTE = re.compile(rf"(?<![^\W_])(?:{_any(phrases.WROTE)})(?![^\W_])|写道|寫道|작성", re.I)
_WROTE_END = re.compile(rf"(?:(?<![^\W_])(?:{_any(phrases.WROTE)})|写道|寫道|작성)\s*+(?:[:：]|…|\.\.\.)?+\s*+$", re.I)
_MONTH = rf"(?:{_any(phrases.MONTHS)})"
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:\.|er|º|th|st|nd|rd)?[ \-/.,]{{0,2}}(?:(?:de|d'|of) )?(?<![^\W\d_]){_MONTH}|"
    rf"(?<![^\W\d_]){_MONTH}[^\W\d_]{{0,9}}\.?[ \-]\d{{1,2}}\b"
    r"|\b\d{1,4}[./\-]\d{1,2}[./\-]\d{1,4}\b|\d{4}\s*[年년]\s*\d{1,2}\s*[月월]|\b\d{4}\. ?\d{1,2}\. ?\d{1,2}",
    re.I,
)
_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)|\d{1,2}\s*[時点시时]", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,100}@[^\s<>()\[\]\"',;:]{1,150}|<https?:[^\s<>]+>|\[mailto:|@\w")
_START = re.compile(
    rf"[\"'«“]?(?:(?:{_any(phrases.DATE_INTROS)})(?![^\W_])|"
    rf"(?:{_any(phrases.WEEKDAYS)})[^\W\d_]{{0,9}}[.,]? |\d|[(\[]?\d|[—–-] ?(?:on|в) )",
    re.I,
)
_NAMED = re.compile(
    r"[\"'«“]?[^\s<>.!?@][^<>!?@\n]{0,80}[\"'»”]?\s?[<\[(](?:mailto:|"
    r"\s)?[^\s<>()\[\]]{1,100}@[^\s]{1,150}[>\])]"
)
_VERB_ONLY = re.compile(rf"(?:{_any(phrases.WROTE)})\s*[:：]?", re.I)
_INTRO = re.compile(
    rf"[\"'«“]?(?:(?:{_any(phrases.DATE_INTROS)}) ?(?:\d|(?:{_any(phrases.WEEKDAYS)})|{_MONTH})|"
    rf"(?:{_any(phrases.WEEKDAYS)})[^\W\d_]{{0,9}}[.,]? +(?:\d|le|den|dia|de|{_MONTH}))",
    re.I,
)
_GLUED = re.compile(
    rf"(?:\s|(?<=\w)-{{2,4}} ?)((?:on|am|le|el|il|op|em|den|dnia|"
    rf"w dniu) (?:(?:{_any(phrases.WEEKDAYS)})[^\W\d_]{{0,9}}[.,]? |\d).{{0,300}})$",
    re.I,
)
_CITE = re.compile(r"[ \t]{0,4}(?:[>＞]|&gt;)")
_BYLINE = re.compile(r"[\"'«“]?[^\s<>.!?@][^<>!?@\n]{0,80}[\"'»”]? <?[^\s<>()\[\]]{1,100}@[^\s<>]{1,150}>? [-—–] ?")
_DASHES = frozenset("-—–=~")
_WHO_LAST = re.compile(r"<[^\s<>()\[\]\"',;:]{1,100}@[^\s<>()\[\]\"',;:]{1,150}>[^.,;:!?<>]{0,25}[:：՝]$")
_QUOTED_BY = re.compile(r"\s{0,2}[^\W\d_]{1,4}>{1,3}(?=\s|\Z)")
_INITIALS = re.compile(r"\s?[^\W\d_a-zа-яё]{1,3}>+(?: |$)")
_EMPHASIS = str.maketrans(
    "", "", "*_`\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)

_KINDS = (("from", phrases.FROM), ("sent", phrases.SENT), ("to", phrases.TO), ("subject", phrases.SUBJECT))
_NAMES = {name: kind for kind, names in reversed(_KINDS) for name in names}
_FIELD = re.compile(r"\s{0,16}[|>]?\s{0,3}([^\W\d_][^:：\n]{0,24}?)\s?[:：](.*)", re.S)

_TITLE_DASHES = "-=_*~‐—–"
_DASHED = re.compile(r"[>|\s]*+[-=_*~‐—–]++\s*+")
_ORIGINAL = re.compile(rf"\W*(?:{_any(phrases.ORIGINAL)})\W*$", re.I)
_FORWARDED = re.compile(rf"\W*(?:{_any(phrases.FORWARDED)})(?![^\W_])", re.I)
_RULE = re.compile(r"\s*[-_=*‐—–]{5,}\s*$")
_SENT_FROM = re.compile(rf"[\W_]{{0,4}}(?:{'|'.join(phrases.SENT_FROM)})", re.I)
_DASHED_TITLE = re.compile(r"\s*[-=_*‐—–]{2,}[^-=_*‐—–].{0,80}[-=_*‐—–]{2,}\s*$")
_SHORT_RULE = re.compile(r"\s*[-=_*—]{3,}\s*")
# `>>> Ivan <ivan@x> 30.11.2026 9:45 >>>`
_ARROWED = re.compile(r"[^\n]{3,300}\d{1,2}[:.]\d{2} ?(?:[AP]M )?>{2,3}\s*", re.I)
_END_WORDS = re.compile(r"[-=_*—]\s{0,4}(?:конец|кінець|соңы|end|ende|fin|fine)\b", re.I)
_ONLY_DEVICE = re.compile(
    r"(?:[^,.;!?]|\.(?=\S)){1,60}(?:[.!]?|[.,;!]? *(?:please|pls|excuse|sorry|pardon|forgive|простите|"
    r"извините|создано|отправлено|using|with|via|mit|over|on|by).{0,80}|.{0,3}[<(\[]?https?:.{0,120})$",
    re.I,
)
_MARKER = re.compile(
    r"[>\s]*(?:[—–-] ?){2,}.{0,3}(?:ответ пишите выше этой строки|write your reply above this line)", re.I
)
_MARKER_HINTS = ("above", "over", "below", "выше", "над", "oberhalb", "au-dessus")
_FOREIGN_MARKER = re.compile(
    r"[>\s]*(?:[-—–_=#*~+.]{2,}[^\w]{0,4})(?:please )?(?:reply|respond|type your reply|"
    r"write your reply|enter your reply|antworten sie|répondre|пишите ответ|введите ответ|отвечайте|"
    r"ответьте)"
    r" (?:above|over|only above|oberhalb|au-dessus|выше|над)\b.{0,80}$|"
    r"[>\s]*(?:[-—–#*=]{2,} ?)(?:please )?(?:do not|don't) (?:write|type) below.{0,60}$"
    r"|[>\s]*(?:please )?(?:reply above this line|type your reply above this line|"
    r"ответьте выше этой строки|пишите ответ выше этой строки|ответ пишите выше этой строки)\W{0,5}$",
    re.I,
)
_FORWARD_SUBJECT = re.compile(rf"\s*\[?(?:{_any(phrases.FORWARD_SUBJECTS)})\]?\s*[:：]", re.I)
_LIST_WORDS = re.compile(r"mailing list|to post to this group|рассылк|google groups|subscri|отписаться", re.I)
_LIST_NAME = re.compile(r"list|group|mailman|subscri|rassylk|sympa|opt-?out", re.I)


def is_cited(line: str) -> bool:
    """Whether a line starts with a quotation mark (`>`). `>>> so <<<` is emphasis, not a quotation."""
    return _CITE.match(line) is not None and not line.rstrip().endswith("<<")


def is_cited_by_initials(line: str, before: str, *, cited_before: bool) -> bool:
    """Whether a line is quoted with initials, as The Bat! does: `AP> so`.

    Counts only below a line that introduces a quotation, or below another such line (`cited_before`).
    """
    return _INITIALS.match(line) is not None and (
        (cited_before and _INITIALS.match(before) is not None) or _WROTE_END.search(before[-60:]) is not None
    )


def initials(line: str) -> str:
    """The quoting initials at the start of a line, such as `AP>`; "" if there are none."""
    match = _QUOTED_BY.match(line)
    return match.group() if match else ""


def uncited(line: str) -> str:
    """The line without leading `>` marks and blanks."""
    return line.lstrip("> ＞\t")


def is_marker(line: str) -> bool:
    """Whether a line is a "write your reply above this line" marker, ours or another help desk's."""
    low = line.lower()
    return any(hint in low for hint in _MARKER_HINTS) and bool(_MARKER.match(line) or _FOREIGN_MARKER.match(line))


def is_rule(line: str) -> bool:
    """Whether a line consists of dashes, underscores and the like only."""
    return _RULE.match(line) is not None


def is_original(line: str) -> bool:
    """Whether a line is `-----Original Message-----` in some language. The phrase must stand between dashes."""
    if line.lstrip()[:1].isalnum():
        return False
    match = _DASHED.match(line)
    title = line[match.end() :].rstrip().rstrip(_TITLE_DASHES).rstrip().removesuffix(":") if match else ""
    return 3 <= len(title.rstrip()) <= 81 and _ORIGINAL.match(title) is not None


def is_separator(line: str) -> bool:
    """Whether a line separates a quoted mail from the reply above it: a rule, or a title of any kind."""
    signs = _SHORT_RULE.fullmatch(line) or _ARROWED.fullmatch(line)
    return is_original(line) or is_rule(line) or is_forwarded(line) or signs is not None


def is_end_of_forwarded(line: str) -> bool:
    """Whether a line ends a forwarded mail: `--- End of forwarded message ---`, in some language."""
    return _DASHED_TITLE.match(line) is not None and _END_WORDS.search(line) is not None


def is_forwarded(line: str) -> bool:
    """Whether a line begins a forwarded mail: `---------- Forwarded message ----------`, `Begin forwarded message:`.

    In any known language, and also within a quotation.
    """
    plain = uncited(line).strip()
    if not _FORWARDED.match(plain) or len(plain) > 200:
        return False
    return plain[0] in "-_=—–*" or plain.endswith((":", "：", "-", "—", "–"))


def is_forward_subject(subject: str) -> bool:
    """Whether a subject says that the mail was forwarded (`Fwd:` and the like)."""
    return _FORWARD_SUBJECT.match(subject) is not None


def is_sent_from(line: str) -> bool:
    """Whether a line is a device signature of its own, such as `Sent from my phone`, in some language."""
    bare = line.strip(" *_~\t\xa0-—|.")
    return 0 < len(bare) <= 160 and _SENT_FROM.match(bare) is not None and (_ONLY_DEVICE.match(bare) is not None)


def is_dashed_title(line: str) -> bool:
    """Whether a line is a title between dashes, as some programs put above a quoted mail; not a forward's title."""
    return _DASHED_TITLE.match(line) is not None and not is_forwarded(line)


def is_list_footer(lines: Sequence[str]) -> bool:
    """Whether lines are a mailing list's footer: list wording and an address that belongs to a list.

    A mere link is not enough.
    """
    text = "\n".join(lines)
    addresses = (word for word in text.split() if "@" in word or "://" in word or "www." in word)
    return "?" not in text and bool(_LIST_WORDS.search(text)) and any(map(_LIST_NAME.search, addresses))


@lru_cache(maxsize=4096)
def field_kind(line: str) -> str | None:
    """Which header field of a quoted mail a line is (`from`, `sent`, `to`, `subject`), or None."""
    match = _FIELD.match(line.translate(_EMPHASIS)) if len(line) < 1000 else None
    return _NAMES.get(match.group(1).strip().lower()) if match else None


def may_end_header(line: str) -> bool:
    """Whether a line could be the last of a quote header: a cheap test that saves most calls of `is_quote_header`."""
    bare = line.translate(_EMPHASIS).rstrip(" \t\xa0-—–=~")
    return len(bare) < 600 and (
        (bare[-1:].isdigit() and "@" in bare)
        or bare.endswith((":", "：", "՝", ">", ")", "]", "…", "..."))
        or _WROTE_END.search(bare[-60:]) is not None
    )


def is_date_line(line: str) -> bool:
    """Whether a line is only a date and a time, as Lotus Notes puts below the sender's name."""
    return (
        len(line.strip()) < 45
        and field_kind(line) is None
        and _DIGIT.search(line) is not None
        and _TIME.search(line) is not None
        and _DATE.search(line) is not None
    )


def is_verb_only(line: str) -> bool:
    """Whether a line is `> wrote:` or `>:`: the end of a quote header that was wrapped before its last bracket."""
    bare = line.strip()
    return bare in {">:", "> :"} or (
        bare.startswith(">") and len(bare) < 50 and _VERB_ONLY.fullmatch(bare[1:].strip()) is not None
    )


def is_dated_intro(line: str) -> bool:
    """Whether a line begins like a quote header with a date: `On Tue, 3 Feb`, `вт, 3 февр.`"""
    return _INTRO.match(line.lstrip()) is not None


def split_intro(line: str) -> int:
    """The index at which a quote header begins in a line that runs on from the reply; 0 if there is none."""
    match = _GLUED.search(line)
    # "Ivan wrote on 3 Feb:" is one header, not the end of a reply with a header after it.
    return match.start(1) if match and _WROTE_END.search(line[: match.start(1)].rstrip()[-60:]) is None else 0


def is_quote_header(joined: str, *, cited_below: bool) -> bool:
    """Whether text (one to four lines, joined) introduces a quotation: `On 3 Feb 2015, Ivan <ivan@x> wrote:`.

    Needs two of: a final verb of writing, a date, an address; without a verb, a date with a time and an address. If
    quoted lines follow (`cited_below`), one less is enough.
    """
    text = _plain(joined)
    if not 6 <= len(text) <= 600:
        return False
    if _says_when_and_who(text):
        return True
    verb_last = _WROTE_END.search(text[-60:]) is not None
    ends = text.endswith((":", "：", ">", ")", "]"))
    if not verb_last and not ends:
        return cited_below and _is_byline(text)
    dated = _DIGIT.search(text) is not None and (
        _DATE.search(text) is not None or (_YEAR.search(text) is not None and _TIME.search(text) is not None)
    )
    addressed = _ADDRESS.search(text) is not None
    starts = _START.match(text) is not None
    if verb_last:
        return (
            (starts and dated)
            or (dated and addressed and len(text) < 300)
            or _NAMED.match(text) is not None
            or _is_between_dashes(joined)
            or (cited_below and len(text) < 120 and (addressed or dated or len(text) < 70))
        )
    colon = text.endswith((":", "："))
    if dated and (addressed or colon) and _WROTE.search(text) is not None:
        return True
    if dated and addressed and starts and (cited_below or _TIME.search(text) is not None):
        return True
    return cited_below and colon and (dated or addressed) and len(text) < 300


def starts_header(text: str) -> bool:
    """Whether text begins as quote headers do: with a date, a weekday, `On`, `Le`, `Am`, or a name and its address."""
    bare = _plain(text)
    return _START.match(bare) is not None or _NAMED.match(bare) is not None or _says_when_and_who(bare)


def _says_when_and_who(text: str) -> bool:
    """Whether text is a header in whatever language: it has a year and a time of day, and ends with an address in
    angle brackets, at most one more word, and a colon."""
    return _WHO_LAST.search(text[-300:]) is not None and bool(_YEAR.search(text) and _TIME.search(text))


def _is_byline(text: str) -> bool:
    """Whether text is a byline as Nextcloud puts above a quotation: `"Ivan" <ivan@x> – 3 February 2026 10:11`."""
    return text[-1].isdigit() and bool(_BYLINE.match(text) and _TIME.search(text[-20:]) and _DATE.search(text))


def _is_between_dashes(text: str) -> bool:
    """Whether text stands between dashes: `--- Ivan wrote: ---`."""
    bare = text.strip()
    return len(bare) < 300 and set(bare[:2] + bare[-2:]) <= set(_TITLE_DASHES)


def _plain(text: str) -> str:
    """Text without emphasis marks and surrounding dashes. Zoho, for one, writes `---- On Tue, 3 Feb 2026 … wrote ----`;
    other programs use `===` or `~~~`."""
    bare = text.translate(_EMPHASIS).strip()
    bare = bare.lstrip("-—–=~").lstrip() if bare[1:2] in _DASHES else bare
    return bare.rstrip("-—–=~").rstrip() if bare[-2:-1] in _DASHES else bare

"""Detect signatures at the end of the new words; in doubt the text is kept."""

import re
from collections.abc import Collection, Sequence

from otklik.mail.parse.reply import line_rules

_DELIMITERS = {"--", "—", "–", "- --", "-- --"}
_MOST_LINES, _LONGEST_LINE = 8, 100
_MOST_READ = 200
_CONTACT = re.compile(r"[^\s@]{1,64}@[\w.-]{3,}|\bwww\.|https?://|\+?\d[\d ()-]{6,}\d", re.I)
_POSTSCRIPT = re.compile(
    r"\W{0,3}(?:(?:p\.? ?){1,2}s|з\.? ?ы|(?:п\.? ?){1,2}с|post-?scriptum|postscript|постскриптум|upd|апд|n\.? ?b)\b",
    re.I,
)
_DEVICE = (
    r"iphone|ipad|ipod|android|айфона?|айпада?|андроида?|ios|смартфона?|телефона?|планшета?|компьютера|"
    r"(?:мобильн\w+|mobile|cell) ?(?:устройства?|телефона?|почты|приложения|device|phone|mail|app)?|"
    r"устройства?|device|phone|smartphone|tablet|samsung|galaxy|huawei|honor|xiaomi|redmi|nokia|pixel|blackberry|"
    r"outlook|gmail|thunderbird|yahoo|mail\.ru|yandex|rambler|mymail|proton ?mail|bluemail|k-9|fairemail|spark|"
    r"яндекс[. ]?почты|рамблер\S*|почты(?= (?:для|mail|yandex|яндекс|windows|рамблер|rambler))|"
    r"құрылғы\w*|telefon\w*|handy|móvil|téléphone|portable|smartphone|mail(?= (?:for|app))"
)
# The languages of the east set no blanks between words.
_EAST = "\u3040-\u9fff\uac00-\ud7af"
_NAMES_DEVICE = re.compile(rf"(?:(?<![^\W_])|(?<=[{_EAST}]))(?:{_DEVICE})(?=[\W_{_EAST}]|\Z)", re.I)
_TAIL = re.compile(
    r"(?:[A-ZА-ЯЁ0-9][\w.+-]*|[^\W\d]*+\d\w*|iphone|ipad|ios|android|secure|encrypted|(?:e-?)?mail|app|for|on|via|with|using|"
    r"для|на|мо\w+|почты|"
    r"mit|-[Gg]erät\w{0,3}|gesendet|geschickt|жіберілді|küldve|gönderildi|から送信|"
    r"(?:에서 ?)?보냄|에서|发送|傳送|[.,;:<>()\[\]«»\"']+)"
)
_LINK = re.compile(r"[<(\[]https?:[^\s<>()\[\]]*+[>)\]]", re.I)
# Where a program tells of itself: a host and one word at most. What people share has longer addresses.
_SHORT_LINK = r"(?:https?://|www\.)[\w-]{1,40}(?:\.[\w-]{1,40}){1,4}(?:/[\w-]{0,30})?/?"
_BARE_LINK = re.compile(rf"(?<![:\s])\s{{1,3}}{_SHORT_LINK}\s*\Z", re.I)
_APP_LINK = re.compile(rf"(\b(?:мобильн|mobile|прилож|app\b)[^:\n]{{0,60}}):\s{{0,3}}{_SHORT_LINK}\s*\Z", re.I)
_ONLY_LINK = re.compile(rf"\W{{0,3}}{_SHORT_LINK}\W{{0,3}}", re.I)
_WHITHER = re.compile(r"\w{1,20} (?:на|в|to) ", re.I)
_EXCUSE = re.compile(r"(?:please|pls|excuse|sorry|pardon|forgive|простите|извините|создано)\b", re.I)
# All that an excuse for how a mail was typed is made of; who says more has written it himself.
_EXCUSED = re.compile(
    r"(?:please|pls|excuse|sorry|pardon|forgive|the|any|my|all|its|of|for|possible|and|or|fat|this|message|"
    r"простите|извините|пожалуйста|создано|за|возможн\w{1,4}|мо[июйея]\w?|все|и|или|в|тексте|письма|сообщения|"
    r"(?:typ(?:o|ing)|brev|brief|terse|short|error|mistake|misspel|spell|gramma|punctuat|auto-?correct|thumb|finger|"
    r"опечат|кратк|лаконичн|ошиб|автозамен|автокоррект|пунктуац|орфограф|сокращен)\w{0,12})",
    re.I,
)


def is_device_line(line: str) -> bool:
    """Return whether a line only says with which device or program the mail was written."""
    if line.rstrip().endswith(":"):
        return False
    line = _APP_LINK.sub(r"\1", _BARE_LINK.sub(" ", _LINK.sub(" ", line)))
    bare = line.strip(" *_~\t\xa0-—|.!")
    if not line_rules.is_sent_from(line) or _WHITHER.match(bare):
        return False
    named = list(_NAMES_DEVICE.finditer(bare))
    if not named or len(bare[: named[0].start()].split()) > 5:
        return False
    excused = False
    for word in bare[named[0].end() :].split():
        name = word.rstrip(".,")
        excused = excused or _EXCUSE.match(word) is not None
        known = _EXCUSED.fullmatch(name.strip("!;:()")) if excused else _TAIL.fullmatch(name)
        if name and not known and not _NAMES_DEVICE.fullmatch(word.strip(".,«»!")):
            return False
    return True


def signature_lines(lines: Sequence[str]) -> set[int]:
    """Return which lines of new text are signatures: device lines, and a short block at the end."""
    gone = {i for i, line in enumerate(lines) if is_device_line(line) and _stands_alone(lines, i)}
    gone |= {i + 1 for i in gone if i + 1 < len(lines) and _ONLY_LINK.fullmatch(lines[i + 1])}
    gone |= _dashes_of_whole(lines, gone)
    rest = [i for i, line in enumerate(lines) if line.strip() and i not in gone]
    if gone and rest and max(gone) > rest[-1] and lines[rest[-1]].strip(" \xa0\t") in _DELIMITERS:
        gone.add(rest.pop())
    block = _block(lines, rest)
    return gone | (set(_block_above(lines, rest)) if block is None else block.intersection(rest))


def without_signature(text: str) -> str:
    """Return a text without its signature."""
    lines = text.split("\n")
    gone = signature_lines(lines) if len(lines) <= _MOST_READ else set()
    return "\n".join(line for i, line in enumerate(lines) if i not in gone)


def _stands_alone(lines: Sequence[str], index: int) -> bool:
    """Return whether a line is not in the middle of a paragraph."""
    above = lines[index - 1].strip() if index else ""
    below = lines[index + 1].strip() if index + 1 < len(lines) else ""
    return not above or not below


def _dashes_of_whole(lines: Sequence[str], gone: Collection[int]) -> set[int]:
    """Return dashes above device lines that are alone below them, so that text after a gap is kept."""
    alone = [i for i in gone if _is_all_below_dashes(lines, i)]
    last_contact = _last_contact(lines) if alone else -1
    return {i - 1 for i in alone if last_contact <= i}


def _is_all_below_dashes(lines: Sequence[str], index: int) -> bool:
    if index == 0 or lines[index - 1].strip(" \xa0\t") not in _DELIMITERS:
        return False
    return index + 1 < len(lines) and not lines[index + 1].strip()


def _last_contact(lines: Sequence[str]) -> int:
    """Return the last line with an address or phone; -1 if there is none."""
    return next((i for i in range(len(lines) - 1, -1, -1) if _CONTACT.search(lines[i])), -1)


def _block(lines: Sequence[str], rest: Sequence[int]) -> set[int] | None:
    """Return the signature at the end of the text, or the footer of a mailing list."""
    dashes = [i for i in rest if lines[i].strip(" \xa0\t") in _DELIMITERS]
    for index in reversed(rest[-_MOST_LINES - 1 :]):
        below = [lines[i] for i in rest if i > index]
        if index in dashes:
            last = next((i for i in rest if i > index + 1 and _POSTSCRIPT.match(lines[i].strip())), len(lines))
            below = [lines[i] for i in rest if index < i < last]
            return set(range(index, last)) if _signs(lines[:last], index, below, len(dashes)) else None
        if lines[index].strip().startswith("____") and line_rules.is_rule(lines[index]):
            return _footer(lines, index)
    return None


def _footer(lines: Sequence[str], index: int) -> set[int] | None:
    """Return a ruler with a mailing-list footer below it, without text that follows; None if there is none."""
    end = index
    while end < len(lines) and line_rules.is_list_footer(lines[end + 1 : (after := _paragraph_end(lines, end + 1))]):
        end = after
    return set(range(index, end)) if end > index else None


def _paragraph_end(lines: Sequence[str], start: int) -> int:
    return next((i for i in range(start, len(lines)) if not lines[i].strip() and i > start), len(lines))


def _block_above(lines: Sequence[str], rest: Sequence[int]) -> range:
    """Return a name below dashes that is followed by more text."""
    dashes = [i for i in rest if lines[i].strip(" \xa0\t") in _DELIMITERS]
    if len(dashes) != 1 or (dashes[0] and lines[dashes[0] - 1].strip()) or _is_announced(lines, dashes[0]):
        return range(0)
    end = next((i for i in range(dashes[0] + 1, len(lines)) if _ends_name(lines[i])), len(lines))
    return range(dashes[0], end) if _is_name(lines[dashes[0] + 1 : end]) else range(0)


def _is_announced(lines: Sequence[str], index: int) -> bool:
    """Return whether the text above a line announces what follows."""
    above = next((lines[i].rstrip() for i in range(index - 1, -1, -1) if lines[i].strip()), "")
    return above.endswith((":", "："))


def _ends_name(line: str) -> bool:
    return not line.strip() or _POSTSCRIPT.match(line) is not None


def _signs(lines: Sequence[str], index: int, below: Sequence[str], dashes: int) -> bool:
    """Return whether two dashes and the block below are a signature, rather than an underlined heading."""
    if any(
        len(line) > _LONGEST_LINE or line.rstrip().endswith("?") or _POSTSCRIPT.match(line.strip()) for line in below
    ):
        return False
    if _is_announced(lines, index):
        return False
    contact = any(_CONTACT.search(line) for line in below)
    apart = index == 0 or not lines[index - 1].strip()
    exact = lines[index].startswith("-- ") and lines[index].strip() == "--"
    if dashes > 1:
        return (apart or exact) and contact and not any(_is_sentence(line) for line in below)
    if any(_is_sentence(line) for line in below) and not contact:
        return False
    return not _speaks_on(lines, index) and (apart or exact or contact or _is_name(below))


def _speaks_on(lines: Sequence[str], index: int) -> bool:
    """Return whether a later paragraph has a sentence."""
    end = next((i for i in range(index + 1, len(lines)) if not lines[i].strip()), len(lines))
    if end == index + 1:
        end = next((i for i in range(end + 1, len(lines)) if not lines[i].strip()), len(lines))
    return any(_is_sentence(line) for line in lines[end:])


def _is_sentence(line: str) -> bool:
    return line.rstrip().endswith((".", "!", ";", ":", "…")) and len(line.split()) >= 3 and not _CONTACT.search(line)


def _is_name(lines: Sequence[str]) -> bool:
    """Return whether these are one to three short capitalized lines without sentences."""
    return 0 < len(lines) <= 3 and not any(
        len(line) >= 50 or not line.strip()[:1].isupper() or line.rstrip().endswith((".", "!", "?", ":", ";"))
        for line in lines
    )

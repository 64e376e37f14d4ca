"""Find the formatting marks of typed text (ADR 66). `ui.typed_text` renders them."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# What may precede and follow a mark: line ends, blanks, brackets, quotation marks; after it also punctuation.
_BEFORE = r"""(?<![^\s("'«„“\[{—–:>])"""
_AFTER = r"""(?=[.,;:!?…)\]}"'»”“]*(?:[\s—–<]|$))"""
_NO_BOLD, _NO_ITALIC = r"[^\n*]|[*](?![*])", r"[^\n*_]|[*](?!_)|_(?![*](?!_))"
# How file masks, operators and ends of sentences begin.
_ODD = r"[/\\.,;:!?)\]}>=%|&~]|\*\."


def _around(kind: str, signs: tuple[str, str], inner: str, within: tuple[str, str]) -> str:
    """Return the pattern of text between two signs.

    `inner`: the allowed characters, up to the next sign; `within`: the signs of another mark directly inside. Text that
    begins with an odd sign must end in a letter: **/x/**, {**.js,**}, (**) and (**) are no marks.
    """
    begins = rf"(?:(?P<odd_{kind}>(?={_ODD}))|(?!{_ODD})(?=[^\s*]|{within[0]}))"
    ends = rf"""(?(odd_{kind})(?<=[\w)%"»])|(?:(?<=[^\s*(\[{{<=|&~])|(?<={within[1]})))"""
    return rf"{signs[0]}{begins}(?P<{kind}>(?:{inner}){{1,2000}}?){ends}{signs[1]}(?!\*)"


# Each mark ends at the next sign, so matching is linear even for hostile text (AB-73).
MARK = re.compile(
    rf"{_BEFORE}(?:"
    r"(?<!`)``(?![\s`])(?P<code>(?:[^\n`]|`(?!`)){1,2000}?)(?<![\s`])``(?!`)"
    rf"|{_around('bold', ('[*][*]', '[*][*]'), _NO_BOLD, ('_[*]', '[*]_'))}"
    rf"|{_around('italic', ('_[*]', '[*]_'), _NO_ITALIC, ('[*][*]', '[*][*]'))}"
    rf"){_AFTER}"
    r"|(?<!!)\[(?P<words>[^\[\]\n]{0,500})\]"
    r"\((?P<target>(?:https?://[^\s()<>/\\]|mailto:[^\s()<>])(?:[^\s()<>]|\([^\s()<>]{0,500}\)){0,2000})\)",
)
_FENCE = re.compile(r"```([^\s`]{0,30})[ \t]*")
_FENCE_END = re.compile(r"```[ \t]*")


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of code, or lines of text."""

    lines: tuple[str, ...]
    is_code: bool = False


def sign_places(text: str) -> set[int]:
    """Return the offsets of the signs of bold, italic and code, which snippets leave out."""
    places, at = set[int](), 0
    for part in parts_of(text):
        for line in part.lines:
            at = text.index(line, at)
            places.update(() if part.is_code else _sign_places(line, at))
            at += len(line)
    return places


def parts_of(text: str) -> Iterator[Part]:
    """Yield the text's parts in order.

    An unclosed fence is text. If the opening fence names a language, the part includes the lines of the fence.
    """
    lines, paragraph = text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), list[str]()
    ends = [at for at, line in enumerate(lines) if _FENCE_END.fullmatch(line)]
    at = 0
    while at < len(lines):
        opened = _FENCE.fullmatch(lines[at])
        later = bisect_right(ends, at)
        if opened and later < len(ends):
            if paragraph:
                yield Part(tuple(paragraph))
            paragraph, end = [], ends[later]
            yield Part(tuple(lines[at : end + 1] if opened[1] else lines[at + 1 : end]), is_code=True)
            at = end
        else:
            paragraph.append(lines[at])
        at += 1
    if paragraph:
        yield Part(tuple(paragraph))


def _sign_places(text: str, at: int, *, without: frozenset[str] = frozenset()) -> Iterator[int]:
    for match in MARK.finditer(text):
        kind = match.lastgroup or ""
        if kind in without or kind == "target":
            continue
        first, last = match.span(kind)
        yield from (*range(at + match.start(), at + first), *range(at + last, at + match.end()))
        if kind != "code":
            yield from _sign_places(match[kind], at + first, without=without | {kind})

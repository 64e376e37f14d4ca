"""Where HTML holds letters that its readers do not see, so that the others can be read as they are shown. Pure.

Knows the ways in which mails hide words: comments, elements that are never drawn, and elements hidden by their own
style, by an attribute, or by a rule of a style sheet. An element that does not end is no place. Linear.
"""

import re
from collections.abc import Iterator

_COMMENT_OR_TAG = re.compile(
    r"<(?:!--(?P<comment>)|(?P<end>/?)(?P<name>[a-z][a-z0-9:-]{0,30})(?P<attributes>(?=[\s/>])[^<>]*+)>)",
    re.IGNORECASE,
)
_NEVER_DRAWN = frozenset(
    (
        "script",
        "style",
        "title",
        "template",
        "noscript",
        "datalist",
        "iframe",
        "noframes",
        "object",
        "audio",
        "video",
        "rp",
    )
)
_WITHOUT_END = frozenset(
    ("br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "param", "track", "embed")
)
# Elements whose end tag may be omitted: the next one of its kind ends it.
_ENDED_BY_NEXT = frozenset(("p", "li", "td", "th", "tr", "dd", "dt", "option"))
_NOTHING = r"\s*+:\s*+[-+]?0*+(?:\.0*+)?(?![\d.])"
_UNSEEN = re.compile(
    r"(?<![\w-])(?:display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|mso-hide\s*+:\s*+all"
    r"|content-visibility\s*+:\s*+hidden|color\s*+:\s*+transparent|clip(?:-path)?\s*+:\s*+[a-z]"
    rf"|(?:opacity|font-size|(?:max-)?(?:width|height)){_NOTHING}|font\s*+:\s*+0(?![\d.])"
    r"|transform\s*+:\s*+scale[XY]?\(\s*+0|(?:left|right|top|bottom|text-indent|margin-left)\s*+:\s*+-\d{3})",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"""(?:^|[\s"'])(?:hidden|aria-hidden\s*+=\s*+["']?true)(?![\w-])""", re.IGNORECASE)
_NAMED = re.compile(r"""(?:^|[\s"'])(?:class|id)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE)
_SHEET = re.compile(r"<style(?=[\s>])[^<>]*+>([^<]*+)", re.IGNORECASE)
_SELECTED = re.compile(r"[.#]?[\w-]+")


def hidden_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of invisible HTML, including its tags, in order and without nesting."""
    spans, position = list[tuple[int, int]](), 0
    selected = _hidden_by_sheets(text)
    tags = _COMMENT_OR_TAG.finditer(text)
    for match in tags:
        if match.start() < position:
            continue
        if match["comment"] is not None:
            end = text.find("-->", match.end())
            if end < 0:
                return spans
            position = end + 3
        elif _begins_hidden(match, selected):
            position = _end_of(match, tags)
            if position < 0:
                return spans
        else:
            continue
        spans.append((match.start(), position))
    return spans


def _begins_hidden(tag: re.Match[str], selected: set[str]) -> bool:
    name, attributes = tag["name"].lower(), tag["attributes"]
    if tag["end"] or name in _WITHOUT_END or attributes.endswith("/"):
        return False
    if name in _NEVER_DRAWN or _UNSEEN.search(attributes) or _HIDDEN.search(attributes):
        return True
    return bool(selected) and (name in selected or any(selector in selected for selector in _names(attributes)))


def _names(attributes: str) -> Iterator[str]:
    for values in _NAMED.findall(attributes):
        for one in "".join(values).split():
            yield from (f".{one}", f"#{one}")


def _end_of(begin: re.Match[str], behind: Iterator[re.Match[str]]) -> int:
    """Return where the element ends, -1 if it does not; advances the iterator, so that tags are read only once."""
    name, depth = begin["name"].lower(), 1
    for match in behind:
        if match["comment"] is not None or match["name"].lower() != name or match["attributes"].endswith("/"):
            continue
        if not match["end"] and name in _ENDED_BY_NEXT:
            return match.start()
        depth += -1 if match["end"] else 1
        if not depth:
            return match.end()
    return -1


def _hidden_by_sheets(text: str) -> set[str]:
    """Return the selectors of hiding CSS rules: tag names, .classes and #ids."""
    rules = (rule.rpartition("{") for sheet in _SHEET.findall(text) for rule in sheet.split("}"))
    return {
        selected
        for selectors, _brace, declarations in rules
        if _UNSEEN.search(declarations)
        for selected in _SELECTED.findall(selectors.rpartition("{")[2])
    }

"""Words of messages for pages and plain mails, by how they are to be read: as a mail's (ui.message_html), as typed on a
page (ui.typed_text), or as Markdown, which people wrote on pages before ADR 66.

Nothing typed is ever swallowed: no HTML, no entities, no reference definitions; an unknown picture shows as its words.
Two layers: markdown-it never emits a tag that was typed (html off), and nh3 lets only a short list of tags through.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from otklik.mail.parse.layout import without_tokens
from otklik.tickets.models import Message
from otklik.ui.message_html import linked, message_html
from otklik.ui.typed_text import pictures_named, place_beside, typed_html, typed_text

LONGEST_MARKDOWN = 20_000
"""Characters; longer words are shown as they were typed, because the time of emphasis and brackets grows faster."""

MOST_MARKS = 1_000
"""Characters * _ ~ ` of one message; the time they take grows with their square and more. Beyond: as typed (AB-73)."""

PICTURE_SCHEME = "attachment:"
Pictures = Sequence[tuple[str, str]]
"""(file name, address) of the message's own pictures; no other can be named (AB-46)."""

_LINK = re.compile(r"(?:https?://[^/\s\\]|mailto:[^\s])", re.IGNORECASE)
_SPECIAL = re.compile(r"[*_`\[\]~>#|\\]|^[ \t]*(?:[-+]|\d{1,9}[.)])[ \t]", re.MULTILINE)
_PICTURE = re.compile(r"!\[([^\[\]\n]{0,300})\]\(<?attachment:([^()<>\n]{1,300})>?\)")
_TAGS = set("a blockquote br code del em h3 h4 hr img li ol p pre s strong table tbody td th thead tr ul".split())
_ATTRIBUTES = {"a": {"href", "target"}, "img": {"src", "alt", "class", "loading"}, "ol": {"start"}}


def words_html(text: str, markup: str, pictures: Pictures = ()) -> SafeString:
    """Return the text as safe HTML. `markup`: Message.markup; `pictures`: the message's own."""
    if markup == Message.Markup.TYPED:
        return mark_safe(typed_html(text, pictures))  # noqa: S308  # escaped and sanitised there
    if markup == Message.Markup.MARKDOWN and _is_bounded(text) and _SPECIAL.search(text):
        return mark_safe(_rendered(text, tuple(pictures)))  # noqa: S308  # two sanitising layers, see above
    html = message_html(text)
    # The style of typed text keeps blanks; it matters only if there are two in a row.
    return mark_safe(f'<div class="typed">{html}</div>') if "  " in text else html  # noqa: S308  # escaped there


def words_text(text: str, markup: str) -> str:
    """Return the text as plain text for a mail. Markdown stays as it is, except pictures."""
    if markup == Message.Markup.TYPED:
        return typed_text(text)
    if markup != Message.Markup.MARKDOWN:
        return without_tokens(text)
    return _PICTURE.sub(lambda match: _picture_words(match[1], unquote(match[2])), text)


def named_pictures(text: str, markup: str, names: Iterable[str]) -> set[str]:
    """Return the names of pictures that are shown within the text, so that attachments need not repeat them."""
    if markup == Message.Markup.TYPED:
        return pictures_named(text, tuple(names))
    if markup != Message.Markup.MARKDOWN:
        return set()
    return {unquote(match[2]) for match in _PICTURE.finditer(text)}


@lru_cache(maxsize=4096)
def _rendered(text: str, pictures: tuple[tuple[str, str], ...]) -> str:
    html = _READER.render(text.replace("\r\n", "\n"), {"pictures": dict(pictures)})
    return nh3.clean(
        str(html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _is_bounded(text: str) -> bool:
    return len(text) <= LONGEST_MARKDOWN and sum(map(text.count, "*_~`")) <= MOST_MARKS


def _picture_words(alt: str, name: str) -> str:
    text = alt.strip() or name
    return "[" + (_("picture: %(name)s") % {"name": text}) + "]"


def _text(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Turn URLs into links as in plain text, but not inside a link, where they would nest."""
    content = tokens[index].content
    return escape(content) if index in _inside_links(tokens, env) else linked(content)


def _inside_links(tokens: Sequence[Token], env: Any) -> set[int]:
    """Indexes of tokens inside links; computed once per token list, to avoid quadratic time."""
    if env.get("counted") is not tokens:
        depth, inside = 0, set()
        for place, token in enumerate(tokens):
            depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            if depth:
                inside.add(place)
        env["counted"], env["inside"] = tokens, inside
    places: set[int] = env["inside"]
    return places


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    alt, source = token.content, str(token.attrGet("src") or "")
    if not source.lower().startswith(PICTURE_SCHEME):
        return f"{escape(alt)} {linked(source)}".strip()
    name = unquote(source[len(PICTURE_SCHEME) :])
    address = env["pictures"].get(name)
    if address is None:
        return escape(_picture_words(alt, name))
    shown = f'<img class="inline-picture" src="{escape(address)}" alt="{escape(alt or name)}" loading="lazy">'
    return f'<a href="{escape(address)}" target="_blank">{shown}</a>'


def _link_close(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Append the true target to a link whose text names another site."""
    start = next(place for place in range(index - 1, -1, -1) if tokens[place].type == "link_open")
    target = str(tokens[start].attrGet("href") or "")
    text = "".join(token.content for token in tokens[start + 1 : index])
    return f"</a>{escape(place_beside(text, target))}"


def _heading(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Render headings below the page's own levels."""
    tag = "h3" if tokens[index].tag == "h1" else "h4"
    return f"<{tag}>" if tokens[index].nesting == 1 else f"</{tag}>"


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 12})
    reader.enable(["table", "strikethrough"])
    reader.disable(["reference", "lheading", "code", "entity", "html_block", "html_inline"])
    reader.validateLink = _is_link  # type: ignore[method-assign]  # the library's own way to say it
    for kind, rule in (
        ("text", _text),
        ("image", _image),
        ("link_close", _link_close),
        ("heading_open", _heading),
        ("heading_close", _heading),
    ):
        reader.add_render_rule(kind, rule)
    return reader


def _is_link(url: str) -> bool:
    return bool(_LINK.match(url)) or url.lower().startswith(PICTURE_SCHEME)


_READER = _reader()

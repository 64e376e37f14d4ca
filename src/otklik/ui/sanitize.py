"""Sanitize a mail's HTML (security cases AB-65, AB-69 to AB-73). Pure; knows no Django.

`clean` trusts its input to be small. `clean_bounded` takes anything: what could make the sanitiser slow goes to a
process of its own with a limit of processor time, because its time grows with the square of the nesting.
"""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import nh3

from otklik.mail.parse.html import too_complex

HARMLESS_TAGS = 1_500
"""With so many tags even the worst nesting known takes less than a fifth of a second."""
CPU_SECONDS = 1
WALL_SECONDS = 5.0
MEMORY_BYTES = 1 << 30

_HREF = re.compile(r"(?:https?://[^/\s\\]|mailto:[^\s]|tel:[+\d])", re.IGNORECASE)

_TAGS = frozenset(
    """a abbr address b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3
    h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt
    u ul var""".split()  # sixty words read better than sixty quoted words
)
_CELL = {"align", "valign", "colspan", "rowspan", "width", "height", "bgcolor"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "align", "bgcolor"},
    "td": _CELL,
    "th": _CELL,
    "tr": {"align", "valign", "bgcolor"},
    "col": {"width", "span"},
    "ol": {"start", "type"},
}
_WITH_CONTENT = frozenset("script style title template noscript svg math object textarea select".split())
# Allowed colour functions; other functions (url, image, expression) are dropped, however they are spelt.
_COLOR = re.compile(r"\b(?:rgb|hsl)a?\([\d\s.,%/]*\)", re.IGNORECASE)
_STYLES = frozenset("color background-color font-weight font-style text-align text-decoration".split())


class TooComplex(Exception):
    """The HTML exceeds a limit; show the mail's plain text instead."""


def clean_bounded(source: str, images: Mapping[str, str]) -> str:
    """`clean` for untrusted HTML. Raises TooComplex if it exceeds the limits of size, depth, elements or time."""
    if too_complex(source):
        raise TooComplex
    if source.count("<") <= HARMLESS_TAGS:
        return clean(source, images)
    try:
        done = subprocess.run(  # our own interpreter and module; the mail is passed on stdin
            [sys.executable, "-m", "otklik.ui.sanitize"],
            input=json.dumps([source, dict(images)]).encode(),
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise TooComplex from error
    return done.stdout.decode()


def clean(source: str, images: Mapping[str, str]) -> str:
    """Return the HTML with allowed tags, attributes and six style properties; pictures from `images` only.

    `images`: `data:` URLs by Content-ID without brackets. Links are http, https, mailto or tel with a valid target.
    """
    return nh3.clean(
        source,
        tags=set(_TAGS),
        clean_content_tags=set(_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=_keeper(images),
        filter_style_properties=set(_STYLES),
        # The schemes that the filter above can return; it is stricter.
        url_schemes={"http", "https", "mailto", "tel", "data", "cid"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )


def _keeper(images: Mapping[str, str]) -> Callable[[str, str, str], str | None]:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "src":
            scheme, _colon, name = value.strip().partition(":")
            return images.get(name.strip("<> ")) if scheme.lower() == "cid" else None
        if attribute == "href":
            href = "".join(c for c in value.strip() if c.isprintable())
            return href if _HREF.match(href) else None
        return _calling_nothing(value) if attribute == "style" else value

    return keep


def _calling_nothing(style: str) -> str:
    """Keep declarations without functions other than colours; those with escapes or comments are dropped too."""
    declarations = (part for part in style.split(";") if "\\" not in part and "/*" not in part)
    return ";".join(part for part in declarations if "(" not in _COLOR.sub("", part))


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    source, images = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(clean(source, images).encode())


if __name__ == "__main__":
    _main()

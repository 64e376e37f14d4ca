"""Files embedded in HTML as data: URIs (RFC 2397), extracted as attachments."""

import re
from collections.abc import Callable
from html import unescape
from mimetypes import MimeTypes
from urllib.parse import unquote_to_bytes

from otklik.mail.parse import encoded_words, filename, limits, mime_params, text_cleaning
from otklik.mail.parse.model import Part

# Some programs write the signs of such an address as references, which every reader of HTML takes for the signs.
_REFERENCE = r"&(?:#0{0,5}\d{1,3}|#x0{0,5}[0-9a-f]{1,2}|[a-z]{3,7});"
_WRITTEN_SIGN = re.compile(_REFERENCE, re.I)
_SIGNS = ":;,/+=.-_% \t\r\n"
_BASE64_CHARS = r"[A-Za-z0-9+/=%\s_-]*+"
# Ten parameters are more than any program writes; one without an end is looked through no further.
_DATA = re.compile(
    r"(?<=[\"'(=\s])data:([\w.+-]{1,60}/[\w.+-]{1,80})?((?:;[^,;\"'<>]{0,200}){0,10}),"
    rf"((?<=base64,){_BASE64_CHARS}(?:{_REFERENCE}{_BASE64_CHARS})*|[^\"'<>)\s]*+)",
    re.I,
)
_HEAD_CHARS = r"[\w.+/;:=-]"
# Only those with a reference: there may be a million others.
_HEAD = re.compile(
    rf"(?<=[\"'(=\s])data(?=[:&]){_HEAD_CHARS}{{0,300}}+{_REFERENCE}(?:{_HEAD_CHARS}|{_REFERENCE}){{0,300}}", re.I
)
# Pictures made of tags are written as they are, with blanks and brackets, up to the sign that ends the attribute.
_DRAWN_KIND = "image/svg+xml"
_DRAWN_HEAD = rf"data:{re.escape(_DRAWN_KIND)}(?:;(?!\s*base64)[^,;\"'<>]{{1,200}}){{0,10}},"
_DRAWN = re.compile("|".join(rf"(?<={sign}){_DRAWN_HEAD}([^{sign}]*+)(?={sign})" for sign in "\"'"), re.I)
_BASE64 = re.compile(r";\s*base64\s*\Z", re.I)
_ENDINGS = MimeTypes()
_MOST = 10 * limits.ATTACHMENTS
_NOTHING = "about:blank"
# How near to such an address the rest of its tag is looked for.
_NEAR = 500
_DOWNLOAD = re.compile(r"\sdownload\s{0,9}=\s{0,9}([\"'])([^\"'<>]{1,300})\1", re.I)
# What ends such an address.
_BEHIND = "\"')<> \t\r\n"


def extract(source: str, first: int, codec: str = "utf-8") -> tuple[str, list[Part], bool]:
    """Replace `data:` URLs in HTML by `cid:` ones; return the HTML, the files, and whether some were broken.

    `first`: number of the first file; `codec`: charset of the HTML. Files beyond the limit are dropped: only the
    original mail has them.
    """
    source = _HEAD.sub(lambda match: _with_signs(match.group()), source, count=_MOST)
    if "data:" not in source.lower():
        return source, [], False
    extracted = _Found(first, codec)
    source = _DRAWN.sub(extracted.take_drawn, source, count=_MOST)
    source = _DATA.sub(extracted.take, source, count=_MOST)
    return source, extracted.parts, extracted.broken


def extract_bytes(source: bytes, first: int) -> tuple[bytes, list[Part], bool]:
    """Like `extract`, for bytes in an ASCII-compatible charset."""
    if b"data" not in source.lower():
        return source, [], False
    written, parts, broken = extract(source.decode("latin-1"), first, "latin-1")
    return written.encode("latin-1"), parts, broken


class _Found:
    def __init__(self, first: int, codec: str) -> None:
        self._codec = codec
        self.parts: list[Part] = []
        self.broken = False
        self._known: dict[str, str] = {}
        self._number = first

    def take(self, match: re.Match[str]) -> str:
        """Return the replacement of a matched URL, storing its file."""
        name = _download_name(match, self._codec)
        place = self._placed(match.group(), match[1] or "", lambda: _content(match), name)
        if place == _NOTHING and len(self.parts) <= limits.ATTACHMENTS:
            self.broken |= bool(match[3].strip()) or match.string[match.end() : match.end() + 1] not in _BEHIND
        return place

    def take_drawn(self, match: re.Match[str]) -> str:
        """Like `take`, for an SVG image written as tags."""
        written = match[1] or match[2] or ""
        drawn = text_cleaning.unescaped(written)
        return self._placed(written, _DRAWN_KIND, lambda: unquote_to_bytes(drawn.encode(self._codec, "replace")))

    def _placed(self, written: str, kind: str, content_of: Callable[[], bytes], name: str = "") -> str:
        if written in self._known:
            return self._known[written]
        content = content_of()
        if not content or len(self.parts) > limits.ATTACHMENTS:
            return _NOTHING
        self._number += 1
        part = _part(mime_params.media_type(kind.lower()) or "text/plain", content, self._number, name)
        self.parts.append(part)
        self._known[written] = f"cid:{part.content_id}"
        return self._known[written]


def _with_signs(address: str) -> str:
    """Decode references to characters of URLs; leave others."""
    return _WRITTEN_SIGN.sub(
        lambda match: sign if (sign := unescape(match.group())) in _SIGNS else match.group(), address
    )


def _content(match: re.Match[str]) -> bytes:
    data = unquote_to_bytes(_with_signs(match[3]))
    return (
        encoded_words.b64(data.translate(None, b" \t\r\n").translate(_URL_SAFE)) if _BASE64.search(match[2]) else data
    )


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _download_name(match: re.Match[str], codec: str) -> str:
    """Return the file name that the tag's `download` attribute gives."""
    source, start, end = match.string, match.start(), match.end()
    begin = source.rfind("<", max(0, start - _NEAR), start)
    # Before the address, or behind it: what lies between is the file.
    around = f"{source[begin:start] if begin >= 0 else ''} {source[end : end + _NEAR].partition('>')[0]}"
    named = _DOWNLOAD.search(around)
    if named is None:
        return ""
    try:
        return filename.clean(unescape(named[2].encode(codec).decode("utf-8" if codec == "latin-1" else codec)))
    except (UnicodeError, LookupError):
        return ""


def _part(kind: str, content: bytes, number: int, name: str) -> Part:
    title = "" if name else f"{kind.partition('/')[0]}-{number}{_ENDINGS.guess_extension(kind) or ''}"
    return Part(filename.short(name), kind, len(content), content, f"data-{number}@mail", True, name, title)

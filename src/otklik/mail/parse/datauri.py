"""Files that are written into HTML itself (RFC 2397): they become files of the mail, and stand where they stood."""

import re
from collections.abc import Callable
from html import unescape
from mimetypes import MimeTypes
from urllib.parse import unquote_to_bytes

from otklik.mail.parse import limits, params, text, words
from otklik.mail.parse.model import Part

# Some programs write the signs of such an address as references, which every reader of HTML takes for the signs.
_REFERENCE = r"&(?:#0{0,5}\d{1,3}|#x0{0,5}[0-9a-f]{1,2}|[a-z]{3,7});"
_WRITTEN_SIGN = re.compile(_REFERENCE, re.I)
_SIGNS = ":;,/+=.-_% \t\r\n"
_BASE64_CHARS = r"[A-Za-z0-9+/=%\s_-]*+"
# Ten parameters are more than any program writes; one without an end is looked through no further.
_DATA = re.compile(
    r"(?<=[\"'(=\s])data:([\w.+-]{1,60}/[\w.+-]{1,80})?((?:;[^,;\"'<>]{0,200}){0,10}),"
    rf"((?<=base64,){_BASE64_CHARS}(?:{_REFERENCE}{_BASE64_CHARS})*+|[^\"'<>)\s]*+)",
    re.I,
)
_HEAD_CHARS = r"[\w.+/;:=-]"
# Only those with a reference: there may be a million others.
_HEAD = re.compile(
    rf"(?<=[\"'(=\s])data(?=[:&]){_HEAD_CHARS}{{0,300}}+{_REFERENCE}(?:{_HEAD_CHARS}|{_REFERENCE}){{0,300}}+", re.I
)
# Pictures made of tags are written as they are, with blanks and brackets, up to the sign that ends the attribute.
_DRAWN = re.compile(
    r"(?<=([\"']))data:(image/svg\+xml)((?:;(?!\s*base64)[^,;\"'<>]{1,200}){0,10}),((?:(?!\1)[\s\S])*+)\1", re.I
)
_BASE64 = re.compile(r";\s*base64\s*\Z", re.I)
_ENDINGS = MimeTypes()
_MOST = 10 * limits.ATTACHMENTS


def extract(source: str, first: int, codec: str = "utf-8") -> tuple[str, list[Part]]:
    """The HTML with `cid:` addresses in place of the files, and the files; `first` numbers them within the mail,
    `codec` is how its letters were read.

    Beyond the limit of files they stay in the HTML as nothing: only the original mail has them.
    """
    source = _HEAD.sub(lambda match: _with_signs(match.group()), source, count=_MOST)
    if "data:" not in source.lower():
        return source, []
    extracted = _Found(first, codec)
    source = _DRAWN.sub(extracted.take_drawn, source, count=_MOST)
    return _DATA.sub(extracted.take, source, count=_MOST), extracted.parts


def extract_bytes(source: bytes, first: int) -> tuple[bytes, list[Part]]:
    """The same for bytes in any charset that keeps ASCII."""
    if b"data" not in source.lower():
        return source, []
    written, parts = extract(source.decode("latin-1"), first, "latin-1")
    return written.encode("latin-1"), parts


class _Found:
    def __init__(self, first: int, codec: str) -> None:
        self._codec = codec
        self.parts: list[Part] = []
        self._known: dict[str, str] = {}
        self._number = first

    def take(self, match: re.Match[str]) -> str:
        """What stands in place of one such address."""
        return self._placed(match.group(), match[1] or "", lambda: _content(match))

    def take_drawn(self, match: re.Match[str]) -> str:
        """The same for a picture made of tags, and the sign behind it."""
        drawn = text.unescaped(match[4])
        return (
            self._placed(match[4], match[2], lambda: unquote_to_bytes(drawn.encode(self._codec, "replace"))) + match[1]
        )

    def _placed(self, written: str, kind: str, content_of: Callable[[], bytes]) -> str:
        if written in self._known:
            return self._known[written]
        content = content_of()
        if not content or len(self.parts) > limits.ATTACHMENTS:
            return "about:blank"
        self._number += 1
        part = _part(params.media_type(kind.lower()) or "text/plain", content, self._number)
        self.parts.append(part)
        self._known[written] = f"cid:{part.content_id}"
        return self._known[written]


def _with_signs(address: str) -> str:
    """A piece of such an address with signs in place of the references that stand for them; other references stay."""
    return _WRITTEN_SIGN.sub(
        lambda match: sign if (sign := unescape(match.group())) in _SIGNS else match.group(), address
    )


def _content(match: re.Match[str]) -> bytes:
    data = unquote_to_bytes(_with_signs(match[3]))
    return words.b64(data.translate(None, b" \t\r\n").translate(_URL_SAFE)) if _BASE64.search(match[2]) else data


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _part(kind: str, content: bytes, number: int) -> Part:
    name = f"{kind.partition('/')[0]}-{number}{_ENDINGS.guess_extension(kind) or ''}"
    return Part("", kind, len(content), content, f"data-{number}@mail", True, "", name)

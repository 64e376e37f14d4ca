"""Our own secrets inside whole mails and files: parts are decoded, mails inside mails are opened."""

import base64
import quopri
import re
from collections.abc import Iterator
from functools import cache

from otklik.core.secret_links import secret_paths
from otklik.mail import rtf
from otklik.mail.parse import attachments, budget, charset, mime, tnef, words
from otklik.mail.private import IN_BYTES, base64_forms, blanked, blanked_bytes, secrets_in

# What never holds text that a reader can see without a program for it: pictures, archives, films, fonts.
_PACKED = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"RIFF", b"ID3")
_DEEPEST = 8
_SEARCHED_WHOLE = 1024 * 1024
# A link in a file's name ends it, but for an extension.
_END_OF_NAME = 300
# Of a longer text only what stands around a word of ours is looked at for secrets.
_LONG, _BEFORE, _BEHIND, _MOST_PLACES = 256 * 1024, 2_000, 4_000, 50
_LINES_OF_BASE64 = re.compile(rb"[A-Za-z0-9+/]{40,200}\r?\n[ \t>|]*[A-Za-z0-9+/]{20,200}={0,2}")
_FIELDS = re.compile(rb"(?:[ \t]*\r?\n){0,3}(?:[!-9;-~]{1,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n){0,200}){3}")
_ENCODED_WORDS = re.compile(rb"(?:=\?[^?\s]{1,60}\?[bBqQ]\?[^?\r\n]{0,998}\?=(?:\s{1,80}(?==\?))?)+")
_SOFT = re.compile(rb"=?\r?\n[ \t>]*")
_OTHER_BYTES = ("utf_7", "utf_16", "utf_32", "hz", "iso2022")
"""Charsets in which letters may stand that their bytes do not show."""
_REFERENCE = re.compile(r"&#(?:[xX]0{0,6}([0-9A-Fa-f]{2})|0{0,6}([0-9]{2,3}));?")
_OF_LINKS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/?=%+@~")


def blanked_mail(raw: bytes, depth: int = 0) -> bytes:
    """A mail's bytes without our secrets, in any part, encoding and depth; the same bytes where there are none."""
    tree = mime.read(raw)
    made, position = [], 0
    for leaf in sorted(tree.leaves(), key=lambda node: node.start):
        if leaf.start < position:
            continue
        made += [_head(tree.raw[position : leaf.start]), _body(tree, leaf, depth)]
        position = leaf.end
    cleaned = b"".join([*made, _head(tree.raw[position:])])
    return raw if cleaned == tree.raw else cleaned


def _blanked_rtf(data: bytes) -> bytes:
    """RTF without our secrets; its layout goes where one shows only behind escapes and words of control."""
    cleaned, text = blanked_bytes(data), rtf.text_of(data)
    said = blanked(text, IN_BYTES)
    left = secrets_in(text) & secrets_in(rtf.text_of(cleaned)) if said != text else set()
    return rtf.written(said) if left else cleaned


def blanked_file(data: bytes, depth: int = 0) -> bytes:
    """A file's bytes without our secrets: texts of any kind, and mails that were saved as files."""
    if data.startswith(_PACKED):
        return data
    if depth < _DEEPEST and _FIELDS.match(data):
        return blanked_mail(data, depth + 1)
    if data.startswith(rtf.SIGNATURE):
        return _blanked_rtf(data)
    if tnef.is_container(data) and any(_blanked_rtf(one) != one for one in rtf.packed_in(data)):
        return IN_BYTES.encode()
    cleaned = blanked_bytes(data) if _may_hold(data) else data
    if b"&#" in data and len(data) <= _SEARCHED_WHOLE:
        said = _with_letters(cleaned.decode("latin-1"))
        hidden = blanked(said, IN_BYTES)
        return cleaned if hidden == said else hidden.encode("latin-1", "replace")
    return cleaned


def secrets_of(raw: bytes) -> set[str]:
    """Everything in a mail that may be one of our secrets by itself; most mails hold nothing and cost little. What is
    looked at is bounded (`Work.SECRETS`), however the mail is made."""
    with budget.one_mail():
        return _secrets_of(raw, 0)


def _secrets_of(raw: bytes, depth: int) -> set[str]:
    tree = mime.read(raw)
    # A mail that names one of ours may quote a code, in which no word of ours stands.
    ours = _may_hold(tree.raw)
    found = _secrets_in(tree.raw) if ours else set()
    for encoded in _ENCODED_WORDS.findall(tree.raw[: tree.root.start])[:_MOST_PLACES]:
        found |= secrets_in(words.decode_header(encoded))
    for leaf in tree.leaves():
        content = attachments.content_of(tree, leaf)
        found |= _secrets_in(attachments.name_of(leaf)[-_END_OF_NAME:].encode("latin-1", "replace"))
        if depth < _DEEPEST and (leaf.content_type.startswith("message/") or _FIELDS.match(content)):
            found |= _secrets_of(content, depth + 1)
        else:
            for readable in _readable(content, leaf):
                if ours or _may_hold(readable):
                    found |= _secrets_in(readable)
    return found


def _readable(content: bytes, leaf: mime.Node) -> Iterator[bytes]:
    """The content, and what a program for it reads there."""
    if content.startswith(_PACKED):
        return
    yield content
    if content.startswith(rtf.SIGNATURE):
        yield rtf.text_of(content).encode("latin-1", "replace")
    elif tnef.is_container(content) and budget.allows(budget.Work.OPENED):
        for text in rtf.packed_in(content):
            yield rtf.text_of(text).encode("latin-1", "replace")
    elif said := _said(content[:_SEARCHED_WHOLE], leaf):
        yield said.encode("latin-1", "replace")


def _said(content: bytes, leaf: mime.Node) -> str:
    """What mail programs read where the bytes may hide it: in such a charset, and letters written as references in
    HTML. "" where the bytes show everything."""
    codec = _codec(leaf)
    hides = codec.startswith(_OTHER_BYTES)
    text = content.decode(codec if hides else "latin-1", "replace")
    said = _with_letters(text)
    return said if hides or said != text else ""


def _with_letters(text: str) -> str:
    """The text with its references for letters replaced, whatever kind of file it says to be."""
    return _REFERENCE.sub(_letter, text) if "&#" in text else text


def _codec(leaf: mime.Node) -> str:
    return charset.codec_name(leaf.type_params.get("charset", b"").decode("latin-1")) or ""


def _letter(found: re.Match[str]) -> str:
    """The letter that is meant, if it may stand in a link; the signs of HTML stay as they are written."""
    letter = chr(int(found[1], 16) if found[1] else int(found[2]))
    return letter if letter in _OF_LINKS else found.group()


def _secrets_in(data: bytes) -> set[str]:
    return secrets_in(_as_text(budget.cut(budget.Work.SECRETS, _telling(data), len(data))))


def _telling(data: bytes) -> bytes:
    """The text, or of a long one its beginning and what stands around words of ours."""
    if len(data) <= _LONG:
        return data
    places = {0}
    for needle in _needles():
        place = data.find(needle)
        while place >= 0 and len(places) < _MOST_PLACES * 10:
            places.add(place)
            place = data.find(needle, place + _BEHIND)
    return b"\n\n".join(data[max(0, place - _BEFORE) : place + _BEHIND] for place in sorted(places))


def _as_text(data: bytes) -> str:
    return (data.replace(b"\0", b"")).decode("latin-1")


def _may_hold(data: bytes) -> bool:
    """Whether one of our words stands there, also over the ends of lines; small mails that hold others are opened."""
    # Of more than that, ends of lines break but some of our words.
    joined = _SOFT.sub(b"", data) if len(data) <= 2 * _SEARCHED_WHOLE else data
    if any(needle in joined for needle in _needles()):
        return True
    return len(data) <= _SEARCHED_WHOLE and (
        b"+1" in data or b"+b" in data or b"2B1" in data or b"<1" in data or _LINES_OF_BASE64.search(data) is not None
    )


@cache
def _needles() -> tuple[bytes, ...]:
    names = {path.rstrip("/").rpartition("/")[2] for path in secret_paths()}
    forms = {form for name in names for form in (name, *base64_forms(name))}
    # Whatever answers or brings back a mail of ours names its Message-ID.
    return (
        b".otklik@",
        *(form.encode() for form in sorted(forms)),
        *(name.encode("utf-16-le") for name in sorted(names)),
    )


def _head(data: bytes) -> bytes:
    """What stands between the bodies: header fields, boundaries."""
    data = _ENCODED_WORDS.sub(_words, data)
    return blanked_bytes(data)


def _words(found: re.Match[bytes]) -> bytes:
    said = words.decode_header(found.group())
    return found.group() if blanked(said, IN_BYTES) == said else IN_BYTES.encode()


def _body(tree: mime.Tree, leaf: mime.Node, depth: int) -> bytes:
    body, content = tree.body(leaf), attachments.content_of(tree, leaf)
    is_mail = leaf.content_type.startswith("message/") and depth < _DEEPEST
    cleaned = blanked_mail(content, depth + 1) if is_mail else blanked_file(content, depth)
    if (said := _said(cleaned, leaf)) and (hidden := blanked(said, IN_BYTES)) != said:
        codec = _codec(leaf)
        cleaned = hidden.encode(codec if codec.startswith(_OTHER_BYTES) else "latin-1", "replace")
    if cleaned != content:
        body = next(_encoded(cleaned, leaf.encoding if content != body else ""))
    # A label that lies about the encoding hides nothing.
    return body if content != tree.body(leaf) and cleaned != content else blanked_bytes(body)


def _encoded(data: bytes, encoding: str) -> Iterator[bytes]:
    if encoding.startswith(("base", "b64")):
        yield base64.encodebytes(data).replace(b"\n", b"\r\n")
    if encoding.startswith("quoted"):
        yield quopri.encodestring(data)
    yield data if not encoding else IN_BYTES.encode()

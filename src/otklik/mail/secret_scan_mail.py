"""Find our own secrets inside whole mails and files: MIME parts, attached mails and archives are opened.

How much of one mail or file is looked at in depth is bounded, however it is made; of what is longer everything is
searched for links that stand there as they are, and in depth what stands around words of ours and rows of escapes.
"""

import base64
import quopri
import re
import time
from collections.abc import Iterator
from functools import cache
from itertools import islice

from otklik.mail import attachment_unpacking, file_texts, pdf_and_png_text, secret_shapes
from otklik.mail.parse import attachments, budget, encoded_words, mime, tnef
from otklik.mail.parse.budget import Work
from otklik.mail.secret_scan import FILLED, IN_BYTES, blanked, blanked_as_it_is, secrets_in
from otklik.mail.text_decoding import ALL_ESCAPED

RULES = 4
"""Version of the search rules. Incrementing it makes all stored files be searched again."""

_DEEPEST = 20
# A link in a file's name ends it, but for an extension.
_END_OF_NAME = 300
# Of a longer text only what stands around words of ours is looked at in depth.
_LONG, _BEFORE, _BEHIND, _MOST_PLACES = 256 * 1024, 2_000, 4_000, 200
_FIELDS = re.compile(rb"(?:[ \t]*\r?\n){0,3}(?:[!-9;-~]{1,60}:(?!//)[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n){0,200}){3}")
_ENCODED_WORDS = re.compile(rb"(?:=\?[^?\s]{1,60}\?[bBqQ]\?[^?\r\n]{0,998}\?=(?:\s{1,80}(?==\?))?)+")
_BASE64_ALONE = re.compile(rb"[A-Za-z0-9+/=\s]*+")


def blanked_mail(raw: bytes, depth: int = 0) -> bytes:
    """Return a mail without our secrets, in any part, encoding and depth; the same bytes if there are none."""
    with budget.one_mail():
        tree = mime.read(raw)
        made, position = [], 0
        for leaf in sorted(tree.leaves(), key=lambda node: node.start):
            if leaf.start < position:
                continue
            made += [_head(tree.raw[position : leaf.start]), _body(tree, leaf, depth)]
            position = leaf.end
        cleaned = b"".join([*made, _head(tree.raw[position:])])
    return raw if cleaned == tree.raw else cleaned


def blanked_file(data: bytes, depth: int = 0, codec: str = "") -> bytes:
    """Return a file without our secrets: any kind of text, saved mails, archives. `codec`: its declared charset, if
    unusual."""
    with budget.one_mail():
        if not pdf_and_png_text.may_speak(data, secret_shapes.beginnings()):
            return data
        if attachment_unpacking.is_packed(data):
            changed = (
                attachment_unpacking.repacked(data, lambda inner: blanked_file(inner, depth + 1))
                if depth < _DEEPEST
                else None
            )
            if changed != data:
                return IN_BYTES.encode() if changed is None else changed
        if _FIELDS.match(data):
            return blanked_mail(data, depth + 1) if depth < _DEEPEST else IN_BYTES.encode()
        return _blanked_texts(data, codec)


def _blanked_texts(data: bytes, codec: str) -> bytes:
    """Return the file with every text that it may be read as blanked."""
    read, looked_at = list(file_texts.texts_of(data, codec)), 0
    while looked_at < len(read):
        text = read[looked_at]
        looked_at += 1
        blanked_text = _blanked_text(text.said, is_text=text.is_words)
        if blanked_text == text.said:
            continue
        made = text.back(blanked_text)
        if made is None:
            return IN_BYTES.encode()
        if made != data:
            data, read = made, list(file_texts.texts_of(made, codec))
    return data


def _blanked_text(text: str, *, is_text: bool) -> str:
    pieces, position, label = list[str](), 0, IN_BYTES if is_text else FILLED
    if len(text) > _LONG or not is_text:
        text = blanked_as_it_is(text, label)
    for begin, end in _telling(text, from_start=is_text):
        if budget.allows(Work.BLANKED, end - begin):
            blanked_part = blanked(text[begin:end], label)
        else:
            blanked_part = blanked_as_it_is(text[begin:end], label)
        pieces += [text[position:begin], blanked_part]
        position = end
    return "".join(pieces) + text[position:]


def secrets_of(raw: bytes) -> set[str]:
    """Return everything in a mail that may be one of our secrets. Cheap for most mails, bounded by `Work.SECRETS`."""
    with budget.one_mail():
        return set[str]().union(*_found_in(raw, 0))


def secrets_found_soon(raw: bytes, seconds: float) -> set[str] | None:
    """Like `secrets_of`, within a fraction of its bounds and this CPU time in seconds; None if that is exceeded."""
    end, secrets = time.thread_time() + seconds, set[str]()
    with budget.one_mail() as account:
        for work, most in _SOON.items():
            budget.take(work, work.most - most)
        for of_part in _found_in(raw, 0):
            if account.refused or time.thread_time() > end:
                return None
            secrets |= of_part
        return None if account.refused else secrets


_SOON = {Work.SECRETS: 384 * 1024, Work.UNPACKED: 4 * 1024 * 1024}


def _found_in(raw: bytes, depth: int) -> Iterator[set[str]]:
    """Yield the secrets of one part after another, empty sets included."""
    tree = mime.read(raw)
    # A mail that names one of ours may quote a code, in which no word of ours stands.
    ours = any(needle.encode() in tree.raw for needle in _needles())
    yield _secrets_in(_text(tree.raw[: tree.root.start]), codes=ours)
    for encoded in _ENCODED_WORDS.findall(tree.raw[: tree.root.start])[:_MOST_PLACES]:
        yield secrets_in(encoded_words.decode_header(encoded), codes=ours)
    for leaf in tree.leaves():
        yield secrets_in(attachments.name_of(leaf)[-_END_OF_NAME:], codes=ours)
        content = attachments.content_of(tree, leaf)
        yield from _found_in_file(content, depth, _codec(leaf), codes=ours)
        if content != tree.body(leaf) and not _BASE64_ALONE.fullmatch(tree.body(leaf)):
            yield _secrets_in(_text(tree.body(leaf)), codes=ours)


def _found_in_file(data: bytes, depth: int, codec: str = "", *, codes: bool = True) -> Iterator[set[str]]:
    if not pdf_and_png_text.may_speak(data, secret_shapes.beginnings()):
        return
    if depth < _DEEPEST and attachment_unpacking.is_packed(data):
        any_found = False
        for of_member in _found_in_archive(data, depth, codes=codes):
            any_found = any_found or bool(of_member)
            yield of_member
        if any_found:
            return
    if depth < _DEEPEST and _FIELDS.match(data):
        yield from _found_in(data, depth + 1)
    elif tnef.is_container(data) and not budget.allows(Work.OPENED):
        yield _secrets_in(_text(data), codes=codes)
    else:
        for text in file_texts.texts_of(data, codec):
            yield _secrets_in(text.said, codes=codes, is_text=text.is_words)


def _found_in_archive(data: bytes, depth: int, *, codes: bool) -> Iterator[set[str]]:
    for name, content in attachment_unpacking.inside(data):
        yield secrets_in(name[-_END_OF_NAME:], codes=False)
        yield from _found_in_file(content, depth + 1, codes=codes)


def _secrets_in(text: str, *, codes: bool, is_text: bool = True) -> set[str]:
    secrets = set[str]()
    for begin, end in _telling(text, from_start=is_text):
        left = max(0, min(end - begin, budget.left(Work.SECRETS)))
        if not budget.allows(Work.SECRETS, end - begin):
            budget.take(Work.SECRETS, left)
        secrets |= secrets_in(text[begin : begin + left], codes=codes)
    return secrets


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _telling(text: str, *, from_start: bool) -> list[tuple[int, int]]:
    """Return the spans of a text to search in depth: all, or for a long one its beginning and the surroundings of our
    words."""
    if len(text) <= _LONG and from_start:
        return [(0, len(text))]
    places = {0} if from_start else set[int]()
    for needle in _needles():
        place, most = text.find(needle), len(places) + _MOST_PLACES
        while place >= 0 and len(places) < most:
            places.add(place)
            place = text.find(needle, place + _BEHIND)
    escaped = ALL_ESCAPED.finditer(text) if from_start else iter(())
    places |= {match.start() for match in islice(escaped, _MOST_PLACES)}
    parts = list[tuple[int, int]]()
    for place in sorted(places):
        begin, end = max(0, place - _BEFORE), min(len(text), place + _BEHIND)
        if parts and begin <= parts[-1][1]:
            parts[-1] = parts[-1][0], end
        else:
            parts.append((begin, end))
    return parts


@cache
def _needles() -> tuple[str, ...]:
    forms = {form for word in secret_shapes.signs() for form in (word, *secret_shapes.base64_forms(word))}
    # Whatever answers or brings back a mail of ours names its Message-ID.
    return (".otklik@", *sorted(forms))


def _codec(leaf: mime.Node) -> str:
    return file_texts.codec_of(leaf.type_params.get("charset", b"").decode("latin-1"))


def _head(data: bytes) -> bytes:
    """Return what is between the bodies, without secrets: header fields, boundaries."""
    data = _ENCODED_WORDS.sub(_words, data)
    return _blanked_texts(data, "")


def _words(match: re.Match[bytes]) -> bytes:
    decoded = encoded_words.decode_header(match.group())
    return match.group() if blanked(decoded, IN_BYTES) == decoded else IN_BYTES.encode()


def _body(tree: mime.Tree, leaf: mime.Node, depth: int) -> bytes:
    body, content = tree.body(leaf), attachments.content_of(tree, leaf)
    is_mail = leaf.content_type.startswith("message/") and depth < _DEEPEST
    cleaned = blanked_mail(content, depth + 1) if is_mail else blanked_file(content, depth, _codec(leaf))
    if cleaned != content:
        body = next(_encoded(cleaned, leaf.encoding if content != body else ""))
    # A label that lies about the encoding hides nothing.
    is_read = content != tree.body(leaf) and (cleaned != content or _BASE64_ALONE.fullmatch(body) is not None)
    return body if is_read else _blanked_texts(body, "")


def _encoded(data: bytes, encoding: str) -> Iterator[bytes]:
    if encoding.startswith(("base", "b64")):
        yield base64.encodebytes(data).replace(b"\n", b"\r\n")
    if encoding.startswith("quoted"):
        yield quopri.encodestring(data)
    yield data if not encoding else IN_BYTES.encode()

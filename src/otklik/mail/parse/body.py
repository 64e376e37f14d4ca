"""Decide which parts of a mail are text and which are files, and extract the text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape

from otklik.mail import rtf
from otklik.mail.parse import (
    alternatives,
    attachments,
    budget,
    charset,
    datauri,
    documents,
    html,
    invisible_html,
    layout,
    limits,
    mime,
    richtext,
    smime,
    text_cleaning,
    tnef,
    transfer_encoding,
    uuencode,
)
from otklik.mail.parse.budget import Work
from otklik.mail.parse.model import Part

_META = re.compile(rb"<meta[^>]{0,300}?charset\s*+=\s*+[\"']?+\s*+([A-Za-z0-9_.:\-]{2,40})", re.I)
_WORD_LABEL = re.compile(rb"=\?([A-Za-z0-9_.:\-]{1,40})\?[bBqQ]\?")
_LOOKS_HTML = re.compile(r"\s*(?:<!doctype html|<html|<head|<body)\b", re.I)
_NOT_LETTERS = re.compile(r"[\W_]+")
# Letters by category, but invisible: Hangul fillers and the Braille blank.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffd")
_PGP = "-----BEGIN PGP MESSAGE-----"
_SHORT_TEXT = 20_000
_SIGNED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_NAMES_OF_SMIME = {"", "smime.p7m"}
_NO_WORDS = {"text/calendar"}
_DOCUMENTS = {"text/rtf", "text/json", "text/xml"}
_ENRICHED = {"text/enriched", "text/richtext"}
_COMMAND = re.compile(r"<<|<param>[^<]{0,200}</param>|</?[A-Za-z0-9-]{1,60}>", re.I)
_TAG = re.compile(r"<[a-z!/?]", re.I)
_FILES = {
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"\xd0\xcf\x11\xe0": "application/x-ole-storage",
    b"Rar!\x1a": "application/vnd.rar",
    b"7z\xbc\xaf": "application/x-7z-compressed",
}
_CYRILLIC = re.compile("[а-яё]", re.I)
_LATIN = re.compile("[a-z]", re.I)


@dataclass(slots=True)
class Body:
    """The result of `collect`: plain and HTML texts in order, files, and remarks on defects."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    truncated: bool = False
    encrypted: bool = False
    loose_html: list[str] = field(default_factory=list)
    # Plain texts and inline pictures in the order of the mail.
    flow: list[str | Part] = field(default_factory=list)
    # HTML texts and inline pictures in the order of the mail.
    html_flow: list[str | Part] = field(default_factory=list)

    def add_written(self, parts: Sequence[Part], broken: bool) -> None:
        """Add files that were written into HTML; `broken`: at least one could not be decoded."""
        self.parts.extend(parts)
        if broken:
            self.defects.append(_BROKEN)


_BROKEN = "a file in its text is broken"


def collect(tree: mime.Tree) -> Body:
    """Sort the leaves of a mail into texts and files. Whatever is not read as text becomes a file."""
    collected, usual = Body(), mail_hint(tree)
    for node in tree.leaves():
        name = attachments.name_of(node, usual)
        collected.encrypted = collected.encrypted or node.content_type == "application/pgp-encrypted"
        if attachments.is_file(node, name):
            _file(collected, tree, node, name)
        else:
            _add_text(collected, tree, node)
    if not any(map(is_visible, collected.plain)) and not any(map(_has_content, collected.html)):
        _text_from_named_parts(collected, tree)
    if len(collected.parts) > limits.ATTACHMENTS:
        collected.truncated = True
        collected.defects.append(
            f"{len(collected.parts) - limits.ATTACHMENTS} more attachments stay in the original mail only"
        )
        del collected.parts[limits.ATTACHMENTS :]
    return collected


def _text_from_named_parts(collected: Body, tree: mime.Tree) -> None:
    """If a mail has no other text, read a text part with a file name or a rarer type, but no attachment."""
    read = [node for node in tree.leaves() if node.disposition != "attachment" and node.content_type not in _NO_WORDS]
    loose = [(node, name) for node in read if attachments.is_file(node, name := attachments.name_of(node))]
    for node, _name in loose:
        if node.content_type.startswith("text/") and not _is_document(tree, node):
            _add_text(collected, tree, node)
            return
    for node, name in loose:
        # A document with a file name stays a file, unless it is all of the mail.
        if (node.parent is None or not name) and budget.allows(Work.OPENED):
            data = transfer_encoding.undeclared(attachments.content_of(tree, node))
            if content := documents.text_of(node.content_type, data, hint(node)):
                collected.plain.append(text_cleaning.body(content))
                return
    _text_from_attached_mail(collected, tree)


def _text_from_attached_mail(collected: Body, tree: mime.Tree) -> None:
    """If an empty mail has a single short text file attached, read that as its text; it stays a file as well."""
    texts = [node for node in tree.leaves() if node.disposition == "attachment" and node.content_type == "text/plain"]
    if len(texts) == 1 and len(tree.body(texts[0])) <= _SHORT_TEXT and not _is_document(tree, texts[0]):
        _add_text(collected, tree, texts[0])


def _is_document(tree: mime.Tree, node: mime.Node) -> bool:
    return node.content_type in _DOCUMENTS or tree.body(node).lstrip().startswith(richtext.SIGNATURE)


def hint(node: mime.Node) -> str:
    """The charset that a part declares, as a hint for decoding its headers; "" if it declares none."""
    return node.type_params.get("charset", b"").decode("latin-1")


def mail_hint(tree: mime.Tree) -> str:
    """The likely charset of a mail's unlabelled bytes: that of a text part or an encoded header.

    Charsets that are often declared wrongly, such as ASCII, are ignored; "" if there is no other.
    """
    labels = [hint(tree.root), *(hint(leaf) for leaf in tree.leaves() if leaf.content_type.startswith("text/"))]
    labels += [
        word.decode("ascii")
        for name in ("subject", "from")
        for word in _WORD_LABEL.findall(tree.root.fields.first(name))
    ]
    telling = (label for label in labels if charset.codec_name(label) not in {None, "ascii", "cp1252", "utf_8"})
    return next(telling, "")


def _file(collected: Body, tree: mime.Tree, node: mime.Node, name: str) -> None:
    content = attachments.content_of(tree, node)
    if not content and not name and node.content_type == "application/octet-stream":
        return
    if tnef.is_container(content) and budget.allows(Work.OPENED):
        files, opened = attachments.inside(content)
        collected.parts.append(attachments.part(node, name, content))
        collected.parts.extend(files)
        _text_from_tnef(collected, opened, content)
        return
    collected.parts.append(_placed(collected, node, attachments.part(node, name, content)))
    signs = node.content_type in _SIGNED or name.lower().endswith(".p7m")
    is_mail = node is tree.root or name.lower() in _NAMES_OF_SMIME  # else it is an encrypted document
    collected.encrypted = collected.encrypted or (signs and is_mail and smime.is_encrypted(content))
    if signs and budget.allows(Work.OPENED) and (signed := smime.signed_content(content)):
        _text_from_signed(collected, signed)


def _placed(collected: Body, node: mime.Node, part: Part) -> Part:
    """Add an inline picture to `flow`, giving it a Content-ID if the mail has none; returns the part."""
    if node.disposition != "inline" or not part.content_type.startswith("image/"):
        return part
    named = part if part.content_id else replace(part, content_id=f"part-{len(collected.parts) + 1}@mail")
    collected.flow.append(named)
    collected.html_flow.append(named)
    return named


def _text_from_signed(collected: Body, signed: bytes) -> None:
    """Read the MIME entity within a signature, one level deep. The signature is not verified."""
    tree = mime.read(signed)
    usual = mail_hint(tree)
    for node in tree.leaves():
        name = attachments.name_of(node, usual)
        if attachments.is_file(node, name):
            collected.parts.append(attachments.part(node, name, attachments.content_of(tree, node)))
        else:
            _add_text(collected, tree, node)


def _text_from_tnef(collected: Body, opened: tnef.Opened, content: bytes) -> None:
    if opened.text.strip():
        collected.plain.append(text_cleaning.body(opened.text))
    elif opened.html.strip():
        collected.html.append(text_cleaning.storable(opened.html))
    else:
        texts = (richtext.text_of(packed) for packed in rtf.packed_in(content) if budget.allows(Work.OPENED))
        collected.plain.extend(content_text for content_text in texts if is_visible(content_text))


def _add_text(collected: Body, tree: mime.Tree, node: mime.Node) -> None:
    data = attachments.content_of(tree, node)
    if len(data) <= min(limits.TEXT_BYTES, budget.left(Work.TEXT)):
        data = transfer_encoding.undeclared(data)
    if kind := _file_type(data):
        collected.parts.append(replace(attachments.part(node, "", data), content_type=kind))
        return
    if node.content_type == "text/html":
        data, written, broken = datauri.extract_bytes(data, len(collected.parts))
        collected.add_written(written, broken)
        data = invisible_html.without_unseen(data) if len(data) > limits.HTML_CHARS else data
    if node.content_type == "text/html" and _TAG.search(source := _html_source(data, node)):
        source, written, broken = datauri.extract(source, len(collected.parts))
        collected.add_written(written, broken)
        collected.html.append(source)
        collected.html_flow.append(source)
        if not _has_alternative(node):
            collected.loose_html.append(source)
        return
    data, files = uuencode.extract(data, max(0, limits.ATTACHMENTS - len(collected.parts)))
    collected.parts.extend(attachments.loose(name, content) for name, content in files)
    data = budget.cut(Work.TEXT, data, limits.TEXT_BYTES)
    value = charset.decode(data, hint(node), _parent_hint(node))
    if node.content_type in _ENRICHED:
        value = _COMMAND.sub(lambda collected: "<" if collected.group() == "<<" else "", value)
    if _is_html(value):
        collected.html.append(text_cleaning.storable(value))
        return
    value = text_cleaning.body(text_cleaning.without_references(value))
    collected.encrypted = collected.encrypted or value.lstrip().startswith(_PGP)
    if node.type_params.get("format", b"").lower().strip() == b"flowed":
        value = unflowed(value, delsp=node.type_params.get("delsp", b"").lower() == b"yes")
    collected.plain.append(value)
    collected.flow.append(value)


def _is_html(value: str) -> bool:
    """Whether plain text is in fact HTML. With text after `</html>` it is not: somebody quotes a page."""
    _, ends, below = value.lower().rpartition("</html>")
    return _LOOKS_HTML.match(value[:500]) is not None and "</" in value and not (ends and is_visible(below))


def _file_type(data: bytes) -> str:
    """The content type of data that claims to be text but has the signature of a file; "" for text."""
    return next((kind for mark, kind in _FILES.items() if data.startswith(mark)), "")


def _has_alternative(node: mime.Node) -> bool:
    """Whether an HTML part is inside multipart/alternative."""
    above = node.parent
    while above is not None and above.content_type != "multipart/alternative":
        above = above.parent
    return above is not None


def _parent_hint(node: mime.Node) -> str:
    parent = node.parent
    return hint(parent) if parent is not None else ""


def _html_source(data: bytes, node: mime.Node) -> str:
    label = hint(node)
    data = budget.cut(Work.TEXT, data, limits.TEXT_BYTES)
    meta = _META.search(data[:4096])
    codec = charset.codec_name(label)
    if meta and (codec is None or codec in {"ascii", "cp1252"}):
        label = meta.group(1).decode("ascii")
    return text_cleaning.storable(charset.decode(data, label, _parent_hint(node)))


def unflowed(value: str, *, delsp: bool) -> str:
    """Text of `format=flowed` (RFC 3676) with its paragraphs joined; quoted lines stay separate."""
    paragraphs: list[list[str]] = []
    joins = False
    for line in value.split("\n"):
        quoted = line.startswith(">")
        plain = line if quoted else line.removeprefix(" ")
        flows = plain.endswith(" ") and plain != "-- " and not quoted
        line_kept = plain[:-1] if flows and delsp else plain
        if joins and not quoted and plain != "-- ":
            paragraphs[-1].append(line_kept)
        else:
            paragraphs.append([line_kept])
        joins = flows
    return "\n".join("".join(paragraph) for paragraph in paragraphs)


def readable(collected: Body) -> tuple[str, html.Rendered | None, str | None]:
    """(text to show, rendered HTML, HTML source); the latter two are None without HTML, or if it is too complex."""
    source = "\n".join(collected.html) if collected.html else None
    rendered: html.Rendered | None = None
    if source is not None:
        if html.too_complex(source):
            collected.defects.append("the HTML is too large or too deep and is shown as plain text")
            rendered, source = html.Rendered(html.bare(source), "", has_marks=False), None
        else:
            rendered = html.render(source)
            if not collected.parts and not is_visible(rendered.text):
                rendered = html.Rendered(alternatives.last_words(source), "", has_marks=False)
    collected.plain = [plain_text for plain_text in collected.plain if is_visible(plain_text)]
    plain = "\n".join(collected.plain)
    if rendered is not None and collected.plain and alternatives.is_less(plain, rendered):
        collected.plain, plain = [], ""
    if not plain or rendered is None:
        return plain or (rendered.text if rendered else ""), rendered, source
    if not collected.loose_html and (both := alternatives.together(plain, rendered, source or "")):
        collected.plain = [both] if both != rendered.text else []
        return both, rendered, source
    return _with_loose_html(plain, collected.loose_html), rendered, source


def laid_out(collected: Body, source: str | None) -> tuple[str, ...]:
    """The text as the mail laid it out; empty if plain text conveys as much (see `layout`)."""
    if source is not None:
        return layout.of_html(_with_pictures_between(collected) or source, collected.parts)
    return layout.of_plain(collected.flow, collected.parts) if not collected.html else ()


def _with_pictures_between(collected: Body) -> str:
    """Return the HTML texts with the inline pictures that stand between them, as Apple Mail writes; "" if none do.

    A picture that the HTML refers to stands where it does.
    """
    flow = collected.html_flow
    texts = [place for place, piece in enumerate(flow) if isinstance(piece, str)]
    if len(texts) != len(collected.html) or len(texts) < 2:
        return ""
    between, written = flow[texts[0] : texts[-1] + 1], "".join(collected.html)
    shown = [piece for piece in between if isinstance(piece, str) or f"cid:{piece.content_id}" not in written]
    if len(shown) == len(texts):
        return ""
    return "\n".join(
        piece if isinstance(piece, str) else f'<div><img src="cid:{escape(piece.content_id)}"></div>' for piece in shown
    )


def _has_content(source: str) -> bool:
    """Whether HTML seems to have visible text or pictures; a cheap test."""
    return is_visible(html.bare(source)) or "<img" in source.lower()


def is_visible(value: str) -> bool:
    """Whether a text has any visible character: not only blanks of any kind and zero-width marks."""
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK_LETTERS for char in value)


def _with_loose_html(plain: str, sources: list[str]) -> str:
    """The plain text followed by HTML parts that are not alternatives of it and have other content."""
    letters_said, shown = _letters(plain), [plain]
    for source in sources:
        if html.too_complex(source) or not budget.allows(Work.LOOSE_HTML, len(source)):
            continue
        more = html.render(source).text
        if more.strip() and _letters(more)[:200] not in letters_said:
            shown.append(more)
    return "\n".join(shown)


def _letters(value: str) -> str:
    return _NOT_LETTERS.sub("", value[: limits.REPLY_CHARS]).lower()


def language(value: str) -> str | None:
    """Guess the language from the script: `ru`, `en`, or None if there are too few letters or both scripts."""
    sample = value[:4000]
    cyrillic, latin = len(_CYRILLIC.findall(sample)), len(_LATIN.findall(sample))
    if cyrillic + latin < 10:
        return None
    return "ru" if cyrillic > latin * 0.5 else "en" if cyrillic == 0 else None


__all__ = ["Body", "collect", "hint", "language", "mail_hint", "readable", "unflowed"]

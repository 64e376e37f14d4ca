"""Attachments of a mail, with their names and bytes."""

from otklik.mail.parse import (
    charset,
    encoded_words,
    filename,
    limits,
    mime,
    mime_params,
    text_cleaning,
    tnef,
    transfer_encoding,
)
from otklik.mail.parse.model import Part

_NAMELESS_TEXT = {"text/plain", "text/html"}


def name_of(node: mime.Node, hint: str = "") -> str:
    """Return a part's decoded file name, from either header; "" if there is none."""
    for source, key in (
        (node.disposition_params, "filename"),
        (node.type_params, "name"),
        (node.disposition_params, "name"),
        (node.type_params, "filename"),
    ):
        name = text_cleaning.line(mime_params.text(source, key, hint)[: limits.NAME_BYTES])
        if name:
            return name
    return (
        text_cleaning.line(encoded_words.decode_header(node.fields.first("content-description"), hint))
        if _described(node)
        else ""
    )


def _described(node: mime.Node) -> bool:
    """Return whether Content-Description looks like a file name."""
    description = node.fields.first("content-description")
    return (
        b"." in description
        and len(description) < 200
        and not node.content_type.startswith(("text/", "message/", "multipart/"))
    )


def is_file(node: mime.Node, name: str) -> bool:
    """Return whether a leaf is a file: anything but an unnamed inline text."""
    if node.disposition == "attachment" or node.content_type not in _NAMELESS_TEXT:
        return True
    return bool(name)


def content_of(tree: mime.Tree, node: mime.Node) -> bytes:
    """The decoded bytes of a leaf."""
    data = tree.body(node)
    return (
        data
        if node.content_type.startswith("message/") and node.encoding in {"", "7bit", "8bit", "binary"}
        else transfer_encoding.decode(data, node.encoding)
    )


def part(node: mime.Node, name: str, content: bytes) -> Part:
    """Return a leaf as an attachment."""
    full = filename.clean(name)
    named = node.fields.text("content-id") or node.fields.text("content-location")
    content_id = text_cleaning.line(named[: limits.NAME_BYTES]).strip("<> ")[: limits.NAME_CHARS]
    inline = node.disposition == "inline" or (bool(content_id) and node.disposition != "attachment")
    return Part(filename.short(full), node.content_type, len(content), content, content_id, inline, full)


def loose(name: bytes | str, content: bytes, content_type: str = "", content_id: str = "") -> Part:
    """Return a file that is not a MIME part: from winmail.dat or uuencoded text."""
    full = filename.clean(charset.decode(name) if isinstance(name, bytes) else name)
    return Part(
        filename.short(full), content_type or "application/octet-stream", len(content), content, content_id, False, full
    )


def inside(container: bytes) -> tuple[list[Part], tnef.Opened]:
    """Return the files in a winmail.dat, and its bodies."""
    opened = tnef.open_container(container)
    files_kept = [file for file in opened.files if file.content or file.name]
    files = [loose(file.name, file.content, _plain_type(file.content_type), file.content_id) for file in files_kept]
    return files, opened


def _plain_type(value: str) -> str:
    return mime_params.media_type(value)

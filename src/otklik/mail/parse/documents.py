"""Extract text from parts that are RTF, JSON, XML, forms or other text."""

import json
import re
from typing import Final
from urllib.parse import parse_qsl

from otklik.mail.parse import charset, html, limits, richtext, text_cleaning

_RTF: Final = {"text/rtf", "application/rtf", "application/x-rtf", "text/richtext"}
_JSON: Final = {"application/json", "text/json", "application/x-json"}
_XML: Final = {"application/xml", "text/xml"}
_FORM: Final = "application/x-www-form-urlencoded"
_UNKNOWN: Final = {"application/octet-stream", "application/yaml", "application/x-yaml", "application/unknown"}
_PROLOG: Final = re.compile(r"<[?!][^<>]{0,300}>")
_FIELDS: Final = 500
_SAMPLE: Final = 4096


def text_of(content_type: str, data: bytes, hint: str) -> str:
    """Return a document's text, at most `limits.TEXT_BYTES`; "" if it has none. `hint`: the declared charset."""
    data = data[: limits.TEXT_BYTES].lstrip()
    if data.startswith(richtext.SIGNATURE):
        return richtext.text_of(data)
    if content_type in _RTF or not _is_text(data, content_type):
        return ""
    decoded = text_cleaning.body(charset.decode(data, hint))
    if content_type in _JSON or content_type.endswith("+json"):
        return _json(decoded)
    if content_type in _XML or content_type.endswith("+xml"):
        return html.bare(_PROLOG.sub("", decoded))
    if content_type == _FORM:
        return _form(decoded)
    return decoded if content_type in _UNKNOWN or content_type.startswith("text/") else ""


def _is_text(data: bytes, content_type: str) -> bool:
    """Return whether the bytes look like text, whatever the declared type; UTF-16 must be declared."""
    sample = data[:_SAMPLE]
    unseen = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in sample)
    return bool(sample.strip()) and (not unseen or content_type not in _UNKNOWN)


def _json(source: str) -> str:
    """Return JSON indented and with readable letters; unchanged if it is invalid."""
    try:
        return json.dumps(json.loads(source), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return source


def _form(source: str) -> str:
    try:
        pairs = parse_qsl(source.strip(), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return source
    return "\n".join(f"{name}: {value}" for name, value in pairs) or source

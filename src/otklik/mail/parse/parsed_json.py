"""Parsed mails as plain dictionaries, for JSON output of the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from otklik.mail.parse.model import ParsedMail
from otklik.mail.parse.parse_mail import parse


def as_dict(parsed: ParsedMail) -> dict[str, Any]:
    """Return the keys that `otklik mail parse` promises.

    `from_address` is as claimed, or Reply-To if there is no author; it proves nothing.
    """
    return {
        "from_address": parsed.from_claim or parsed.reply_to or "",
        "from_name": parsed.from_name,
        "subject": parsed.subject,
        "text": parsed.text,
        "reply_text": parsed.reply_text,
        "attachments": [
            {"name": part.full_name or None, "size": part.size, "type": part.content_type} for part in parsed.parts
        ],
        "is_auto_reply": parsed.is_auto_reply,
        "is_bounce": parsed.is_bounce,
        "message_id": parsed.message_id,
        "in_reply_to": list(parsed.in_reply_to),
    }


def parse_directory(directory: Path) -> Iterator[dict[str, Any]]:
    """Parse every file below a directory; each dictionary also has `file`, relative to it, or `error`."""
    for path in sorted(directory.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(directory).as_posix()
        try:
            raw = path.read_bytes()
        except OSError as broken:
            yield {"file": name, "error": str(broken)}
            continue
        yield {"file": name, **as_dict(parse(raw))}

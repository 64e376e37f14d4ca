"""The output of `otklik mail parse`."""

import json
from pathlib import Path

from otklik.mail.parse import parse
from otklik.mail.parse.parsed_json import as_dict, parse_directory

KEYS = {
    "from_address", "from_name", "subject", "text", "reply_text", "attachments", "is_auto_reply", "is_bounce",
    "message_id", "in_reply_to",
}  # fmt: skip


def test_the_keys_are_those_of_the_contract() -> None:
    found = as_dict(parse(b"From: a@a.example\r\nContent-Type: image/png; name=a.png\r\n\r\nx"))
    assert set(found) == KEYS
    assert found["attachments"] == [{"name": "a.png", "size": 1, "type": "image/png"}]
    json.dumps(found)


def test_a_directory_is_read_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.eml").write_bytes(b"Subject: one\r\n\r\nx")
    (tmp_path / "two.eml").write_bytes(b"Subject: two\r\n\r\nx")
    found = {one["file"]: one["subject"] for one in parse_directory(tmp_path)}
    assert found == {"in/one.eml": "one", "two.eml": "two"}

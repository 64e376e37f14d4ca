"""How the name of a file that has none ends."""

import pytest

from otklik.intake.file_endings import ending


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/pdf", ".pdf"),
        ("image/jpg", ".jpg"),
        ("image/webp", ".webp"),
        ("audio/ogg", ".ogg"),
        ("application/vnd.ms-outlook", ".msg"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
        ("application/vnd.oasis.opendocument.text", ".odt"),
        ("application/pgp-signature", ".asc"),
        ("application/octet-stream", ".bin"),
        ("application/x-unheard-of", ""),
    ],
)
def test_a_nameless_file_ends_as_its_type_says(content_type: str, expected: str) -> None:
    assert ending(content_type) == expected

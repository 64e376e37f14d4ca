"""Pictures of a mail that travel inside a page."""

import io
from pathlib import Path

import pytest
from PIL import Image

from otklik.core import blobs
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import NewFile, Words
from otklik.ui import pictures
from otklik.ui.pictures import data_urls
from tests.acting import by
from tests.cast import Cast


def picture(number: int, *, content_id: str) -> NewFile:
    made = io.BytesIO()
    Image.new("RGB", (8, 8 + number)).save(made, "PNG")
    digest, size = blobs.put(made.getvalue())
    return NewFile(f"{number}.png", "image/png", size, digest, content_id=content_id, inline=True)


def test_a_page_carries_so_many_bytes_of_pictures_together(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail may hold a thousand small ones; the others are offered as files."""
    files = [picture(number, content_id=f"<{number}@mail>") for number in range(4)]
    message = comment(**by(cast.anna), ticket=cast.ticket, words=Words("Снимки"), files=files)
    rows = list(message.attachments.order_by("id"))
    monkeypatch.setattr(pictures, "EMBEDDED_BYTES", files[0].size + files[1].size)
    assert list(data_urls(rows)) == ["0@mail", "1@mail"]
    monkeypatch.setattr(pictures, "EMBEDDED_BYTES", files[0].size - 1)
    assert data_urls(rows) == {}


def test_what_only_says_that_it_is_a_picture_and_what_no_text_names_is_not_put_in(cast: Cast, home: Path) -> None:
    digest, size = blobs.put(b"<svg onload=x>")
    posing = NewFile("a.png", "image/png", size, digest, content_id="<a@mail>")
    message = comment(**by(cast.anna), ticket=cast.ticket, words=Words("x"), files=[posing, picture(1, content_id="")])
    assert data_urls(message.attachments.order_by("id")) == {}

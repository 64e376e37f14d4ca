"""The look of a portal: colour contrast, harmless logos."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from otklik.desks.models import Desk
from otklik.ui.colors import contrast, ink_on, readable
from otklik.workspace.forms.portal_look import LOGO_BYTES
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of

URL = "/projects/ACCREDO/settings/look"


def png() -> bytes:
    """Return a valid picture with a script appended."""
    made = io.BytesIO()
    Image.new("RGB", (80, 40), "teal").save(made, "PNG")
    return made.getvalue() + b"<script>alert(1)</script>"


def portal(cast: Cast) -> str:
    return page_of(Client().get(f"/servicedesk/customer/portal/{cast.desk.pk}"))


def linked(page: str, part: str) -> str:
    """Return the address in the page that contains this part."""
    return next(piece for piece in page.split('"') if part in piece)


def test_colours_come_in_a_sheet_of_their_own(cast: Cast) -> None:
    assert "/look/" not in portal(cast)
    response = as_(cast.lead).post(URL, {"banner_color": "#FFCC00", "accent_color": "7a1f5c"})
    assert response.status_code == 302
    sheet = Client().get(linked(portal(cast), "/look/"))
    css = page_of(sheet)
    assert "#ffcc00" in css and "#000000" in css and "#7a1f5c" in css and "html:not(.sight)" in css
    assert sheet["Content-Type"].startswith("text/css") and "immutable" in sheet["Cache-Control"]
    assert " style=" not in portal(cast)


@pytest.mark.parametrize("color", ["#ffcc00", "#8fbcf5", "#999999"])
def test_a_colour_that_cannot_be_read_is_refused_with_one_that_can(cast: Cast, color: str) -> None:
    response = as_(cast.lead).post(URL, {"accent_color": color})
    page = page_of(response)
    assert response.status_code == 422 and "4,5" in page and readable(color, "#ffffff", "#f4f6f9") in page
    assert Desk.objects.get(pk=cast.desk.pk).accent_color == ""


@pytest.mark.parametrize("color", ["red", "#12345", "#1a5fb4;}", "url(x)"])
def test_only_colours_are_colours(cast: Cast, color: str) -> None:
    assert as_(cast.lead).post(URL, {"banner_color": color}).status_code == 422


def test_ab_68_a_logo_is_shown_as_what_its_bytes_are(cast: Cast, home: Path) -> None:
    lead = as_(cast.lead)
    assert lead.post(URL, {"logo": SimpleUploadedFile("x.html", png(), "text/html")}).status_code == 302
    picture = Client().get(linked(portal(cast), "portal-logo"))
    assert picture["Content-Type"] == "image/png" and picture["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in picture["Content-Security-Policy"]
    assert b"script" not in b"".join(picture.streaming_content)  # type: ignore[arg-type]
    lead.post(URL, {"no_logo": "on"})
    assert "portal-logo" not in portal(cast)


def test_a_logo_of_more_than_512_kilobytes_is_refused(cast: Cast, home: Path) -> None:
    for size, status in ((LOGO_BYTES + 1, 422), (LOGO_BYTES, 302)):
        picture = png().ljust(size, b"\0")
        assert (
            as_(cast.lead).post(URL, {"logo": SimpleUploadedFile("x.png", picture, "image/png")}).status_code == status
        )


def test_ab_69_an_svg_or_a_page_is_no_logo(cast: Cast, home: Path) -> None:
    for data in (b"<svg onload='alert(1)'/>", b"<!doctype html>", b"", b"\x89PNG\r\n\x1a\n" + b"0" * 600_000):
        assert as_(cast.lead).post(URL, {"logo": SimpleUploadedFile("a.png", data, "image/png")}).status_code == 422
    assert Desk.objects.get(pk=cast.desk.pk).logo_digest == ""


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    for ground in ("#ff0000", "#777777", "#00ff00", "#0000ff", "#7f7f00"):
        assert contrast(ink_on(ground), ground) >= 4.5
        assert contrast(readable(ground, "#19222d", "#1f2a37"), "#1f2a37") >= 4.5

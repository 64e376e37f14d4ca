"""Uploaded pictures are re-encoded pixels only (AB-80)."""

import io
import resource
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from otklik.core.images import LONGEST_SIDE, ImageTooLarge, InvalidImage, reencoded


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 100), mode: str = "RGB", **options: object) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else 1).save(made, kind, **options)
    return made.getvalue()


def small(data: bytes) -> bytes:
    return reencoded(io.BytesIO(data), width=150, height=64)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """Return a PNG of a few kilobytes that declares `side` pixels each way."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    packed = zlib.compressobj()
    lines = b"".join(packed.compress(bytes(side // 8 + 1)) for _ in range(side)) + packed.flush()
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_known_kinds_become_a_small_png(kind: str) -> None:
    with Image.open(io.BytesIO(small(picture(kind)))) as made:
        assert (made.format, made.size) == ("PNG", (150, 50))


def test_nothing_but_pixels_is_left() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "CANARY-TEXT")
    data = picture(pnginfo=words, exif=b"Exif\x00\x00CANARY-EXIF") + b"<script>CANARY-TAIL</script>"
    assert data.count(b"CANARY") == 3 and b"CANARY" not in small(data)


def test_of_a_moving_picture_the_first_frame_stays() -> None:
    made = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), color) for color in ("red", "green", "blue")]
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(small(made.getvalue()))) as still:
        assert getattr(still, "n_frames", 1) == 1 and still.convert("RGB").getpixel((4, 4)) == (255, 0, 0)


def test_what_is_clear_stays_clear() -> None:
    with Image.open(io.BytesIO(small(picture("PNG", mode="LA")))) as made:
        assert made.mode == "RGBA"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + b"x" * 40,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.4",
        picture()[:60],
        picture("TIFF"),
        picture("BMP"),
        picture("ICO"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    ],
)
def test_ab_67_whatever_else_is_no_picture(data: bytes) -> None:
    with pytest.raises(InvalidImage):
        small(data)


def test_ab_80_a_picture_that_unpacks_into_gigabytes_is_not_unpacked() -> None:
    data = bomb(60_000)
    assert len(data) < 700_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImageTooLarge):
        small(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000, "kilobytes"


def test_ab_80_one_pixel_too_many_is_too_many() -> None:
    assert small(picture(size=(LONGEST_SIDE, 2)))
    for size in ((LONGEST_SIDE + 1, 2), (2, LONGEST_SIDE + 1)):
        with pytest.raises(ImageTooLarge):
            small(picture(size=size))

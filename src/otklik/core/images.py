"""Re-encode and scale down uploaded images that other people will see (AB-67, AB-80).

What leaves here is nothing but pixels: no metadata, no second frame, no bytes behind the end, no script.
"""

import io
import struct
import warnings
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
# Checked before a pixel is decoded: 16 MB of memory at most, whatever the file claims.
LONGEST_SIDE = 2048
# What a reader's browser is given to unpack: as much as the largest camera of a phone makes with care.
MOST_PIXELS = 150_000_000


class NoPicture(Exception):
    """None of FORMATS, or broken."""


class PictureTooLarge(Exception):
    """More than LONGEST_SIDE pixels wide or high."""


def reencoded(file: BinaryIO, *, width: int, height: int) -> bytes:
    """The picture as a PNG that fits into these pixels; of a moving one the first frame.

    Raises NoPicture, PictureTooLarge. SVG is no picture here: it can carry scripts.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures that it would still decode; ours are refused by their sides.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                if max(picture.size) > LONGEST_SIDE:
                    raise PictureTooLarge
                picture.draft("RGB", (width, height))
                pixels = picture.convert("RGBA")
    except Image.DecompressionBombError:
        raise PictureTooLarge from None
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        struct.error,
    ) as error:
        raise NoPicture from error
    pixels.thumbnail((width, height))
    made = io.BytesIO()
    pixels.save(made, "PNG", optimize=True)
    return made.getvalue()


def unpacks_into_too_much(file: BinaryIO) -> bool:
    """Whether a picture of FORMATS has more than MOST_PIXELS by its head; what is none, or broken, has not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                return picture.width * picture.height > MOST_PIXELS
    except Image.DecompressionBombError:
        return True
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error):
        return False


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height of a picture in pixels, read from its head; None for what is none of FORMATS."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                return picture.size
    except (Image.DecompressionBombError, UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error):
        return None

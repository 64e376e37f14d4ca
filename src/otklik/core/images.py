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
# Limit for images that a reader's browser decodes; phone cameras produce at most about this much.
MOST_PIXELS = 150_000_000


class InvalidImage(Exception):
    """The file is not an image in one of FORMATS, or is damaged."""


class ImageTooLarge(Exception):
    """The image is wider or higher than LONGEST_SIDE pixels."""


def reencoded(file: BinaryIO, *, width: int, height: int) -> bytes:
    """Return the image as a PNG scaled down to fit `width` x `height` pixels; of an animation the first frame.

    Raises InvalidImage, also for SVG, which can carry scripts, and ImageTooLarge.
    """
    try:
        with warnings.catch_warnings():
            # Pillow only warns above its own limit; LONGEST_SIDE below is stricter.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                if max(picture.size) > LONGEST_SIDE:
                    raise ImageTooLarge
                picture.draft("RGB", (width, height))
                pixels = picture.convert("RGBA")
    except Image.DecompressionBombError:
        raise ImageTooLarge from None
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        struct.error,
    ) as error:
        raise InvalidImage from error
    pixels.thumbnail((width, height))
    made = io.BytesIO()
    pixels.save(made, "PNG", optimize=True)
    return made.getvalue()


def exceeds_pixel_limit(file: BinaryIO) -> bool:
    """Return whether the image's header claims more than MOST_PIXELS; False if it is not a readable image."""
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
    """Return width and height in pixels from the image's header; None if it is not an image in one of FORMATS."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                return picture.size
    except (Image.DecompressionBombError, UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error):
        return None

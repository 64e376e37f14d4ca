"""Colour contrast by WCAG 2.2. Pure functions."""

import re

ENOUGH = 4.5
"""The least contrast of text of normal size (WCAG 2.2, 1.4.3)."""

_HEX = re.compile(r"#[0-9a-f]{6}")


def is_color(text: str) -> bool:
    """Return whether the text is a colour as we store it: #rrggbb in lower case."""
    return _HEX.fullmatch(text) is not None


def contrast(color: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 (none) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(color), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(ground: str) -> str:
    """Return black or white, whichever has more contrast with the background; that is always enough."""
    return max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, ground))


def readable(color: str, *grounds: str) -> str:
    """Return the colour, darkened or lightened in steps of 1/50 until it has enough contrast with every background."""
    end = ink_on(grounds[0])
    for step in range(51):
        mixed = _mixed(color, end, step / 50)
        if all(contrast(mixed, ground) >= ENOUGH for ground in grounds):
            return mixed
    return end


def mixed_with(color: str, other: str, share: float) -> str:
    """Return the colour mixed with `share` (0 to 1) of another."""
    return _mixed(color, other, share)


def _mixed(color: str, other: str, share: float) -> str:
    pairs = zip(_parts(color), _parts(other), strict=True)
    return "#" + "".join(f"{round(channel + (two - channel) * share):02x}" for channel, two in pairs)


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

"""Display settings for visually impaired readers (GOST R 52872-2019): the options, and their cookie format.

A choice is one short word in a cookie and, for persons, in their profile: "1-150-black-wide-normal-sans-shown".
"""

from dataclasses import dataclass, replace

COOKIE = "otklik_sight"

# The first value of each is the default.
OPTIONS: dict[str, tuple[str, ...]] = {
    "size": ("125", "100", "150", "200"),
    "scheme": ("white", "black", "blue", "beige", "brown"),
    "letters": ("normal", "wide", "wider"),
    "lines": ("normal", "wide", "wider"),
    "face": ("sans", "serif"),
    "pictures": ("shown", "hidden"),
}
_DARK = {"black", "brown"}


@dataclass(frozen=True, slots=True)
class Sight:
    """The chosen display options. A scheme is named after its background: "black" is white text on black."""

    on: bool = False
    size: str = "125"
    scheme: str = "white"
    letters: str = "normal"
    lines: str = "normal"
    face: str = "sans"
    pictures: str = "shown"

    @property
    def packed(self) -> str:
        """The options as a single word for the cookie, which `unpacked` parses."""
        return "-".join(["1" if self.on else "0", *(self.value(name) for name in OPTIONS)])

    @property
    def css(self) -> str:
        """The class names for `<html>`; "" if the low-vision version is off."""
        return " ".join(["sight", *(f"{name}-{self.value(name)}" for name in OPTIONS)]) if self.on else ""

    @property
    def theme(self) -> str:
        """The theme ("dark" or "light") for what the browser itself draws, such as scroll bars. Empty if off."""
        return ("dark" if self.scheme in _DARK else "light") if self.on else ""

    def value(self, name: str) -> str:
        """Return the value of the option `name`, a key of OPTIONS."""
        return str(getattr(self, name))

    def changed(self, name: str, value: str) -> "Sight":
        """Return a copy with the option set and the version switched on; unchanged for an unknown option or value."""
        return replace(self, on=True, **{name: value}) if value in OPTIONS.get(name, ()) else self


def unpacked(word: str) -> Sight:
    """Parse what `packed` returned; the defaults (off) for anything else."""
    on, *values = word.split("-")
    if on not in {"0", "1"} or len(values) != len(OPTIONS):
        return Sight()
    chosen = dict(zip(OPTIONS, values, strict=True))
    if any(value not in OPTIONS[name] for name, value in chosen.items()):
        return Sight()
    return Sight(on == "1", **chosen)

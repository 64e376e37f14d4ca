"""Parts of pages that are rendered once for the same values (ADR 107): `{% memo row=row %}...{% endmemo %}`.

What stands inside sees the named values and nothing else: neither the request nor the reader nor a CSRF token. All
that they say, the language, the zone and the day there are the key. So a part never shows another person's words, nor
an old state: what is said otherwise is another part.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from threading import Lock
from typing import Any, cast

from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Of what was drawn, in one process; with the keys it takes up to four bytes for each.
MOST_CHARACTERS = 3_000_000
# Longer parts are drawn each time: few of them would push all others out.
LONGEST = 100_000

# Equal ones of these are drawn alike, and none is equal to a value of another type.
_PLAIN = frozenset({str, type(None), datetime, date})
_NUMBERS = frozenset({int, bool, float, SafeString})


class Drawn:
    """What was drawn, by key; what was not asked for the longest goes first."""

    def __init__(self, most: int, longest: int) -> None:
        self.most, self.longest, self.size = most, longest, 0
        self._parts: OrderedDict[Hashable, SafeString] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> SafeString | None:
        """What was drawn for it; None where nothing was or it had to go."""
        with self._lock:
            part = self._parts.get(key)
            if part is not None:
                self._parts.move_to_end(key)
            return part

    def keep(self, key: Hashable, part: SafeString) -> None:
        """Remember it, and forget others as long as there are too many characters."""
        if len(part) > self.longest:
            return
        with self._lock:
            former = self._parts.pop(key, None)
            self._parts[key] = part
            self.size += len(part) - (len(former) if former is not None else 0)
            while self.size > self.most:
                self.size -= len(self._parts.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._parts.clear()
            self.size = 0


DRAWN = Drawn(MOST_CHARACTERS, LONGEST)


def drawn_once(place: Hashable, values: Any, draw: Callable[[], str]) -> SafeString:
    """What `draw` draws of the values, at the first time for them. `place`: which part of which page it is.

    `draw` may look at nothing but the values, the language, the zone and the day.
    """
    key = (place, _circumstances(), told_by(values))
    part = DRAWN.get(key)
    if part is None:
        part = SafeString(draw())
        DRAWN.keep(key, part)
    return part


def told_by(value: Any) -> Hashable:
    """All that a value says, with the type of each part: words that are safe as they are differ from equal ones which
    must be escaped, and 1 from True. What has a method `told` says by it all that a page can show of it. Raises
    TypeError for what cannot be told whole, such as a row of the database."""
    kind = type(value)
    if kind in _PLAIN:
        return cast("Hashable", value)
    if kind in _NUMBERS:
        return kind, value
    if kind in (list, tuple):
        return kind, *[told_by(part) for part in value]
    if is_dataclass(kind):
        return kind, *[told_by(part) for part in _parts_of(kind)(value)]
    if kind is dict:
        return kind, *[(name, told_by(part)) for name, part in value.items()]
    if isinstance(value, Promise):
        return Promise, str(value)
    if isinstance(value, Enum):
        return kind, value.name
    if callable(told := getattr(kind, "told", None)):
        return kind, told_by(told(value))
    raise TypeError(f"A part of a page cannot be remembered by a {kind.__name__}: hand in what it shows of it.")


@cache
def _parts_of(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    names = [field.name for field in fields(kind)]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _circumstances() -> Hashable:
    return get_language(), timezone.get_current_timezone_name(), timezone.localdate()


class MemoNode(Node):
    """A part of a page that is drawn once for the same values."""

    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values

    def render(self, context: Context) -> SafeString:
        """What stands inside, for the named values."""
        values = {name: value.resolve(context) for name, value in self.values.items()}
        return drawn_once(self, values, lambda: self.nodelist.render(context.new(values)))


def memo(parser: Parser, token: Token) -> MemoNode:
    """`{% memo name=value … %}`, up to `{% endmemo %}`."""
    arguments = token.split_contents()[1:]
    values = token_kwargs(arguments, parser)
    if arguments or not values:
        raise TemplateSyntaxError("memo takes name=value, once or more.")
    nodelist = parser.parse(("endmemo",))
    parser.delete_first_token()
    return MemoNode(nodelist, values)

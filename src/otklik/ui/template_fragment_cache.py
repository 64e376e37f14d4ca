"""Fragment cache in templates (ADR 107): `{% memo row=row %}...{% endmemo %}` renders a part once for the same values.

What stands inside sees the named values and nothing else: neither the request nor the reader nor a CSRF token. All
that they say, the language, the zone and the day there are the key. So a part never shows another person's words, nor
an old state: what is said otherwise is another part.

`{% memo status=page.status apart key=page.key csrf_token=csrf_token %}`: what differs on each page and stands in a part
that is otherwise the same (the ticket's number in addresses, the token of a form) is named behind `apart` (ADR 125). It
is no part of the key: a mark is drawn in its place, and the value is put there each time. It may only be printed, or
stand in an address: an `{% if %}` inside would see the mark.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from threading import Lock
from typing import Any, TypeVar, cast
from zlib import crc32

from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.context import RenderContext
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Size of the cache in characters, per process; each takes up to four bytes with the keys.
MOST_CHARACTERS = 3_000_000
# Longer parts are not cached, because a few would displace all others.
LONGEST = 100_000

# Values allowed behind `apart`: they need no escaping.
_PLAINLY_PRINTED = re.compile(r"[\w-]{0,100}", re.ASCII)

# Values of these types render the same if they are equal, and equal no value of another type.
_PLAIN = frozenset({str, type(None), datetime, date})
_NUMBERS = frozenset({int, bool, float, SafeString})


H = TypeVar("H", bound=Hashable)


class Drawn:
    """A cache of rendered parts by key, least recently used first out. `most`, `longest`: sizes in characters."""

    def __init__(self, most: int, longest: int) -> None:
        self.most, self.longest, self.size = most, longest, 0
        self._parts: OrderedDict[Hashable, SafeString] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> SafeString | None:
        """Return the cached part, or None."""
        with self._lock:
            part = self._parts.get(key)
            if part is not None:
                self._parts.move_to_end(key)
            return part

    def keep(self, key: Hashable, part: SafeString) -> None:
        """Cache a part unless it is too long; drop the least recently used while the cache is too large."""
        if len(part) > self.longest:
            return
        with self._lock:
            former = self._parts.pop(key, None)
            self._parts[key] = part
            self.size += len(part) - (len(former) if former is not None else 0)
            while self.size > self.most:
                self.size -= len(self._parts.popitem(last=False)[1])

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._parts.clear()
            self.size = 0


DRAWN = Drawn(MOST_CHARACTERS, LONGEST)


def drawn_once(place: Hashable, values: Any, draw: Callable[[], str]) -> SafeString:
    """Return `draw()` for these values, cached. `place`: identifies the part of the page.

    `draw` may depend on the values, language, time zone and day only.
    """
    return _kept_or_drawn((place, _circumstances(), told_by(values)), draw)


def drawn_each(place: Hashable, values: Iterable[H], draw: Callable[[H], str]) -> list[SafeString]:
    """`drawn_once` for each of many hashable values; equal values must render the same, as rows do."""
    circumstances = _circumstances()
    return [_kept_or_drawn((place, circumstances, value), draw, value) for value in values]


def _kept_or_drawn(key: Hashable, draw: Callable[..., str], *values: object) -> SafeString:
    part = DRAWN.get(key)
    if part is None:
        part = SafeString(draw(*values))
        DRAWN.keep(key, part)
    return part


def told_by(value: Any) -> Hashable:
    """Return a hashable key of everything in a value, with types: SafeString and str differ although equal, as do 1 and
    True.

    A value with a method `told` is represented by its result. Raises TypeError for a value that cannot be represented
    completely, such as a model instance.
    """
    kind = type(value)
    if kind in _PLAIN:
        return cast("Hashable", value)
    if kind in _NUMBERS:
        return kind, value
    # Most parts are plain: asked here, each would be a call.
    if kind in (list, tuple):
        return kind, *[part if type(part) in _PLAIN else told_by(part) for part in value]
    if is_dataclass(kind):
        return kind, *[part if type(part) in _PLAIN else told_by(part) for part in _parts_of(kind)(value)]
    if kind is dict:
        return kind, *[(name, told_by(part)) for name, part in value.items()]
    if isinstance(value, Promise):
        return Promise, str(value)
    if isinstance(value, Enum):
        return kind, value.name
    if callable(method := getattr(kind, "told", None)):
        return kind, told_by(method(value))
    raise TypeError(f"A part of a page cannot be remembered by a {kind.__name__}: hand in what it shows of it.")


@cache
def _parts_of(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    names = [field.name for field in fields(kind)]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _circumstances() -> Hashable:
    return get_language(), *_zone_and_day()


def _zone_and_day() -> tuple[str, date]:
    return timezone.get_current_timezone_name(), timezone.localdate()


def _circumstances_in(rendering: RenderContext) -> Hashable:
    """Return `_circumstances`, with the zone and the day looked up once per template: each row of a list asks."""
    known = rendering.get("otklik_zone_and_day")
    if known is None:
        known = rendering["otklik_zone_and_day"] = _zone_and_day()
    return get_language(), *known


class MemoNode(Node):
    """A cached part of a template; `apart`: values inserted after rendering."""

    def __init__(
        self, nodelist: NodeList, values: dict[str, FilterExpression], apart: dict[str, FilterExpression]
    ) -> None:
        self.nodelist, self.values, self.apart = nodelist, values, apart
        self.marks = {name: _mark(name) for name in apart}

    def render(self, context: Context) -> SafeString:
        """Return the part for the present values. Raises TypeError for an `apart` value that needs escaping."""
        values = {name: value.resolve(context) for name, value in self.values.items()}
        keys = self._told(values, context.render_context)
        put_in = {self.marks[name]: _printed(name, value.resolve(context)) for name, value in self.apart.items()}
        drawn = _kept_or_drawn(
            (self, _circumstances_in(context.render_context), keys),
            lambda: self.nodelist.render(context.new({**values, **self.marks})),
        )
        return SafeString(_MARK.sub(lambda mark: put_in[mark[0]], drawn)) if put_in else drawn

    def _told(self, values: dict[str, Any], rendering: RenderContext) -> Hashable:
        """Return the key of the values; the same object in each row of a list is processed once per page."""
        before = cast("dict[str, tuple[Any, Hashable]]", rendering.get(self) or {})
        keys = {
            name: before[name] if name in before and before[name][0] is value else (value, told_by(value))
            for name, value in values.items()
        }
        rendering[self] = keys
        return tuple(says for _value, says in keys.values())


_MARKED = f"M{secrets.token_hex(9).upper()}"
_MARK = re.compile(rf"{_MARKED}-[0-9]+")


def _mark(name: str) -> str:
    """Return the placeholder of an `apart` value: unguessable, and valid as a ticket's key in URLs."""
    return f"{_MARKED}-{crc32(name.encode())}"


def _printed(name: str, value: object) -> str:
    printed = str(value)
    if isinstance(value, str | int) and _PLAINLY_PRINTED.fullmatch(printed):
        return printed
    raise TypeError(f"{name} cannot stand apart: it is no plain word or number.")


def memo(parser: Parser, token: Token) -> MemoNode:
    """Parse `{% memo name=value … apart name=value … %}` up to `{% endmemo %}`."""
    arguments = token.split_contents()[1:]
    values, apart = token_kwargs(arguments, parser), dict[str, FilterExpression]()
    if arguments[:1] == ["apart"]:
        del arguments[0]
        apart = token_kwargs(arguments, parser)
    if arguments or not (values or apart):
        raise TemplateSyntaxError("memo takes name=value, once or more, and more of it behind the word apart.")
    nodelist = parser.parse(("endmemo",))
    parser.delete_first_token()
    return MemoNode(nodelist, values, apart)

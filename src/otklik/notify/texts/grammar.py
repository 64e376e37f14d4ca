"""The grammar of mail texts: {ticket.key}, {if ticket.subject} … {else} … {end}, and {{ for a brace itself.

A name is one of an allow-list or an error that says its line. There are no calls, no attributes, no filters (AB-84).
"""

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}\n]*\}|[{}]")
_NAME = re.compile(r"[a-z]+\.[a-z0-9_]+")
# Private-use characters around a placeholder's name until its value is inserted.
OPEN, CLOSE = "\ue000", "\ue001"
_OURS = re.compile("[\ue000-\ue001]")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a text, and its line, from 1."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """A placeholder."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A block {if name} … {else} … {end}."""

    name: str
    yes: "Nodes"
    no: "Nodes"


Nodes = tuple["str | Place | Choice", ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed text. `nodes` is empty if there are mistakes."""

    nodes: Nodes
    mistakes: tuple[Mistake, ...]

    def names(self) -> set[str]:
        """Return the placeholders that are inserted, as opposed to those only tested by {if}."""
        return {node.name for node in _walk(self.nodes) if isinstance(node, Place)}


def parse(source: str, known: Collection[str]) -> Parsed:
    """Parse a text. `known`: the allowed names. Never raises: mistakes are part of the result."""
    return _parse(source, frozenset(known))


@lru_cache(maxsize=512)
def _parse(source: str, known: frozenset[str]) -> Parsed:
    reader = _Reader(known)
    position = 0
    text = _OURS.sub("", source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    for match in _TOKEN.finditer(text):
        reader.plain_text(text[position : match.start()])
        reader.token(match.group(), text.count("\n", 0, match.start()) + 1)
        position = match.end()
    reader.plain_text(text[position:])
    nodes = reader.done()
    return Parsed(() if reader.mistakes else nodes, tuple(reader.mistakes))


class _Reader:
    """Builds the tree; open {if} blocks are on the stack."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.mistakes: list[Mistake] = []
        self._nodes: list[str | Place | Choice] = []
        self._open: list[tuple[str, int, list[str | Place | Choice], tuple[str | Place | Choice, ...] | None]] = []

    def plain_text(self, text: str) -> None:
        if text:
            self._nodes.append(text)

    def token(self, token: str, line: int) -> None:
        inner = token[1:-1].strip() if len(token) > 2 else ""
        match inner.split():
            case [] if token in {"{{", "}}"}:
                self.plain_text(token[0])
            case []:
                self._wrong(line, _("A brace alone. Write {{ for a brace that shall stay one."))
            case ["if", name]:
                self._name(name, line)
                self._open.append((name, line, self._nodes, None))
                self._nodes = []
            case ["else"]:
                self._else(line)
            case ["end"]:
                self._end(line)
            case [name]:
                self._name(name, line)
                self._nodes.append(Place(name))
            case _:
                self._wrong(line, _("«%(token)s» is no placeholder.") % {"token": token})

    def done(self) -> Nodes:
        for name, line, before, _yes in reversed(self._open):
            self._wrong(line, _("{if %(name)s} has no {end}.") % {"name": name})
            self._nodes = before
        self._open = []
        return tuple(self._nodes)

    def _name(self, name: str, line: int) -> None:
        if name in self.known:
            return
        near = difflib.get_close_matches(name, self.known, 1) if _NAME.fullmatch(name) else []
        message = _("There is no placeholder {%(name)s} in this mail.") % {"name": name}
        hint = " " + _("Did you mean {%(near)s}?") % {"near": near[0]} if near else ""
        self._wrong(line, message + hint)

    def _else(self, line: int) -> None:
        if not self._open or self._open[-1][3] is not None:
            self._wrong(line, _("{else} stands outside of {if …} and {end}."))
            return
        name, began, before, _yes = self._open[-1]
        self._open[-1] = (name, began, before, tuple(self._nodes))
        self._nodes = []

    def _end(self, line: int) -> None:
        if not self._open:
            self._wrong(line, _("{end} without {if …}."))
            return
        name, _began, before, yes = self._open.pop()
        inside = tuple(self._nodes)
        self._nodes = before
        self._nodes.append(Choice(name, inside if yes is None else yes, () if yes is None else inside))

    def _wrong(self, line: int, message: str) -> None:
        if len(self.mistakes) < 10:
            self.mistakes.append(Mistake(line, message))


def chosen(nodes: Nodes, true: Collection[str]) -> Iterator[str | Place]:
    """Yield the nodes that remain if exactly the names in `true` have a value."""
    for node in nodes:
        if isinstance(node, Choice):
            yield from chosen(node.yes if node.name in true else node.no, true)
        else:
            yield node


def asked(nodes: Nodes) -> set[str]:
    """Return the names tested by {if}."""
    return {node.name for node in _walk(nodes) if isinstance(node, Choice)}


def _walk(nodes: Nodes) -> Iterator[str | Place | Choice]:
    for node in nodes:
        yield node
        if isinstance(node, Choice):
            yield from _walk(node.yes)
            yield from _walk(node.no)

"""Find the parts of a MIME mail, without recursion and within limits.

Python's own parser is recursive, keeps one predicate for each open boundary and raises on inputs that any
sender can
make (AB-93), so the structure is read here; decoding of single parts uses the standard library.
"""

import re
from dataclasses import dataclass, field

from otklik.mail.parse import budget, header_block, limits, mime_params
from otklik.mail.parse.budget import Work

_GUESS_BOUNDARY = re.compile(rb"(?m)^--([^\r\n]{1,400}+)\r?\n(?=[A-Za-z\-]{4,40}+:)")
_BOUNDARY_END = re.compile(rb"(--)?[ \t]{0,1000}+\r?(?:\n|\Z)")
_MOST_TYPES = 20


@dataclass(slots=True)
class Node:
    """An entity: its fields, type, and where its body is in the raw mail."""

    fields: header_block.Fields
    start: int
    end: int
    depth: int
    content_type: str = "text/plain"
    type_params: dict[str, bytes] = field(default_factory=dict)
    disposition: str = ""
    disposition_params: dict[str, bytes] = field(default_factory=dict)
    encoding: str = ""
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)
    typed: bool = False


@dataclass(slots=True)
class Tree:
    """A mail split into entities; offsets refer to `raw`."""

    raw: bytes
    root: Node
    defects: list[str]
    truncated: bool = False

    def leaves(self) -> list[Node]:
        """Return entities without children, in the order of the mail."""
        out, stack = [], [self.root]
        while stack:
            node = stack.pop()
            if node.children:
                stack.extend(reversed(node.children))
            else:
                out.append(node)
        return out

    def body(self, node: Node) -> bytes:
        """The undecoded body of an entity."""
        return self.raw[node.start : node.end]


def read(raw: bytes) -> Tree:
    """Split a mail into its parts. Never raises; what exceeds depth or number stays unsplit."""
    with budget.one_mail():
        return _read(raw, min(limits.MIME_PARTS, budget.left(Work.PARTS)))


def _read(raw: bytes, most: int) -> Tree:
    truncated = len(raw) > limits.RAW_BYTES
    raw = header_block.normal_line_ends(raw[: limits.RAW_BYTES])
    root = _node(raw, header_block.skip_envelope(raw), len(raw), None)
    tree = Tree(raw, root, root.fields.defects, truncated)
    waiting, count = [root], 1
    while waiting:
        node = waiting.pop()
        if not node.content_type.startswith("multipart/"):
            continue
        if node.depth >= limits.MIME_DEPTH or not budget.allows(Work.SEARCHED, node.end - node.start):
            _opaque(tree, node, "parts nested too deep were kept closed")
            continue
        for start, end in _spans(tree, node, most - count):
            node.children.append(_node(raw, start, end, node))
            count += 1
        if not node.children:
            _unsplit(tree, node)
        if count >= most:
            tree.truncated = True
            tree.defects.append("more parts than are read")
            budget.refuse(Work.PARTS)
            for rest in [*waiting, *node.children]:
                if rest.content_type.startswith("multipart/"):
                    _opaque(tree, rest, "")
            break
        waiting.extend(reversed(node.children))
    budget.take(Work.PARTS, count)
    return tree


def _node(raw: bytes, start: int, end: int, parent: Node | None) -> Node:
    fields, body = header_block.read_fields(raw, start, end)
    node = Node(fields, body, end, parent.depth + 1 if parent else 0, parent=parent)
    for value in fields.all("content-type")[:_MOST_TYPES] or [b""]:
        kind, type_params = mime_params.split_value(value)
        media = mime_params.media_type(kind)
        if media:
            node.content_type, node.type_params, node.typed = media, type_params, True
            break
        if not node.type_params:
            node.type_params = type_params
    if not node.typed and parent is not None and parent.content_type == "multipart/digest":
        node.content_type = "message/rfc822"
    node.disposition, node.disposition_params = mime_params.split_value(fields.first("content-disposition"))
    node.encoding = fields.text("content-transfer-encoding").lower().split(";")[0].split("(")[0].strip(" \t\"'")
    return node


def _opaque(tree: Tree, node: Node, remark: str) -> None:
    node.content_type, node.encoding = "application/octet-stream", ""
    if remark:
        tree.defects.append(remark)


def _unsplit(tree: Tree, node: Node) -> None:
    """Treat a multipart without parts as the text it contains."""
    tree.defects.append("a multipart without parts")
    node.content_type, node.type_params = "text/plain", {}


def _spans(tree: Tree, node: Node, room: int) -> list[tuple[int, int]]:
    """Return the span of each part of a multipart, headers included."""
    boundary = node.type_params.get("boundary", b"").rstrip()[: limits.BOUNDARY_CHARS]
    if not boundary and (pieces := mime_params.text(node.type_params, "boundary")):
        boundary = pieces.encode("utf-8")
    spans = _cut(tree.raw, node, boundary, room) if boundary else []
    if spans:
        return spans
    guessed = _guessed(tree.raw, node)
    if not guessed:
        return []
    tree.defects.append("the boundary was missing and has been guessed")
    return _cut(tree.raw, node, guessed, room)


def _guessed(raw: bytes, node: Node) -> bytes:
    """Guess the boundary: the first line that header fields follow; b"" if there is none."""
    if not budget.allows(Work.GUESSED_BOUNDARIES):
        return b""
    for match in _GUESS_BOUNDARY.finditer(raw, node.start, min(node.end, node.start + 65536)):
        boundary: bytes = match.group(1).rstrip(b" \t")
        if 0 < len(boundary) <= 200:
            return boundary
    return b""


def _cut(raw: bytes, node: Node, boundary: bytes, room: int) -> list[tuple[int, int]]:
    mark, begin, place = b"--" + boundary, -1, node.start
    spans: list[tuple[int, int]] = []
    # A regular expression over the whole body would be ten times slower, at each level of nesting.
    while (next_boundary := _next_line(raw, mark, place, node)) >= 0:
        rest = _BOUNDARY_END.match(raw, next_boundary + len(mark), node.end)
        place = next_boundary + len(mark)
        if rest is None:
            if not budget.allows(Work.NEAR_MISSES):
                break
            continue
        if begin >= 0:
            spans.append((begin, _before_line_end(raw, next_boundary, begin)))
        begin = -1 if rest.group(1) else rest.end()
        place = rest.end()
        if len(spans) >= room:
            return spans
    if begin >= 0:
        spans.append((begin, node.end))
    return spans


def _next_line(raw: bytes, mark: bytes, place: int, node: Node) -> int:
    """Return the offset of the next line that begins with `mark`, -1 if there is none."""
    if raw.startswith(mark, place, node.end) and (place == 0 or raw[place - 1] == 10):
        return place
    boundary = raw.find(b"\n" + mark, place, node.end)
    return boundary + 1 if boundary >= 0 else -1


def _before_line_end(raw: bytes, position: int, floor: int) -> int:
    """The line end before a boundary belongs to the boundary (RFC 2046)."""
    if position > floor and raw[position - 1] == 10:
        position -= 1
    if position > floor and raw[position - 1] == 13:
        position -= 1
    return position

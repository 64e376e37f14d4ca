"""Paging of long conversations: earlier parts are loaded on demand (`?all=1` shows everything).

Whoever may write to a request decides how many and how long its messages are. So that no page takes longer for it, only
those that it shows are read (`read_of`) and made ready (`drawn_of`), and of what would stay however early it is only so
much does.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from django.http import HttpRequest

from otklik.tickets.models import Message

E = TypeVar("E")

# Entries shown at first; up to SPARE more are shown too, as they are not worth a button.
SHOWN, SPARE = 20, 5
STAYING = 20
ROOM = 300_000
"""Characters of messages on a page; the one that goes beyond them is the last."""
PART, ROOM_OF_PART = 100, 3 * ROOM
"""Messages, and their characters, on a page that was asked for what is earlier."""
READ_WHOLE = SHOWN + SPARE + PART
"""Of a conversation with more messages than this, only those are read that a page may show."""
_BEFORE = re.compile(r"before-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a conversation that a page shows: the newest entries, or (`whole`) as many as fit on a page.

    `before`: only entries before the message with this id; 0 for all.
    """

    whole: bool = False
    before: int = 0

    def __str__(self) -> str:
        """The value of `all` in a URL's query."""
        return f"before-{self.before}" if self.before else "1" if self.whole else ""


NEWEST = Span()


@dataclass(frozen=True, slots=True)
class Stretch(Generic[E]):
    """The entries to show, newest first, the numbers of hidden entries before and after them, and the span of the next
    earlier ones."""

    shown: list[E]
    earlier: int
    later: int
    next: Span


def span_of(request: HttpRequest) -> Span:
    """Return the span that the request asks for.

    An open page sends its span with every request, besides that of the button that was pressed.
    """
    asked = [*request.GET.getlist("all"), *request.POST.getlist("all")]
    parts = [int(match.group(1)) for match in map(_BEFORE.fullmatch, asked) if match]
    # Buttons lead to earlier entries, so the smallest id is the button's.
    return Span(whole=True, before=min(parts)) if parts else Span(whole="1" in asked)


Stays = Callable[[Message], bool]


def read_of(
    newest: Sequence[Message],
    outline: Callable[[], Sequence[Message]],
    load: Callable[[list[int]], Iterable[Message]],
    stays_of: Callable[[Sequence[Message]], Stays],
    span: Span,
) -> list[Message]:
    """Return all messages, oldest first; only those that the span may show are loaded completely.

    `newest`: the READ_WHOLE + 1 newest, newest first; `outline`: loads all, oldest first, without texts; `load`: loads
    those with these ids; `stays_of`: returns which messages are never folded. Short conversations take no further
    statement.
    """
    if len(newest) <= READ_WHOLE:
        return list(newest[::-1])
    every = outline()
    wanted = [message.pk for message in every if message.opening]
    wanted += [message.pk for message in _candidates(every, stays_of(every), span)]
    whole = {message.pk: message for message in load(wanted)}
    return [whole.get(message.pk, message) for message in every]


def is_read(message: Message) -> bool:
    """Return whether `read_of` loaded the message completely."""
    return "text" not in message.get_deferred_fields()


def drawn_of(messages: Sequence[Message], stays: Stays, span: Span) -> set[int]:
    """Return ids of the messages to render: the span's newest, STAYING of those never folded, and the opening.

    Stops when their texts exceed the page's room. `messages`: oldest first.
    """
    room = ROOM_OF_PART if span.whole else ROOM
    drawn = {message.pk for message in messages if message.opening}
    for message in _candidates(messages, stays, span):
        if room <= 0:
            break
        room -= len(message.text) + len(message.quoted) + len(message.layout)
        drawn.add(message.pk)
    return drawn


def _candidates(messages: Sequence[Message], stays: Stays, span: Span) -> list[Message]:
    """Return the messages that the span may show, in the order in which they take the room."""
    newest_first = messages[::-1]
    begin = _after(span.before, [message.pk for message in newest_first])
    end = begin + (PART if span.whole else SHOWN + SPARE)
    others = (message for message in (*newest_first[:begin], *newest_first[end:]) if stays(message))
    return [*newest_first[begin:end], *islice(others, STAYING)]


def stretch_of(
    newest_first: Sequence[E],
    span: Span,
    *,
    message: Callable[[E], int],
    drawn: Callable[[E], bool],
    stays: Callable[[E], bool],
) -> Stretch[E]:
    """Return the entries to show. `message`: returns the id of a message, 0 for other entries.

    `drawn`: whether it is rendered; `stays`: whether it is shown even outside the span.
    """
    begin = _after(span.before, [message(entry) for entry in newest_first])
    end = _end(newest_first, begin, message, drawn) if span.whole else _end_of_few(newest_first)
    places = [
        place for place, entry in enumerate(newest_first) if drawn(entry) and (begin <= place < end or stays(entry))
    ]
    last = next((message(entry) for entry in reversed(newest_first[begin:end]) if message(entry)), 0)
    return Stretch(
        shown=[newest_first[place] for place in places],
        earlier=len(newest_first) - begin - sum(place >= begin for place in places),
        later=begin - sum(place < begin for place in places),
        next=Span(whole=True, before=last if span.whole else 0),
    )


def _after(before: int, newest_first: Sequence[int]) -> int:
    """Return the index after the message `before`; 0 if it is not in the list."""
    return newest_first.index(before) + 1 if before in newest_first and before else 0


def _end(newest_first: Sequence[E], begin: int, message: Callable[[E], int], drawn: Callable[[E], bool]) -> int:
    """Return the end index of the entries shown in one piece: after its last message, where the next part starts."""
    end = next((place for place in range(begin, len(newest_first)) if not drawn(newest_first[place])), None)
    if end is None:
        return len(newest_first)
    return next((place + 1 for place in range(end - 1, begin - 1, -1) if message(newest_first[place])), end)


def _end_of_few(newest_first: Sequence[E]) -> int:
    return len(newest_first) if len(newest_first) <= SHOWN + SPARE else SHOWN

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

# As many entries stand there at once; a few more are not worth a button.
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
    """What a page shows of a conversation: its newest entries, or (`whole`) as much as a page takes: the newest of
    those that came before the message `before` (its id), of all for 0."""

    whole: bool = False
    before: int = 0

    def __str__(self) -> str:
        """The value of `all` in a URL's query."""
        return f"before-{self.before}" if self.before else "1" if self.whole else ""


NEWEST = Span()


@dataclass(frozen=True, slots=True)
class Stretch(Generic[E]):
    """The entries that are shown, the newest first; how many others are earlier, and how many later; the span that
    shows the next earlier ones."""

    shown: list[E]
    earlier: int
    later: int
    next: Span


def span_of(request: HttpRequest) -> Span:
    """What is asked for. An open page says what it shows whenever it asks, also beside its button's own words."""
    asked = [*request.GET.getlist("all"), *request.POST.getlist("all")]
    parts = [int(found.group(1)) for found in map(_BEFORE.fullmatch, asked) if found]
    # Buttons lead to what is earlier.
    return Span(whole=True, before=min(parts)) if parts else Span(whole="1" in asked)


Stays = Callable[[Message], bool]


def read_of(
    newest: Sequence[Message],
    outline: Callable[[], Sequence[Message]],
    some: Callable[[list[int]], Iterable[Message]],
    stays_of: Callable[[Sequence[Message]], Stays],
    span: Span,
) -> list[Message]:
    """The messages of a conversation, oldest first. However many there are, only those are read in whole that the span
    may show; of the others nothing but what `outline` reads. No further statement where there are few.

    `newest`: the READ_WHOLE + 1 newest ones, the newest first; `outline`: all of them, oldest first, without their
    words; `some`: those with these ids; `stays_of`: what stays of all of them.
    """
    if len(newest) <= READ_WHOLE:
        return list(newest[::-1])
    every = outline()
    wanted = [message.pk for message in every if message.opening]
    wanted += [message.pk for message in _candidates(every, stays_of(every), span)]
    whole = {message.pk: message for message in some(wanted)}
    return [whole.get(message.pk, message) for message in every]


def is_read(message: Message) -> bool:
    """Whether `read_of` read the message in whole."""
    return "text" not in message.get_deferred_fields()


def drawn_of(messages: Sequence[Message], stays: Stays, span: Span) -> set[int]:
    """Which of the messages, oldest first, the page may show (ids): the newest of the span and STAYING of those that
    stay, as long as there is room; the opening always."""
    room = ROOM_OF_PART if span.whole else ROOM
    drawn = {message.pk for message in messages if message.opening}
    for message in _candidates(messages, stays, span):
        if room <= 0:
            break
        room -= len(message.text) + len(message.quoted) + len(message.layout)
        drawn.add(message.pk)
    return drawn


def _candidates(messages: Sequence[Message], stays: Stays, span: Span) -> list[Message]:
    """What the page shows where there is room for all of it, in the order in which it takes the room."""
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
    """What is shown of the entries. `message`: the id of a message, 0 for another entry; `stays`: what is shown however
    early it is, unless it is not `drawn`."""
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
    """The place behind the message `before`; the first one where it is not among these."""
    return newest_first.index(before) + 1 if before in newest_first and before else 0


def _end(newest_first: Sequence[E], begin: int, message: Callable[[E], int], drawn: Callable[[E], bool]) -> int:
    """Behind what is shown in one piece. What happened before its last message stands on the next part, which begins
    there."""
    end = next((place for place in range(begin, len(newest_first)) if not drawn(newest_first[place])), None)
    if end is None:
        return len(newest_first)
    return next((place + 1 for place in range(end - 1, begin - 1, -1) if message(newest_first[place])), end)


def _end_of_few(newest_first: Sequence[E]) -> int:
    return len(newest_first) if len(newest_first) <= SHOWN + SPARE else SHOWN

"""Paging of long conversations: earlier parts are loaded on demand (`?all=1` shows everything).

Whoever may write to a request decides how many and how long its messages are, so no page loads all of them: only the
messages shown are loaded (`load_messages`) and rendered (`ids_to_render`); the number always shown (pinned) is capped.
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
MAX_PINNED = 20
MAX_CHARS = 300_000
"""Characters of messages on a page; the one that goes beyond them is the last."""
PAGE_SIZE, MAX_CHARS_EARLIER = 100, 3 * MAX_CHARS
"""Messages, and their characters, on a page that was asked for what is earlier."""
FULL_LOAD_LIMIT = SHOWN + SPARE + PAGE_SIZE
"""Of a conversation with more messages than this, only those are read that a page may show."""
_BEFORE = re.compile(r"before-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a conversation that a page shows: the newest entries, or (`whole`) as many as fit on a page.

    `before`: only entries before the message with this id; 0 for all.
    """

    whole: bool = False
    before: int = 0

    def __str__(self) -> str:
        """The value of `all` in a URL's query."""
        return f"before-{self.before}" if self.before else "1" if self.whole else ""


NEWEST = Window()


@dataclass(frozen=True, slots=True)
class ConversationPage(Generic[E]):
    """The entries to show, newest first, how many are hidden before and after them, and the next earlier window."""

    shown: list[E]
    earlier: int
    later: int
    next: Window


def window_of(request: HttpRequest) -> Window:
    """Return the window that the request asks for.

    An open page sends its window with every request, besides that of the button that was pressed.
    """
    asked = [*request.GET.getlist("all"), *request.POST.getlist("all")]
    parts = [int(match.group(1)) for match in map(_BEFORE.fullmatch, asked) if match]
    # Buttons lead to earlier entries, so the smallest id is the button's.
    return Window(whole=True, before=min(parts)) if parts else Window(whole="1" in asked)


IsPinned = Callable[[Message], bool]


def load_messages(
    newest: Sequence[Message],
    outline: Callable[[], Sequence[Message]],
    load: Callable[[list[int]], Iterable[Message]],
    pins_of: Callable[[Sequence[Message]], IsPinned],
    window: Window,
) -> list[Message]:
    """Return all messages, oldest first; only those that the window may show are loaded completely.

    `newest`: the FULL_LOAD_LIMIT + 1 newest, newest first; `outline`: loads all, oldest first, without texts; `load`:
    loads those with these ids; `pins_of`: returns which messages are never folded. Short conversations take no further
    statement.
    """
    if len(newest) <= FULL_LOAD_LIMIT:
        return list(newest[::-1])
    every = outline()
    wanted = [message.pk for message in every if message.opening]
    wanted += [message.pk for message in _candidates(every, pins_of(every), window)]
    whole = {message.pk: message for message in load(wanted)}
    return [whole.get(message.pk, message) for message in every]


def is_read(message: Message) -> bool:
    """Return whether `load_messages` loaded the message completely."""
    return "text" not in message.get_deferred_fields()


def ids_to_render(messages: Sequence[Message], is_pinned: IsPinned, window: Window) -> set[int]:
    """Return ids of the messages to render: the window's newest, MAX_PINNED of those never folded, and the opening.

    Stops when their texts exceed the page's limit. `messages`: oldest first.
    """
    left = MAX_CHARS_EARLIER if window.whole else MAX_CHARS
    drawn = {message.pk for message in messages if message.opening}
    for message in _candidates(messages, is_pinned, window):
        if left <= 0:
            break
        left -= len(message.text) + len(message.quoted) + len(message.layout)
        drawn.add(message.pk)
    return drawn


def _candidates(messages: Sequence[Message], is_pinned: IsPinned, window: Window) -> list[Message]:
    """Return the messages that the window may show, in the order in which they count towards the limit."""
    newest_first = messages[::-1]
    begin = _after(window.before, [message.pk for message in newest_first])
    end = begin + (PAGE_SIZE if window.whole else SHOWN + SPARE)
    others = (message for message in (*newest_first[:begin], *newest_first[end:]) if is_pinned(message))
    return [*newest_first[begin:end], *islice(others, MAX_PINNED)]


def conversation_page(
    newest_first: Sequence[E],
    window: Window,
    *,
    message: Callable[[E], int],
    drawn: Callable[[E], bool],
    is_pinned: Callable[[E], bool],
) -> ConversationPage[E]:
    """Return the entries to show. `message`: returns the id of a message, 0 for other entries.

    `drawn`: whether it is rendered; `is_pinned`: whether it is shown even outside the window.
    """
    begin = _after(window.before, [message(entry) for entry in newest_first])
    end = _end(newest_first, begin, message, drawn) if window.whole else _end_of_few(newest_first)
    places = [
        place for place, entry in enumerate(newest_first) if drawn(entry) and (begin <= place < end or is_pinned(entry))
    ]
    last = next((message(entry) for entry in reversed(newest_first[begin:end]) if message(entry)), 0)
    return ConversationPage(
        shown=[newest_first[place] for place in places],
        earlier=len(newest_first) - begin - sum(place >= begin for place in places),
        later=begin - sum(place < begin for place in places),
        next=Window(whole=True, before=last if window.whole else 0),
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

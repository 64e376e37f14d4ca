"""Long conversations: what is earlier comes onto the page when it is asked for (`?all=1`).

Whoever may write to a request decides how many and how long its messages are. So that no page takes longer for it, only
those that it shows are made ready (`drawn_of`), and of what would stay however early it is only so much does.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.http import HttpRequest

from otklik.tickets.models import Message

E = TypeVar("E")

# As many entries stand there at once; a few more are not worth a button.
SHOWN, SPARE = 20, 5
STAYING = 20
ROOM = 300_000
"""Characters of messages on a page; the one that goes beyond them is the last."""


def drawn_of(messages: Sequence[Message], stays: Callable[[Message], bool], *, whole: bool) -> set[int]:
    """Which of the messages, oldest first, the page may show (ids): the newest and STAYING of those that stay, as long
    as there is room; the opening always; all for a `whole` page."""
    if whole:
        return {message.pk for message in messages}
    drawn, room, staying = {message.pk for message in messages if message.opening}, ROOM, STAYING
    for place, message in enumerate(reversed(messages)):
        early = place >= SHOWN + SPARE
        if room <= 0 or (early and not staying):
            break
        if early and not stays(message):
            continue
        staying -= early
        room -= len(message.text) + len(message.quoted) + len(message.layout)
        drawn.add(message.pk)
    return drawn


def newest_of(
    newest_first: Sequence[E],
    request: HttpRequest,
    stays: Callable[[E], bool] = lambda entry: False,
    drawn: Callable[[E], bool] = lambda entry: True,
) -> tuple[list[E], int]:
    """The entries that are shown, in the same order, and how many others there are: none where the request asks for
    all. `stays`: what is shown however early it is, unless it is not `drawn`."""
    if wants_all(request):
        return list(newest_first), 0
    few = len(newest_first) <= SHOWN + SPARE
    shown = [
        entry for place, entry in enumerate(newest_first) if drawn(entry) and (few or place < SHOWN or stays(entry))
    ]
    return shown, len(newest_first) - len(shown)


def wants_all(request: HttpRequest) -> bool:
    """Whether the page shows, or shall show, all there is. An open page that does says so whenever it asks; one that
    does not says that beside the button's own `all=1`."""
    return "1" in [*request.GET.getlist("all"), *request.POST.getlist("all")]

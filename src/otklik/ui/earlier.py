"""Long conversations: what is earlier comes onto the page when it is asked for (`?all=1`)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.http import HttpRequest

E = TypeVar("E")

# As many entries stand there at once; a few more are not worth a button.
SHOWN, SPARE = 20, 5


def newest_of(
    newest_first: Sequence[E], request: HttpRequest, stays: Callable[[E], bool] = lambda entry: False
) -> tuple[list[E], int]:
    """The entries that are shown, in the same order, and how many others there are: none where the request asks for
    all. `stays`: what is shown however early it is."""
    if wants_all(request) or len(newest_first) <= SHOWN + SPARE:
        return list(newest_first), 0
    shown = [entry for place, entry in enumerate(newest_first) if place < SHOWN or stays(entry)]
    return shown, len(newest_first) - len(shown)


def wants_all(request: HttpRequest) -> bool:
    """Whether the page shows, or shall show, all there is. An open page that does says so whenever it asks; one that
    does not says that beside the button's own `all=1`."""
    return "1" in [*request.GET.getlist("all"), *request.POST.getlist("all")]

"""What was typed beside a composer while another button of the page was pressed.

Without scripts a browser sends one form only. Fields beside a composer belong to it (the template's tag `carried`), so
they come along; `was.NAME` says what the page showed there. What differs is saved by its own button alone: it waits in
the session, and its page shows it again, until that button is pressed.
"""

from collections.abc import Collection, MutableMapping
from typing import Any

from django.http import HttpRequest

from otklik.people.models import Person
from otklik.tickets.drafts import owner_mark

KEY = "typed_beside"
_SHOWN = "was."
_LONGEST, _MOST_PAGES = 13_000, 5


def set_aside(request: HttpRequest, page: str, person: Person, *, saved: Collection[str] = ()) -> None:
    """Store what the person typed into fields of `page` that this request does not save.

    `saved`: names of the fields that it does save, whose stored text is removed. A request without such fields changes
    nothing.
    """
    post = request.POST
    names = [name.removeprefix(_SHOWN) for name in post if name.startswith(_SHOWN)]
    if not names:
        return
    others = {name: text for name, text in set_aside_on(request.session, person, page).items() if name not in names}
    typed = {name: post.get(name, "") for name in names if name not in saved and post.get(name) != post[_SHOWN + name]}
    _wait(request.session, page, {**others, **typed}, owner=owner_mark(person))


def wait_still(request: HttpRequest, person: Person, page: str, name: str) -> None:
    """Store the text of a field that could not be saved."""
    typed = {**set_aside_on(request.session, person, page), name: request.POST.get(name, "")}
    _wait(request.session, page, typed, owner=owner_mark(person))


def set_aside_on(session: MutableMapping[str, Any], person: Person, page: str) -> dict[str, str]:
    """Return the text stored for the page, by field name. Another person's text is deleted."""
    waiting = _pages(session).get(page)
    if waiting is None:
        return {}
    if waiting["owner"] != owner_mark(person):
        _wait(session, page, {}, owner="")
        return {}
    return dict(waiting["typed"])


def _wait(session: MutableMapping[str, Any], page: str, typed: dict[str, str], *, owner: str) -> None:
    values = {name: value[:_LONGEST] for name, value in typed.items() if value.strip()}
    pages = _pages(session)
    if not values and page not in pages:
        return
    pages.pop(page, None)
    if values:
        pages[page] = {"owner": owner, "typed": values}
    session[KEY] = dict(list(pages.items())[-_MOST_PAGES:])


def _pages(session: MutableMapping[str, Any]) -> dict[str, Any]:
    pages = session.get(KEY)
    return dict(pages) if isinstance(pages, dict) else {}

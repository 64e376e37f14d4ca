"""What somebody typed while their session had ended: carried over the login into their draft (RL-36).

Where the session that ended tells whose the words are, they are kept at once. Else they wait in the browser's new,
nameless session, for the next login of whoever the page was shown to; nobody else gets them. The newest only; files
that were not uploaded yet are not kept.
"""

from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from otklik.people.models import Person
from otklik.tickets.commands.drafts import LONGEST, Place, keep_draft, settle_draft
from otklik.tickets.content import NewFile
from otklik.tickets.drafts import TYPED, draft_at, hand_of, kept_files_of, owner_mark, place_of, typed
from otklik.tickets.models import Draft

KEY = "unsent_words"
_MOST_TICKETS = 20


def keep_posted(
    *, person: Person, at: datetime, place: Place, post: QueryDict, uploaded: Mapping[str, list[NewFile]] | None = None
) -> Draft | None:
    """Save what a composer posted, with uploaded files, as the person's draft; return it, None if there is none."""
    texts, files = typed(post, place.kind), {**kept_files_of(post, person), **(uploaded or {})}
    if not texts and not any(files.values()):
        return draft_at(person, place)
    return keep_draft(person=person, at=at, place=place, words=texts, files=files, by=hand_of(post))


def settle_posted(*, person: Person, at: datetime, place: Place, post: QueryDict) -> None:
    """Delete the draft of what a composer posted, because it was sent."""
    settle_draft(person=person, at=at, place=place, words=typed(post, place.kind), by=hand_of(post))


def carry(
    session: MutableMapping[str, Any], post: QueryDict, *, page: str, kind: str, ended: Person | None, at: datetime
) -> bool:
    """Store what was posted without a login to a composer of `kind` on `page`; return whether there was anything.

    `ended`: the person whose session has ended, None if unknown.
    """
    place_text = post.get("draft.place", "")
    kind = place_text.partition(":")[0] or kind
    if kind not in TYPED:
        return False
    place = place_of(ended, place_text) if ended is not None else None
    texts = _shortened(typed(post, kind))
    if ended is not None and place is not None:
        return keep_posted(person=ended, at=at, place=place, post=post) is not None
    if texts:
        tickets = {name: post.getlist(name)[:_MOST_TICKETS] for name in post if name.endswith(".kept")}
        hand = {name: post.get(f"draft.{name}", "")[:40] for name in ("owner", "writer", "stamp", "base")}
        session[KEY] = {
            "page": page,
            "place": place_text[:40],
            "kind": kind,
            "words": texts,
            "tickets": _shortened(tickets),
            **hand,
        }
    return bool(texts)


def bring(session: MutableMapping[str, Any], *, person: Person, at: datetime, page: str, place: Place) -> None:
    """Turn what was stored for this page into the person's draft, at its own place or else at `place`.

    Another person's text is deleted.
    """
    carried = session.get(KEY)
    if not isinstance(carried, dict) or str(carried.get("page")).partition("?")[0] != page:
        return
    place = place_of(person, carried["place"]) or place
    if place.kind != carried["kind"]:
        return
    del session[KEY]
    if carried["owner"] in {"", owner_mark(person)}:
        post = QueryDict(mutable=True)
        for name, values in {**carried["words"], **carried["tickets"]}.items():
            post.setlist(name, values)
        post.update({f"draft.{name}": carried[name] for name in ("writer", "stamp", "base")})
        keep_posted(person=person, at=at, place=place, post=post)


def _shortened(texts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Cut to the size of a draft, because people without a login can fill sessions."""
    left, shortened = LONGEST, dict[str, list[str]]()
    for name, values in texts.items():
        shortened[name] = [value[: max(left, 0)] for value in values]
        left -= sum(len(value) for value in values)
    return shortened

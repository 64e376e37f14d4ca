"""Unsent text and files submitted along with another form of the page, as pages without scripts do."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.people.models import Person
from otklik.tickets.content import NewFile
from otklik.tickets.drafts import TYPED, place_of, takes_files_named
from otklik.tickets.uploads import FileTooLarge, NoRoom, kept_files
from otklik.ui.drafts_after_login import carry, keep_posted
from otklik.ui.refusal_words import refusal_words


def keep_first(request: HttpRequest, person: Person) -> None:
    """Save a composer's text as a draft if another button of the page submitted it (the template tag `carried`).

    The view then sees a POST with only the parameters of the button's URL and fields that are not the composer's.
    """
    post = request.POST
    if "carry" not in (post.get("draft.act"), request.GET.get("draft.act")):
        return
    place = place_of(person, post.get("draft.place", ""))
    if place is not None:
        keep_posted(person=person, at=timezone.now(), place=place, post=post, uploaded=stored_uploads(request, person))
    rest = QueryDict(mutable=True)
    for name in [name for name in post if name not in TYPED.get(place.kind if place else "", ()) and "." not in name]:
        rest.setlist(name, post.getlist(name))
    for name in [name for name in request.GET if "." not in name]:
        rest.setlist(name, request.GET.getlist(name))
    request.POST = rest  # type: ignore[assignment]  # read-only by type only
    request.FILES.clear()


def keep_over_login(request: HttpRequest, *, page: str, kind: str) -> None:
    """Store text posted without a login to a composer of `page` until the login, and tell the reader."""
    ended = getattr(request, "ended_session_of", None)
    if carry(request.session, request.POST, page=page, kind=kind, ended=ended, at=timezone.now()):
        messages.info(request, _("What you wrote is kept: log in, and it is here again."))


def stored_uploads(request: HttpRequest, person: Person) -> dict[str, list[NewFile]]:
    """Store files posted with a form, as browsers without scripts send them; failures become messages."""
    names = [name for name in request.FILES if takes_files_named(name)]
    if not names or not ratelimit.consume(request, action="upload", user=person):
        return {}
    try:
        return {name: kept_files(request.FILES.getlist(name)) for name in names}
    except (FileTooLarge, NoRoom) as refusal:
        messages.warning(request, refusal_words(refusal))
        return {}

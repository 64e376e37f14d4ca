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
from otklik.ui.refusal_words import refusal_words
from otklik.ui.unsent import carry, keep_posted


def keep_first(request: HttpRequest, person: Person) -> None:
    """Where another act of the page took a composer's words along (the template's tag `carried`), they are kept. The
    act sees none of them, but what its address says as if it had been typed."""
    post = request.POST
    if "carry" not in (post.get("draft.act"), request.GET.get("draft.act")):
        return
    place = place_of(person, post.get("draft.place", ""))
    if place is not None:
        keep_posted(person=person, at=timezone.now(), place=place, post=post, uploaded=uploaded(request, person))
    rest = QueryDict(mutable=True)
    for name in [name for name in post if name not in TYPED.get(place.kind if place else "", ()) and "." not in name]:
        rest.setlist(name, post.getlist(name))
    for name in [name for name in request.GET if "." not in name]:
        rest.setlist(name, request.GET.getlist(name))
    request.POST = rest  # type: ignore[assignment]  # read-only by type only
    request.FILES.clear()


def keep_over_login(request: HttpRequest, *, page: str, kind: str) -> None:
    """What was sent without a login to a composer of `page` waits until somebody has logged in, and they are told."""
    ended = getattr(request, "ended_session_of", None)
    if carry(request.session, request.POST, page=page, kind=kind, ended=ended, at=timezone.now()):
        messages.info(request, _("What you wrote is kept: log in, and it is here again."))


def uploaded(request: HttpRequest, person: Person) -> dict[str, list[NewFile]]:
    """Files that come with a form, where no script sent them before; what cannot be kept is told."""
    names = [name for name in request.FILES if takes_files_named(name)]
    if not names or not ratelimit.consume(request, action="upload", user=person):
        return {}
    try:
        return {name: kept_files(request.FILES.getlist(name)) for name in names}
    except (FileTooLarge, NoRoom) as refusal:
        messages.warning(request, refusal_words(refusal))
        return {}

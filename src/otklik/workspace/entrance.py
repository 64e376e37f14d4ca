"""The doors of the agents' pages: who is let in is asked before anything else, the method too.

Nobody logged in: to the login page, and back afterwards, what was typed carried over (RL-36). Not this desk's staff:
404 for every method, whether the thing exists or not.
"""

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.access import led_desks
from otklik.desks.models import Desk
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import ticket_at
from otklik.tickets.models import Draft, Ticket
from otklik.ui.beside import set_aside
from otklik.ui.carried import keep_first, keep_over_login
from otklik.ui.same_page import to_same_page
from otklik.ui.unsent_form import again, keep_form
from otklik.workspace.desk_context import standing
from otklik.workspace.ledger import mails_of

View = Callable[..., HttpResponseBase]

# Where words are sent to, by the names of addresses, and what they are.
COMPOSERS = {
    "reply": Draft.Kind.REPLY,
    "note": Draft.Kind.NOTE,
    "ask_approval": Draft.Kind.QUESTION,
    "create": Draft.Kind.CALL,
    "caller": Draft.Kind.CALL,
    "create_fields": Draft.Kind.CALL,
    "edit_message": Draft.Kind.EDIT,
    "forward": Draft.Kind.FORWARD,
}


def person_of(request: HttpRequest) -> Person:
    """Who is logged in; behind these doors somebody is. Raises Http404 otherwise."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """The agent as actor of commands."""
    return Actor(person_of(request), "agent")


def bulk_actor_of(request: HttpRequest) -> Actor:
    """The same for an act on many things: the journal tells that its events belong together."""
    return Actor(person_of(request), "agent", batch=uuid4())


def for_agents(*methods: str) -> Callable[[View], View]:
    """The view is for whoever works at any desk: `view(request, …)`."""
    return _door(methods, lambda request, words: _staff(request))


def for_desk(*methods: str) -> Callable[[View], View]:
    """The view is for the staff of the desk whose key is in the address: `view(request, desk, …)`."""
    return _door(methods, _with_desk)


def for_leads(*methods: str) -> Callable[[View], View]:
    """The view is for those who lead the desk in the address; its agents get a 404: `view(request, desk, …)`."""
    return _door(methods, _with_led_desk)


def for_admins(*methods: str) -> Callable[[View], View]:
    """The view is for the admins of the site; everybody else gets a 404: `view(request, …)`."""
    return _door(methods, lambda request, words: _admin(request))


def for_ticket(*methods: str) -> Callable[[View], View]:
    """The view is for the staff of the ticket's desk: `view(request, ticket, …)`."""
    return _door(methods, _with_ticket)


def for_mail(*methods: str) -> Callable[[View], View]:
    """The view is for the staff of the desk whose mailbox took the mail: `view(request, desk, mail, …)`."""
    return _door(methods, _with_mail)


def login_first(request: HttpRequest, page: str = "/") -> HttpResponseBase:
    """To the login page; afterwards to where the reader was going, or to `page` if something was being sent."""
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    kind = COMPOSERS.get(request.resolver_match.url_name or "", "") if request.resolver_match else ""
    keep_over_login(request, page=page, kind=kind)
    ended = getattr(request, "ended_session_of", None)
    if ended is not None:
        set_aside(request, page, ended)
    # What is sent to the page that it stands on, and has no draft.
    if ended is not None and not kind and page == request.path and keep_form(request, ended.pk):
        messages.info(request, _("What you wrote is kept: log in, and it is here again."))
    return redirect_to_login(page)


Loaded = tuple[object, ...]


def _door(methods: tuple[str, ...], load: Callable[[HttpRequest, dict[str, object]], Loaded]) -> Callable[[View], View]:
    allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)

    def decorator(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, **words: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return login_first(request, _page(request, methods, load, words))
            typed = str(words.get("key", ""))
            loaded = load(request, words)
            if (there := _under_present_key(request, typed, loaded)) is not None:
                return there
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            if (unsent := again(request, person_of(request).pk)) is not None:
                return unsent
            if request.method == "POST":
                if load is _with_ticket:
                    act = (request.resolver_match.url_name if request.resolver_match else None) or ""
                    saved = ("address", "history") if act == "add_participant" else (act,)
                    set_aside(request, _page(request, (), load, {"key": typed}), person_of(request), saved=saved)
                keep_first(request, person_of(request))
            return view(request, *loaded, **words)

        return entered

    return decorator


def _page(request: HttpRequest, methods: tuple[str, ...], load: object, words: dict[str, object]) -> str:
    """Where somebody is after the login who was sending something: the same page, the ticket, or the first page."""
    if "GET" in methods:
        return request.path
    if load is _with_ticket:
        return reverse("workspace:ticket", args=[words["key"]])
    return (
        reverse("workspace:create", args=[words["key"]]) if load is _with_desk and "/create/" in request.path else "/"
    )


def _under_present_key(request: HttpRequest, typed: str, loaded: Loaded) -> HttpResponseBase | None:
    """A page asked for by a key that the ticket had before is under the key it has now."""
    ticket = next((one for one in loaded if isinstance(one, Ticket)), None)
    return to_same_page(request, key=ticket.key) if ticket and ticket.key != typed.upper() else None


def _staff(request: HttpRequest) -> Loaded:
    if not standing(request).desks:
        raise Http404
    return ()


def _admin(request: HttpRequest) -> Loaded:
    if not (isinstance(request.user, Person) and request.user.is_active and request.user.is_admin):
        raise Http404
    return ()


def _with_desk(request: HttpRequest, words: dict[str, object]) -> Loaded:
    desk = standing(request).desk(str(words.pop("key")))
    if desk is None:
        raise Http404
    return (desk,)


def _with_led_desk(request: HttpRequest, words: dict[str, object]) -> Loaded:
    desk: Desk | None = led_desks(request.user).filter(key=str(words.pop("key")).upper()).first()
    if desk is None:
        raise Http404
    return (desk,)


def _with_mail(request: HttpRequest, words: dict[str, object]) -> Loaded:
    (desk,) = _with_desk(request, words)
    assert isinstance(desk, Desk)
    mail = mails_of(desk).filter(pk=int(str(words.pop("inbound_id")))).first()
    if mail is None:
        raise Http404
    return (desk, mail)


def _with_ticket(request: HttpRequest, words: dict[str, object]) -> Loaded:
    ticket = ticket_at(standing(request).desks, str(words.pop("key")))
    if ticket is None:
        raise Http404
    return (ticket,)

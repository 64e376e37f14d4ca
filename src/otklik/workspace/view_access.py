"""Decorators that guard the agents' views: they check access before anything else, the HTTP method included.

Anonymous requests go to the login page and back afterwards, keeping what was typed (RL-36). Whoever does not work at
the desk gets 404 for every method, whether or not the thing exists.
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
from otklik.tickets.models import Ticket
from otklik.ui.canonical_redirect import to_same_page
from otklik.ui.drafts_in_other_forms import keep_first, keep_over_login
from otklik.ui.forms_after_login import keep_form, resend_page
from otklik.ui.unsaved_side_fields import set_aside
from otklik.workspace.desk_context import standing
from otklik.workspace.ledger import mails_of
from otklik.workspace.lost_access_text import COMPOSERS, words_lost

View = Callable[..., HttpResponseBase]


def person_of(request: HttpRequest) -> Person:
    """Return the logged-in person; guarded views always have one. Raises Http404 otherwise."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """Return the logged-in person as the actor of a command."""
    return Actor(person_of(request), "agent")


def bulk_actor_of(request: HttpRequest) -> Actor:
    """Like `actor_of`, for an action on many things: its events share a batch. Call it once for the whole action."""
    return Actor(person_of(request), "agent", batch=uuid4())


def for_agents(*methods: str) -> Callable[[View], View]:
    """Decorator: for people who work at some desk. The view is called as `view(request, …)`."""
    return _door(methods, lambda request, arguments: _staff(request))


def for_desk(*methods: str) -> Callable[[View], View]:
    """Decorator: for staff of the desk whose key is in the URL. The view is called as `view(request, desk, …)`."""
    return _door(methods, _with_desk)


def for_leads(*methods: str) -> Callable[[View], View]:
    """Decorator: for leads of the desk whose key is in the URL; its other agents get 404. `view(request, desk, …)`."""
    return _door(methods, _with_led_desk)


def for_admins(*methods: str) -> Callable[[View], View]:
    """Decorator: for admins of the site; everybody else gets 404. The view is called as `view(request, …)`."""
    return _door(methods, lambda request, arguments: _admin(request))


def for_ticket(*methods: str) -> Callable[[View], View]:
    """Decorator: for staff of the ticket's desk. The view is called as `view(request, ticket, …)`.

    A key that the ticket had before redirects to the present one.
    """
    return _door(methods, _with_ticket)


def for_mail(*methods: str) -> Callable[[View], View]:
    """Decorator: for staff of the desk whose mailbox received the mail. `view(request, desk, mail, …)`."""
    return _door(methods, _with_mail)


def login_first(request: HttpRequest, page: str = "/") -> HttpResponseBase:
    """Redirect to the login page, and from there to the requested page, or to `page` if something was posted.

    Posted text is kept for the time after the login.
    """
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    kind = COMPOSERS.get(request.resolver_match.url_name or "", "") if request.resolver_match else ""
    keep_over_login(request, page=page, kind=kind)
    ended = getattr(request, "ended_session_of", None)
    if ended is not None:
        set_aside(request, page, ended)
    # Forms without drafts that post to their own page.
    if ended is not None and not kind and page == request.path and keep_form(request, ended.pk):
        messages.info(request, _("What you wrote is kept: log in, and it is here again."))
    return redirect_to_login(page)


Loaded = tuple[object, ...]


def _door(methods: tuple[str, ...], load: Callable[[HttpRequest, dict[str, object]], Loaded]) -> Callable[[View], View]:
    allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)

    def decorator(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, **arguments: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return login_first(request, _page(request, methods, load, arguments))
            typed = str(arguments.get("key", ""))
            try:
                loaded = load(request, arguments)
            except Http404:
                if load is _with_ticket and (lost := words_lost(request)) is not None:
                    return lost
                raise
            if (moved := _under_present_key(request, typed, loaded)) is not None:
                return moved
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            if (unsent := resend_page(request, person_of(request).pk)) is not None:
                return unsent
            if request.method == "POST":
                if load is _with_ticket:
                    act = (request.resolver_match.url_name if request.resolver_match else None) or ""
                    saved = ("address", "history") if act == "add_participant" else (act,)
                    set_aside(request, _page(request, (), load, {"key": typed}), person_of(request), saved=saved)
                keep_first(request, person_of(request))
            return view(request, *loaded, **arguments)

        return entered

    return decorator


def _page(request: HttpRequest, methods: tuple[str, ...], load: object, arguments: dict[str, object]) -> str:
    """Return where to go after the login if something was posted: the same page, the ticket, or the start page."""
    if "GET" in methods:
        return request.path
    if load is _with_ticket:
        return reverse("workspace:ticket", args=[arguments["key"]])
    return (
        reverse("workspace:create", args=[arguments["key"]])
        if load is _with_desk and "/create/" in request.path
        else "/"
    )


def _under_present_key(request: HttpRequest, typed: str, loaded: Loaded) -> HttpResponseBase | None:
    """Return a redirect to the ticket's current key if the URL has a former one, else None."""
    ticket = next((argument for argument in loaded if isinstance(argument, Ticket)), None)
    return to_same_page(request, key=ticket.key) if ticket and ticket.key != typed.upper() else None


def _staff(request: HttpRequest) -> Loaded:
    if not standing(request).desks:
        raise Http404
    return ()


def _admin(request: HttpRequest) -> Loaded:
    if not (isinstance(request.user, Person) and request.user.is_active and request.user.is_admin):
        raise Http404
    return ()


def _with_desk(request: HttpRequest, arguments: dict[str, object]) -> Loaded:
    desk = standing(request).desk(str(arguments.pop("key")))
    if desk is None:
        raise Http404
    return (desk,)


def _with_led_desk(request: HttpRequest, arguments: dict[str, object]) -> Loaded:
    desk: Desk | None = led_desks(request.user).filter(key=str(arguments.pop("key")).upper()).first()
    if desk is None:
        raise Http404
    return (desk,)


def _with_mail(request: HttpRequest, arguments: dict[str, object]) -> Loaded:
    (desk,) = _with_desk(request, arguments)
    assert isinstance(desk, Desk)
    mail = mails_of(desk).filter(pk=int(str(arguments.pop("inbound_id")))).first()
    if mail is None:
        raise Http404
    return (desk, mail)


def _with_ticket(request: HttpRequest, arguments: dict[str, object]) -> Loaded:
    ticket = ticket_at(standing(request).desks, str(arguments.pop("key")))
    if ticket is None:
        raise Http404
    return (ticket,)

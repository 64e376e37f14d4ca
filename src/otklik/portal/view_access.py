"""Decorators that guard the customers' views: they check access before anything else.

Anonymous requests go to the login page and back afterwards, keeping what was typed (RL-36). Whoever may not see a
ticket gets 404, whether or not it exists (AB-44).
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from otklik.desks.access import portal_desk
from otklik.desks.models import Desk
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import ticket_for_customer
from otklik.tickets.models import Draft
from otklik.ui.canonical_redirect import to_same_page
from otklik.ui.drafts_in_other_forms import keep_first, keep_over_login

View = Callable[..., HttpResponseBase]

# The URL names of composers, and the kind of draft that their text becomes.
COMPOSERS = {
    "create": Draft.Kind.REQUEST,
    "create_in_group": Draft.Kind.REQUEST,
    "comment": Draft.Kind.COMMENT,
    "transition": Draft.Kind.COMMENT,
    "rate": Draft.Kind.RATING,
    "approve": Draft.Kind.APPROVAL,
    "decline": Draft.Kind.APPROVAL,
    "answer_by_link": Draft.Kind.APPROVAL,
    "edit_message": Draft.Kind.EDIT,
}


def person_of(request: HttpRequest) -> Person:
    """Return the logged-in person; guarded views always have one. Raises Http404 otherwise."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """Return the logged-in person as the actor of a command."""
    return Actor(person_of(request), "portal")


def desk_or_404(request: HttpRequest, desk_id: int) -> Desk:
    """Return the desk with this id. Raises Http404 unless its portal is open to the reader."""
    desk = portal_desk(request.user, desk_id)
    if desk is None:
        raise Http404
    return desk


def for_everybody(*methods: str) -> Callable[[View], View]:
    """Decorator: for everybody, logged in or not. `methods`: the HTTP methods allowed."""

    def decorator(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, **url_values: object) -> HttpResponseBase:
            return _refused(request, methods) or view(request, **url_values)

        return entered

    return decorator


def for_persons(*methods: str) -> Callable[[View], View]:
    """Decorator: for people who are logged in. The view is called as `view(request, …)`."""

    def decorator(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, **url_values: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return login_first(request, request.path)
            return _refused(request, methods) or view(request, **url_values)

        return entered

    return decorator


def for_ticket(*methods: str) -> Callable[[View], View]:
    """Decorator: for people who may see the ticket as customers. The view is called as `view(request, ticket, …)`.

    GET with another desk's id or a former key redirects to the present URL. Other methods with a wrong desk get 404,
    but are executed with a former key, as a form may have been opened before the ticket was moved.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, desk_id: int, key: str, **url_values: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                own = request.path if "GET" in methods else reverse("portal:card", args=[desk_id, key])
                return login_first(request, own)
            ticket = ticket_for_customer(request.user, key)
            if ticket is None:
                raise Http404
            moved, reads = ticket.key != key.upper(), request.method in {"GET", "HEAD"}
            if ticket.desk_id != desk_id and not reads and not moved:
                raise Http404
            if ticket.desk_id != desk_id and reads:
                return redirect("portal:card", ticket.desk_id, ticket.key)
            if moved and (there := to_same_page(request, key=ticket.key)) is not None:
                return there
            refused = _refused(request, methods)
            if refused is None and request.method == "POST":
                keep_first(request, person_of(request))
            return refused or view(request, ticket, **url_values)

        return entered

    return decorator


def login_first(request: HttpRequest, page: str) -> HttpResponseBase:
    """Redirect to the login page, and from there to the requested page, or to `page` if something was posted.

    Posted text is kept for the time after the login.
    """
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    carry_over(request, page)
    return redirect_to_login(page)


def carry_over(request: HttpRequest, page: str) -> None:
    """Keep the text posted to a composer of `page` until somebody has logged in."""
    kind = COMPOSERS.get(request.resolver_match.url_name or "", "") if request.resolver_match else ""
    keep_over_login(request, page=page, kind=kind)


def _refused(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponseBase | None:
    allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)
    return None if request.method in allowed else HttpResponseNotAllowed(allowed)

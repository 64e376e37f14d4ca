"""The login page, with a greeting for people who follow a mailed link and have no account yet."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from allauth.account.views import LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from otklik.people.models import Person
from otklik.portal.address_masking import masked
from otklik.portal.forms.account import LoginForm
from otklik.portal.pages.login_wall import login_wall
from otklik.portal.passkeys import passkey_trouble
from otklik.portal.throttle_messages import limits_guesses
from otklik.portal.view_access import for_everybody
from otklik.tickets.approvals import vote_of
from otklik.tickets.ratings import newcomer_of

TEMPLATE = "portal/login.html"

_allauth_login = LoginView.as_view(form_class=LoginForm, template_name=TEMPLATE)


@sensitive_post_parameters("password")
@for_everybody("GET", "POST")
@limits_guesses
def login(request: HttpRequest) -> HttpResponseBase:
    """GET: the form.

    POST: allauth's login with its limits. Then redirect to `next`, `destination`, or the start page.
    """
    goal = goal_of(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(goal or "home")
        return render(request, TEMPLATE, {"form": LoginForm(request=request), **_around(request, goal)})
    if not settings.PASSWORD_LOGIN:
        raise Http404
    query = request.GET.copy()
    query["next"] = goal
    request.GET = query  # type: ignore[assignment]  # read-only by type only
    response: Any = _allauth_login(request)
    if response.status_code == 200:
        response.status_code = 422
        response.context_data.update(_around(request, goal))
    return cast(HttpResponseBase, response)


def _around(request: HttpRequest, goal: str) -> dict[str, object]:
    return {
        "passkeys": not passkey_trouble(request),
        "goal": goal,
        "newcomer": newcomer_at(goal),
        "wall": login_wall(goal),
        "by_password": settings.PASSWORD_LOGIN,
        "sso": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who follows a mailed link and has never logged in. `address`: masked; `key`: their ticket's."""

    token: str
    address: str
    key: str


def newcomer_at(goal: str) -> Newcomer | None:
    """Return the person to whom the link to `goal` was mailed, if they have never logged in; else None."""
    token = _token_in(goal)
    newcomer = newcomer_by(token) if token else None
    return Newcomer(token, masked(newcomer[0].email), newcomer[1]) if newcomer and newcomer[0].email else None


def newcomer_by(token: str) -> tuple[Person, str] | None:
    """Return the person who was mailed this token, and their ticket's key; None if they have logged in before."""
    participant = newcomer_of(token)
    if participant is not None:
        return participant.person, participant.ticket.key
    vote = vote_of(token)
    return (vote.person, vote.approval.ticket.key) if vote and vote.person.activated_at is None else None


def _token_in(goal: str) -> str:
    parts = urlsplit(goal)
    try:
        asked = str(resolve(parts.path).kwargs.get("token", ""))
    except (Resolver404, ValueError):
        asked = ""
    return asked or parse_qs(parts.query).get("to", [""])[0]


def desk_login(request: HttpRequest, desk_id: int) -> HttpResponse:
    """Redirect Jira's login URL of a portal to the login page, and to that portal afterwards."""
    query = request.GET.copy()
    query.setdefault("destination", f"portal/{desk_id}")
    return redirect(f"{reverse('account_login')}?{query.urlencode()}")


@for_everybody("GET")
def inactive(request: HttpRequest) -> HttpResponse:
    """Say that the account is inactive; shown only after the right password."""
    return render(request, "portal/inactive.html", status=403)


def goal_of(request: HttpRequest) -> str:
    """Return the path on this site to go to after the login, or "" (AB-58).

    Jira's `destination` is relative to the customers' pages.
    """
    goal = request.POST.get("next") or request.GET.get("next", "")
    goal = goal or request.GET.get("os_destination", "")
    destination = request.GET.get("destination", "")
    if not goal and destination:
        goal = "/servicedesk/customer/" + destination.lstrip("/")
    safe = url_has_allowed_host_and_scheme(goal, allowed_hosts=None)
    return goal if safe and goal.startswith("/") else ""

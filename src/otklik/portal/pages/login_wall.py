"""Page data for the login page: why a login is needed, and how to get an account."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _

from otklik.desks.access import is_signup_open, portal_desks, usable_types
from otklik.desks.models import Desk
from otklik.desks.queries import main_address
from otklik.desks.texts import text_of
from otklik.portal.pages.desk import phone_link

# More would be too long a list; the help centre shows all.
DESKS_AT_MOST = 3
_PROFILE = "servicedesk/customer/user/profile"


@dataclass(frozen=True, slots=True)
class Reach:
    """Mail address and phone of a desk; `name` only if several desks are shown."""

    name: str
    address: str
    phone: str
    phone_link: str


@dataclass(frozen=True, slots=True)
class LoginWall:
    """`why`: one sentence, "" if the reader opened the login page directly.

    `desks`: how to reach them, empty for agents' pages; `several`: they are shown with names; `more`: there are further
    ones; `signup`: whether people may register.
    """

    why: str
    desks: list[Reach]
    several: bool
    more: bool
    signup: bool


def login_wall(goal: str) -> LoginWall:
    """Return what to show before the page with the URL `goal`. Reveals nothing that requires a login."""
    match = _match(goal)
    is_customers = _is_customers(match)
    desks = _desks(match) if is_customers else []
    shown = desks[:DESKS_AT_MOST]
    return LoginWall(
        why=_why(match),
        desks=[reach for desk in shown if (reach := _reach(desk, named=len(desks) > 1))],
        several=len(desks) > 1,
        more=len(desks) > len(shown),
        signup=is_customers and is_signup_open(),
    )


def _match(goal: str) -> ResolverMatch | None:
    try:
        return resolve(urlsplit(goal).path) if goal else None
    except (Resolver404, ValueError):
        return None


def _is_customers(match: ResolverMatch | None) -> bool:
    return match is None or match.app_name != "workspace" or match.url_name == "ticket"


def _why(match: ResolverMatch | None) -> str:
    if match is None or match.view_name in {"home", "portal:home", "portal:desk"}:
        return ""
    key = match.kwargs.get("key")
    if match.url_name in {"create", "create_in_group"} and match.app_name == "portal":
        return _why_create(match)
    if match.view_name == "portal:answer_by_link":
        return _("Others may have seen this link, so please log in to answer.")
    if key and (match.app_name == "portal" or match.url_name == "ticket"):
        return _("To open the request %(key)s, log in.") % {"key": key}
    if match.route.startswith(_PROFILE):
        return _("To open your profile, log in.")
    return _PAGES.get(match.view_name, _other)()


def _other() -> str:
    return _("To open this page, log in.")


_PAGES: dict[str, Callable[[], str]] = {
    "portal:requests": lambda: _("To see your requests, log in."),
    "portal:approvals": lambda: _("To see what waits for your approval, log in."),
    "portal:attachment": lambda: _("To open the file, log in."),
    "portal:thumbnail": lambda: _("To open the file, log in."),
}


def _why_create(match: ResolverMatch) -> str:
    desk = portal_desks(AnonymousUser()).filter(pk=match.kwargs["desk_id"]).first()
    kind = usable_types(AnonymousUser(), desk).filter(pk=match.kwargs["type_id"]).first() if desk else None
    if kind is None:
        return _("To send a request, log in.")
    return _("To send the request “%(name)s”, log in.") % {"name": text_of(kind, "name")}


def _desks(match: ResolverMatch | None) -> list[Desk]:
    """Return the desk that the reader came from, or otherwise the first of all desks."""
    desks = portal_desks(AnonymousUser())
    here = match.kwargs.get("desk_id") if match is not None and match.app_name == "portal" else None
    return list(desks.filter(pk=here) if here else []) or list(desks[: DESKS_AT_MOST + 1])


def _reach(desk: Desk, *, named: bool) -> Reach | None:
    address = main_address(desk)
    if not address and not desk.phone:
        return None
    return Reach(text_of(desk, "name") if named else "", address, desk.phone, phone_link(desk))

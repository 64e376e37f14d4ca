"""Template context of every page: the reader, the theme, the number of open tickets."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

import otklik
from otklik.core.low_vision import Sight
from otklik.people.low_vision import sight_of
from otklik.people.models import Person
from otklik.portal.badges import NEWS_AT_MOST, badges
from otklik.workspace.desk_context import standing
from otklik.workspace.sidebar import DeskEntry, sidebar, unassigned_total


@dataclass
class Frame:
    """Context of otklik/base.html and the layouts that extend it."""

    theme: str
    sight: Sight
    language: str
    site_name: str
    version: str
    demo: bool
    mail_leaves: bool
    person: Person | None
    is_agent: bool = False
    open_requests: int | None = None
    pending_approvals: int = 0
    new_requests: int = 0
    desks: list[DeskEntry] = field(default_factory=list)
    at_several_desks: bool = False
    waiting: str = ""

    @property
    def new_requests_words(self) -> str:
        """The number as text, such as "3", or "99+" if it was not counted further."""
        return str(self.new_requests) if self.new_requests <= NEWS_AT_MOST else f"{NEWS_AT_MOST}+"


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor for `frame`. No query for anonymous visitors."""
    user = getattr(request, "user", None)
    person = user if isinstance(user, Person) else None
    sight = sight_of(request)
    theme = request.COOKIES.get("otklik_theme") or (person.theme if person else "")
    page_frame = Frame(
        theme=sight.theme or (theme if theme in {"light", "dark"} else ""),
        sight=sight,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        site_name=str(settings.SITE_NAME),
        version=otklik.__version__,
        demo=settings.DEMO,
        mail_leaves=bool(settings.OUTGOING),
        person=person,
    )
    if person is not None:
        if request.path.startswith("/servicedesk/"):
            shown = badges(request)
            page_frame.is_agent = shown.staff
            page_frame.open_requests, page_frame.new_requests = shown.open, shown.new
            page_frame.pending_approvals = shown.approvals
        else:
            page_frame.desks = sidebar(standing(request), request.path)
            page_frame.is_agent, page_frame.at_several_desks = bool(page_frame.desks), len(standing(request).desks) > 1
            page_frame.waiting = unassigned_total(page_frame.desks)
    return {"frame": page_frame}

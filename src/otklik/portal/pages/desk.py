"""Page data for a desk's portal and its guide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.fast_reads import fast_read
from otklik.desks.access import Viewer, usable_types_read
from otklik.desks.models import Desk, RequestType, TypeGroup
from otklik.desks.queries import main_address
from otklik.desks.texts import text_of
from otklik.portal.pages.brand import Brand, brand_of
from otklik.portal.pages.smart_search import (
    NearMiss,
    OwnRequests,
    best_matches,
    near_types,
    own_requests,
    searched_text,
)
from otklik.tickets.models import Message
from otklik.ui.markup import words_html


@dataclass(frozen=True, slots=True)
class TypeCard:
    """A request type as a link to its form; `desk`: its desk's name in lists of several desks."""

    name: str
    help: str
    icon: str
    url: str
    desk: str = ""


@dataclass(frozen=True, slots=True)
class TypeSection:
    """Request types under a heading, "" for one section without; `url`: the page of the group alone."""

    name: str
    url: str
    types: list[TypeCard]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A desk's portal.

    `phone_link`: the phone for a tel: link, "" if there is none. `types`: all types for the reader; `sections`: those
    to show after a search. `group`: the name of the only group shown. `missed`: set if no type matches all words;
    `own`: the reader's tickets matching the search.
    """

    id: int
    name: str
    welcome: str
    question: str
    announcement: str
    types: list[TypeCard]
    sections: list[TypeSection]
    group: str
    query: str
    missed: NearMiss | None
    own: OwnRequests | None
    address: str
    phone: str
    phone_link: str
    site: str
    url: str
    brand: Brand


def desk_page(desk: Desk, viewer: Viewer, *, group_id: int = 0, query: str = "") -> DeskPage:
    """Return the portal for this reader. The number of queries is constant."""
    kinds = usable_types_read(viewer, desk)
    groups = _groups(desk=desk.pk)
    prefetch_related_objects(groups, "types")
    opened = next((group for group in groups if group.pk == group_id), None)
    wanted, whole = best_matches(query, kinds, searched_text) if query else (kinds, True)
    announcement = text_of(desk, "announcement").strip()
    return DeskPage(
        id=desk.pk,
        name=text_of(desk, "name"),
        welcome=text_of(desk, "welcome"),
        question=text_of(desk, "question"),
        announcement=words_html(announcement, Message.Markup.TYPED) if announcement else "",
        types=type_cards(desk, kinds),
        sections=_sections(
            desk, wanted, [opened] if opened and not query else groups, alone=bool(opened) and not query
        ),
        group=text_of(opened, "name") if opened else "",
        query=query,
        missed=None if whole else near_types(query, desk, [*wanted, *(kind for kind in kinds if kind not in wanted)]),
        own=own_requests(viewer, query) if query else None,
        address=main_address(desk),
        phone=desk.phone,
        phone_link=phone_link(desk),
        site=settings.PUBLIC_URL,
        url=settings.PUBLIC_URL + reverse("portal:desk", args=[desk.pk]),
        brand=brand_of(desk),
    )


@fast_read("desk")
def _groups(*, desk: int) -> QuerySet[TypeGroup]:
    return TypeGroup.objects.filter(desk=desk, archived=False)


def phone_link(desk: Desk) -> str:
    """Return the desk's phone for a tel: link, only digits and plus signs; "" if there is none."""
    return "".join(c for c in desk.phone if c in "+0123456789")


def _sections(
    desk: Desk, kinds: Sequence[RequestType], groups: Sequence[TypeGroup], *, alone: bool
) -> list[TypeSection]:
    """Return sections with headings if there are at least two groups or one is opened; other types come last."""
    mine = {kind.pk for kind in kinds}
    named = [
        TypeSection(text_of(group, "name"), reverse("portal:desk_group", args=[desk.pk, group.pk]), cards)
        for group in groups
        if (cards := type_cards(desk, [kind for kind in kinds if kind in _types_of(group, mine)]))
    ]
    if alone and len(groups) == 1:
        return named
    if len(named) < 2:
        return [TypeSection("", "", type_cards(desk, kinds))] if kinds else []
    grouped = {request_type.pk for group in groups for request_type in group.types.all()}
    rest = type_cards(desk, [kind for kind in kinds if kind.pk not in grouped])
    return [*named, TypeSection(_("Other requests"), "", rest)] if rest else named


def _types_of(group: TypeGroup, mine: set[int]) -> list[RequestType]:
    return [kind for kind in group.types.all() if kind.pk in mine]


def type_cards(desk: Desk, kinds: Iterable[RequestType], *, name: bool = False) -> list[TypeCard]:
    """Return a card for each request type of this desk; `name`: with the desk's name."""
    shown = text_of(desk, "name") if name else ""
    return [
        TypeCard(
            text_of(request_type, "name"),
            text_of(request_type, "help"),
            request_type.icon,
            reverse("portal:create", args=[desk.pk, request_type.pk]),
            shown,
        )
        for request_type in kinds
    ]

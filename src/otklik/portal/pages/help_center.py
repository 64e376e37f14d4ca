"""Page data for the help centre, which shows the desks of the site."""

from dataclasses import dataclass

from django.urls import reverse

from otklik.desks.access import Viewer, portal_desks, usable_types_read
from otklik.desks.models import Center, Desk
from otklik.desks.queries import main_address
from otklik.desks.texts import text_of
from otklik.portal.pages.desk import TypeCard, phone_link, type_cards
from otklik.portal.pages.smart_search import NearMiss, OwnRequests, best_matches, near_miss, own_requests, searched_text
from otklik.tickets.models import Message
from otklik.ui.markup import words_html

FOUND_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class DeskCard:
    """A desk in the help centre."""

    name: str
    welcome: str
    url: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A desk's mail address and phone number for customers."""

    name: str
    address: str
    phone: str
    phone_link: str


@dataclass(frozen=True, slots=True)
class CenterPage:
    """The help centre.

    `found`: types of all desks that match the query; `missed`: set if none matches all words; `own`: the reader's
    tickets matching the search; `contacts`: of the desks, if nothing matches.
    """

    announcement: str
    desks: list[DeskCard]
    query: str
    found: list[TypeCard]
    missed: NearMiss | None
    own: OwnRequests | None
    contacts: list[Contact]
    several: bool


def center_page(viewer: Viewer, *, query: str = "") -> CenterPage:
    """Return the help centre for this reader."""
    desks = list(portal_desks(viewer))
    center = Center.objects.filter(pk=1).first()
    announcement = text_of(center, "announcement").strip() if center else ""
    cards = [
        DeskCard(text_of(desk, "name"), text_of(desk, "welcome"), reverse("portal:desk", args=[desk.pk]))
        for desk in desks
    ]
    kinds = [(desk, usable_types_read(viewer, desk)) for desk in (desks if query else ())]
    matches, whole = best_matches(
        query, [(desk, kind) for desk, row in kinds for kind in row], lambda pair: searched_text(pair[1])
    )
    return CenterPage(
        announcement=words_html(announcement, Message.Markup.TYPED) if announcement else "",
        desks=cards,
        query=query,
        found=[card for desk, kind in matches[:FOUND_AT_MOST] for card in type_cards(desk, [kind], name=True)],
        missed=near_miss(query, kinds) if query and not whole else None,
        own=own_requests(viewer, query) if query else None,
        contacts=[_contact(desk) for desk in (desks if query and not whole else ())],
        several=len(desks) > 1,
    )


def _contact(desk: Desk) -> Contact:
    return Contact(text_of(desk, "name"), main_address(desk), desk.phone, phone_link(desk))

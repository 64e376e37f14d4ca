"""What a desk's portal and its instruction show."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from otklik.desks.models import Desk
from otklik.desks.queries import main_address
from otklik.tickets.render import message_html


@dataclass(frozen=True, slots=True)
class TypeCard:
    """A request type as a link to its form."""

    name: str
    help: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A desk as customers meet it. `phone_link` holds digits and a plus only, empty when there is no number."""

    id: int
    name: str
    welcome: str
    question: str
    announcement: str
    types: list[TypeCard]
    address: str
    phone: str
    phone_link: str
    site: str
    url: str


def desk_page(desk: Desk) -> DeskPage:
    """Two queries: request types that are not hidden, and the mail address."""
    return DeskPage(
        id=desk.pk,
        name=desk.name,
        welcome=desk.welcome,
        question=desk.question,
        announcement=message_html(desk.announcement) if desk.announcement.strip() else "",
        types=_types(desk),
        address=main_address(desk),
        phone=desk.phone,
        phone_link="".join(c for c in desk.phone if c in "+0123456789"),
        site=settings.PUBLIC_URL,
        url=settings.PUBLIC_URL + reverse("portal:desk", args=[desk.pk]),
    )


def _types(desk: Desk) -> list[TypeCard]:
    return [
        TypeCard(row.name, row.help, row.icon, reverse("portal:create", args=[desk.pk, row.pk]))
        for row in desk.request_types.filter(hidden=False).order_by("position", "id")
    ]

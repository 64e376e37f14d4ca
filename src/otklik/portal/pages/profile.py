"""Page data for the profile: its tabs and lists."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.mail.models import AddressTrouble
from otklik.people.models import AccountToken, Person
from otklik.people.queries import addresses_of


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the profile; `here`: whether it is the open one."""

    label: str
    icon: str
    url: str
    here: bool


def tabs(here: str) -> list[Tab]:
    """Return all tabs; `here`: the URL name of the open page."""
    names = [
        ("profile", _("About me"), "user-circle"),
        ("contacts", _("Addresses and phones"), "mail"),
        ("notices", _("Notifications"), "bell"),
        ("security", _("Login and security"), "shield-lock"),
        ("own_data", _("My data"), "database"),
    ]
    return [Tab(label, icon, reverse(f"portal:{name}"), name == here) for name, label, icon in names]


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the person.

    `waits`: its mailed link was not used yet; `refuses`: the server's refusal, if no mail is sent to it any more.
    """

    address: str
    primary: bool = False
    proved: bool = False
    waits: bool = False
    refuses: str = ""


def addresses(person: Person, at: datetime) -> list[Address]:
    """Return the person's addresses: the primary one first, unverified new ones last."""
    stopped = AddressTrouble.objects.filter(address=OuterRef("email")).exclude(stopped_at=None)
    rows = addresses_of(person).annotate(refuses=Subquery(stopped.values("words")[:1]))
    own = [
        Address(
            address.email,
            address.primary,
            address.verified,
            refuses="" if address.refuses is None else address.refuses or address.email,
        )
        for address in rows
    ]
    asked = AccountToken.objects.filter(person=person, purpose=AccountToken.ADDRESS, expires_at__gt=at)
    return own + [Address(token.address, waits=True) for token in asked.order_by("id")]

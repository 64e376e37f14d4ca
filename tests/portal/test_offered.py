"""Buttons of customers' pages are shown exactly while their action is possible."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from otklik.desks.models import Transition
from otklik.mail.models import AddressTrouble
from otklik.people.actor import Actor
from otklik.people.commands.own_data import ask_for_erasure
from otklik.people.models import ErasureRequest, Organization
from otklik.tickets.commands.approve import answer_approval, ask_approval
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Approval, SharedOrganization
from otklik.tickets.read_marks import look_at_all
from tests.cast import START, Cast
from tests.portal.helpers import as_, card

PROFILE = "/servicedesk/customer/user/profile"
LIST = "/servicedesk/customer/user/requests"
HOME = "anna@home.test"


def nothing(cast: Cast) -> None:
    """Leave the cast as it is."""


def further(cast: Cast, *, verified: bool) -> None:
    EmailAddress.objects.update_or_create(user=cast.anna, email=HOME, defaults={"verified": verified, "primary": False})


def stopped(cast: Cast) -> None:
    AddressTrouble.objects.create(address="anna@clinic.test", last_at=START, words="no", stopped_at=START)


def wished(cast: Cast) -> None:
    ask_for_erasure(actor=Actor(cast.anna, "portal"), at=timezone.now(), person=cast.anna)


def done(cast: Cast) -> None:
    ErasureRequest.objects.update(done_at=timezone.now())


def seen(cast: Cast) -> None:
    look_at_all(person=cast.anna, at=timezone.now())


def in_hospital(cast: Cast) -> None:
    Organization.objects.create(name="Больница").members.add(cast.anna)


def asked(cast: Cast) -> None:
    ask_approval(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, people=[cast.stranger], rule="one"
    )


def by_organization(cast: Cast) -> None:
    """Share the ticket with an organization of the stranger."""
    row = Organization.objects.create(name="Больница")
    row.members.add(cast.anna, cast.stranger)
    SharedOrganization.objects.create(ticket=cast.ticket, organization=row, added_at=START)


def left(cast: Cast) -> None:
    remove_participant(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, person=cast.boris)


def closed(cast: Cast) -> None:
    step = Transition.objects.filter(desk=cast.desk, target__category="done")[0]
    change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=step)


def rated_late(cast: Cast) -> None:
    cast.ticket.refresh_from_db()
    cast.ticket.closed_at = timezone.now() - timedelta(days=60)
    cast.ticket.save()


def answered(cast: Cast) -> None:
    answer_approval(
        actor=Actor(cast.stranger, "portal"), at=timezone.now(), approval=Approval.objects.get(), approved=True
    )


Step = tuple[Callable[[Cast], object], bool]
CASES: dict[str, tuple[str, str, str, list[Step]]] = {
    "main address": (
        "anna", f"{PROFILE}/contacts", "/addresses/primary\"",
        [
            (nothing, False), (lambda cast: further(cast, verified=False), False),
            (lambda cast: further(cast, verified=True), True),
        ],
    ),
    "takes mail again": ("anna", f"{PROFILE}/contacts", "/addresses/works\"", [(nothing, False), (stopped, True)]),
    "keep my data": ("anna", f"{PROFILE}/data", "/data/keep\"", [(nothing, False), (wished, True), (done, False)]),
    "end a session": (
        "anna", f"{PROFILE}/security", "own-acts\"><form",
        [(nothing, False), (lambda cast: as_(cast.anna).get(LIST), True)],
    ),
    "all seen": ("anna", LIST, "/requests/seen\"", [(nothing, True), (seen, False)]),
    "my organisation": ("anna", "", "/share/organization\"", [(nothing, False), (in_hospital, True)]),
    "not my organisation": ("boris", "", "/share/organization\"", [(in_hospital, False)]),
    "mails": ("boris", "", "/notifications\"", [(nothing, True)]),
    "no mails for who only answers": ("stranger", "", "/notifications\"", [(asked, False)]),
    "words of the staff": ("agent", "", "/comment\"", [(nothing, True)]),
    "words of a colleague": ("stranger", "", "/comment\"", [(by_organization, True)]),
    "no words of who only answers": ("stranger", "", "/comment\"", [(asked, False)]),
    "rate": ("anna", "", "/rating\"", [(nothing, False), (closed, True), (rated_late, False)]),
    "no rating of another's request": ("boris", "", "/rating\"", [(closed, False)]),
    "no rating by the staff": ("agent", "", "/rating\"", [(closed, False)]),
    "decide": ("stranger", "", "/approve\"", [(asked, True), (answered, False)]),
    "no decision by others": ("anna", "", "/approve\"", [(asked, False)]),
    "close": ("anna", "", "/transition/", [(nothing, True), (closed, True)]),
    "no step of who only answers": ("stranger", "", "/transition/", [(asked, False)]),
    "share": ("boris", "", "/share\"", [(nothing, True)]),
    "no sharing for who only answers": ("stranger", "", "/share\"", [(asked, False)]),
    "take somebody off": ("anna", "", "/remove\"", [(nothing, True), (left, False)]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_can_be_done_is_offered_and_nothing_else(cast: Cast, case: tuple[str, str, str, list[Step]]) -> None:
    who, address, button, steps = case
    client = as_(getattr(cast, who))
    for happens, offered in steps:
        happens(cast)
        page = client.get(address or card(cast)).content.decode()
        assert (button in page) == offered, happens

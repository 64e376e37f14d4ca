"""AB-66: one hostile text in every field, on every page, for every reader, stays text."""

from pathlib import Path

import pytest

from otklik.core import blobs
from otklik.desks.models import Status
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.people.models import Organization
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Message
from tests.cast import START, Cast
from tests.portal.helpers import as_, inbound_mail

CANARY = """"><img src=x onerror=pwn(1)>'{{7*7}}${7*7}{% now %}"""


@pytest.fixture
def poisoned(cast: Cast, home: Path) -> str:
    """Put the canary everywhere; return the card's address."""
    desk, anna = cast.desk, cast.anna
    desk.name = desk.welcome = desk.question = desk.announcement = CANARY
    desk.phone = CANARY[:50]
    desk.save()
    desk.request_types.update(help=CANARY, icon=CANARY[:40])
    desk.request_types.filter(position=1).update(name=CANARY)
    Status.objects.filter(desk=desk, position=1).update(name=CANARY[:60])
    desk.transitions.filter(for_customers=True).update(name=CANARY[:60])
    desk.priorities.filter(is_default=True).update(name=CANARY[:60])
    anna.name = CANARY
    anna.save()
    Organization.objects.create(name=CANARY).members.add(anna)
    digest, size = blobs.put(b"x")
    file = NewFile(CANARY, CANARY, size, digest, CANARY, True)
    ticket = open_ticket(
        actor=Actor(anna, "portal"),
        at=START,
        desk=desk,
        channel="portal",
        subject=CANARY,
        words=Words(CANARY, html=CANARY, quoted=CANARY),
        requester=anna,
        request_type=desk.request_types.get(position=1),
        files=[file],
    )
    words = Words(CANARY, html=CANARY, quoted=CANARY)
    mail: InboundMail = inbound_mail()
    message = comment(actor=Actor(anna, "mail"), at=START, ticket=ticket, words=words, files=[file], inbound=mail)
    Message.objects.filter(pk=message.pk).update(author=None, claimed_author=CANARY)
    return f"/servicedesk/customer/portal/{desk.pk}/{ticket.key}"


def test_ab_66_the_canary_never_sings(cast: Cast, poisoned: str) -> None:
    desk, kind = cast.desk.pk, cast.desk.request_types.get(position=1).pk
    frames = [f"{poisoned}/message/{row.pk}/frame" for row in Message.objects.exclude(html="")]
    for person in (cast.anna, cast.agent, cast.admin):
        for address in (
            *(
                "/servicedesk/customer/portals",
                f"/servicedesk/customer/portal/{desk}",
                poisoned,
                f"{poisoned}/activity",
            ),
            *(f"/servicedesk/customer/portal/{desk}/help", f"/servicedesk/customer/portal/{desk}/create/{kind}"),
            *("/servicedesk/customer/user/requests?status=all&reporter=all", "/servicedesk/customer/user/profile"),
            *frames,
        ):
            shown = as_(person).get(address).content.decode()
            assert "<img src=x" not in shown and "onerror=pwn(1)>" not in shown, address
            assert "${49}" not in shown, address


def test_ab_66_what_is_typed_into_a_refused_form_stays_text(cast: Cast, poisoned: str) -> None:
    anna = as_(cast.anna)
    for address, words in (
        (f"{poisoned}/share", {"email": CANARY}),
        (f"{poisoned}/comment", {"comment": " ", "nonce": CANARY}),
        (
            f"/servicedesk/customer/portal/{cast.desk.pk}/create/{cast.desk.request_types.get(position=1).pk}",
            {"summary": CANARY},
        ),
        ("/servicedesk/customer/user/profile", {"name": CANARY, "language": CANARY, "time_zone": CANARY}),
    ):
        response = anna.post(address, words)
        assert response.status_code == 422, address
        assert "<img src=x" not in response.content.decode(), address


def test_ab_66_what_is_looked_for_stays_text(cast: Cast, poisoned: str) -> None:
    response = as_(cast.anna).get("/servicedesk/customer/user/requests", {"filter": CANARY, "reporter": "all"})
    assert response.status_code == 200 and "<img src=x" not in response.content.decode()
    assert poisoned.rpartition("/")[2] in response.content.decode()

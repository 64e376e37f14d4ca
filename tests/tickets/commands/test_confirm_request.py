"""`confirm_request` opens a confirmed anonymous request."""

from otklik.people.models import Person
from otklik.tickets.commands.unconfirmed import confirm_request
from otklik.tickets.models import Unconfirmed
from tests.acting import LATER, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import unconfirmed


def test_the_request_opens_once_however_often_the_link_is_used(cast: Cast) -> None:
    secret = unconfirmed(cast)
    with locks(Unconfirmed), tells("ticket.opened"):
        first = confirm_request(secret=secret, at=LATER)
        assert confirm_request(secret=secret, at=LATER) == first
    assert first.requester is not None and first.requester.email == "vera@clinic.test"
    row = Unconfirmed.objects.get()
    assert (row.ticket_key, row.text, row.files) == (first.key, "", [])


def test_an_unknown_link_and_a_person_who_was_switched_off_open_nothing(cast: Cast) -> None:
    with refuses("person.link_gone"):
        confirm_request(secret="x" * 43, at=LATER)
    secret = unconfirmed(cast, "stranger@elsewhere.test")
    Person.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    with refuses("person.link_gone"):
        confirm_request(secret=secret, at=LATER)

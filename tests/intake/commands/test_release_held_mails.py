"""`release_held_mails` admits mails that waited for a proof of their address."""

from allauth.account.models import EmailAddress
from pytest_django.fixtures import Settings

from otklik.intake.commands.release_held import release_held_mails
from otklik.tickets.models import Message
from tests.acting import LATER, tells
from tests.cast import Cast
from tests.intake.test_decisions import AUTHSERV, inject, signed
from tests.postoffice import Sink, letter


def test_only_a_believed_mail_of_the_person_is_let_in_once(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV
    raw = letter(sender="Анна <anna@home.test>", text="Из дома")
    row = inject(raw, to=signed(people.anna, people.ticket))
    assert row.fate == "held_comment"
    EmailAddress.objects.create(user=people.anna, email="anna@home.test", verified=True)
    assert release_held_mails(at=LATER, person=people.boris, address="anna@home.test") == 0
    assert release_held_mails(at=LATER, person=people.anna, address="anna@clinic.test") == 0
    with tells("ticket.admitted"):
        assert release_held_mails(at=LATER, person=people.anna, address="anna@home.test") == 1
        assert release_held_mails(at=LATER, person=people.anna, address="anna@home.test") == 0
    assert Message.objects.get(inbound=row).author == people.anna

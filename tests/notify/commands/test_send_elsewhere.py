"""`send_elsewhere` sends a mail to another address."""

import pytest

from otklik.desks.models import Desk
from otklik.mail.models import OutboundMail
from otklik.notify.commands.resend import send_elsewhere
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Participant
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.postoffice import run_all
from tests.tickets.commands.parts import transition


def failed(cast: Cast, kind: str = "comment") -> OutboundMail:
    run_all(deliver_too=False)
    mail = OutboundMail.objects.filter(kind=kind, recipient="anna@clinic.test")[0]
    mail.state = OutboundMail.State.FAILED
    mail.save(update_fields=["state"])
    return mail


def test_the_other_person_joins_and_gets_a_mail_of_their_own(cast: Cast) -> None:
    mail = failed(cast)
    with tells("ticket.participant_added", "outbox.sent_elsewhere"):
        written = send_elsewhere(**by(cast.agent), mail=mail, address="vera@clinic.test")
    assert written.recipient == "vera@clinic.test" and written.reply_to != mail.reply_to
    assert Participant.objects.get(ticket=cast.ticket, person__email="vera@clinic.test").sees_from == LATER
    with refuses("notify.sent_already"):
        send_elsewhere(**by(cast.agent), mail=mail, address="vera@clinic.test")


def test_what_went_our_own_addresses_and_customers_are_refused(cast: Cast) -> None:
    mail = failed(cast)
    with refuses("ticket.participants_only"):
        send_elsewhere(**by(cast.stranger), mail=mail, address="vera@clinic.test")
    with refuses("notify.support_address"):
        send_elsewhere(**by(cast.agent), mail=mail, address="accredo@desk.test")
    mail.state = OutboundMail.State.SENT
    with refuses("notify.not_resendable"):
        send_elsewhere(**by(cast.agent), mail=mail, address="vera@clinic.test")
    assert not Participant.objects.filter(person__email="vera@clinic.test").exists()


@pytest.mark.parametrize("kind", ["comment", "accepted", "status_changed", "closed"])
def test_it_is_the_same_mail_and_not_another_that_the_event_causes_too(cast: Cast, kind: str) -> None:
    Desk.objects.update(mail_switches={"status_changed": True})
    step = {"closed": "Закрыть"}.get(kind, "Ждать ответа заявителя")
    change_status(**by(cast.agent), ticket=cast.ticket, transition=transition(cast, step))
    mail = failed(cast, kind)
    assert send_elsewhere(**by(cast.agent), mail=mail, address="vera@clinic.test").kind == kind

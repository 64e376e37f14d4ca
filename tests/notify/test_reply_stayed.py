"""The author of a reply that could not be sent is notified with its text, wherever they work now."""

from datetime import timedelta

import pytest

from otklik.desks.commands.create import set_role
from otklik.desks.models import Membership
from otklik.mail.models import OutboundMail
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.move import move_ticket
from otklik.tickets.commands.pending import release
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from otklik.worker.dispatch import dispatch_next
from tests.acting import LATER, by
from tests.cast import Cast
from tests.tickets.commands.parts import waiting_reply


def the_mail() -> OutboundMail | None:
    while dispatch_next():
        pass
    return OutboundMail.objects.filter(kind="reply_stayed").first()


def test_when_the_customer_wrote_first_the_mail_says_why_and_leads_to_the_request(cast: Cast) -> None:
    reply = waiting_reply(cast, scheduled=True, unless_answered=True)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Уже не надо"))
    release(at=LATER, reply=reply)
    mail = the_mail()
    assert mail is not None and mail.recipient == cast.agent.email
    assert "ACCREDO-1" in mail.subject and "/browse/ACCREDO-1" in mail.text
    assert "Заявитель успел написать раньше" in mail.text and "Готово" in mail.text


def test_after_a_move_the_mail_gives_the_words_back_and_tells_nothing_of_the_other_desk(cast: Cast) -> None:
    reply = waiting_reply(cast)
    set_role(**by(), desk=cast.other_desk, person=cast.lead, role="agent")
    move_ticket(**by(cast.lead), ticket=cast.ticket, desk=cast.other_desk, request_type=None)
    reply.ticket = Ticket.objects.get(pk=cast.ticket.pk)
    release(at=LATER + timedelta(minutes=1), reply=reply)
    mail = the_mail()
    assert mail is not None and mail.recipient == cast.agent.email
    assert "Автор ответа не работает" in mail.text and "Готово" in mail.text and "ACCREDO-1" in mail.subject
    written = f"{mail.subject} {mail.text} {mail.html} {mail.references} {mail.in_reply_to}".lower()
    assert "other-1" not in written and "/browse/" not in written


@pytest.mark.parametrize("gone", ["switched off", "without address"])
def test_nobody_is_mailed_who_cannot_be(cast: Cast, gone: str) -> None:
    reply = waiting_reply(cast)
    Membership.objects.filter(person=cast.agent).delete()
    changed = {"is_active": False} if gone == "switched off" else {"email": None}
    Person.objects.filter(pk=cast.agent.pk).update(**changed)
    assert release(at=LATER, reply=reply) is None
    assert the_mail() is None

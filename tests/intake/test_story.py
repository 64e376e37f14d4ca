"""The main flow by mail: a stranger writes, gets an answer and replies."""

import re

from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.postoffice import Sink, answer_to, letter, post, run_all


def test_a_mail_becomes_a_request_an_account_and_a_thread(people: Cast, intake: int, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    original = letter(
        sender="Иван Новый <ivan@clinic.test>",
        subject="Не печатает принтер",
        text="Помогите",
        Message_ID="<ivan-1@x.test>",
    )
    post(intake, original)
    run_all()

    ticket = Ticket.objects.get(key="ACCREDO-2")
    ivan = Person.objects.get(email="ivan@clinic.test")
    assert (ticket.subject, ticket.requester, ticket.channel) == ("Не печатает принтер", ivan, "mail")
    assert [message.text for message in ticket.messages.all()] == ["Помогите"]

    activation, accepted = sink.to("ivan@clinic.test")
    assert "Активировать мой аккаунт" in activation.html
    assert re.search(r"/secure/ActivateAccount/[\w-]{20,}", activation.text)
    assert accepted.message["In-Reply-To"] == "<ivan-1@x.test>"
    assert "ACCREDO-2" not in activation.subject + activation.text
    assert accepted.subject == "ACCREDO-2 Запрос принят"
    assert "Не печатает" not in accepted.raw.decode() and "ActivateAccount" not in accepted.text + accepted.html

    post(intake, letter(sender="Иван Новый <ivan@clinic.test>", subject="Ещё вопрос"))
    run_all()
    assert [mail.subject for mail in sink.to("ivan@clinic.test")[2:]] == ["ACCREDO-3 Запрос принят"]

    comment(actor=Actor(people.agent, "agent"), at=START, ticket=ticket, words=Words("Перезагрузите принтер."))
    run_all()
    reply = sink.to("ivan@clinic.test")[-1]
    assert reply.subject == "ACCREDO-2 Не печатает принтер"
    assert "Перезагрузите принтер." in reply.text and "Перезагрузите принтер." in reply.html
    assert f"/servicedesk/customer/portal/{ticket.desk_id}/ACCREDO-2?sda_source=notification-email" in reply.text
    assert accepted.message["Message-ID"] in reply.message["References"]
    assert not sink.to("agent@desk.test")

    post(intake, answer_to(reply, "Спасибо, помогло!", sender="ivan@clinic.test"), to=reply.message["Reply-To"])
    run_all()
    last = ticket.messages.order_by("-id")[0]
    assert (last.text, last.author, last.kind, last.held) == ("Спасибо, помогло!", ivan, "public", False)
    assert "Перезагрузите" in last.quoted
    row = InboundMail.objects.get(pk=last.inbound_id)
    assert (row.state, row.fate, row.level, row.rule) == ("filed", "comment", "proved", "reply_address")
    assert not OutboundMail.objects.exclude(state="sent").exists()
    assert Message.objects.filter(ticket=ticket).count() == 3

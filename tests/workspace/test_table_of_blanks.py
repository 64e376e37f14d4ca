"""A typed or pasted table aligned by spaces keeps its alignment, in the first line as well."""

from otklik.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.portal.helpers import card, form
from tests.postoffice import Sink, run_all
from tests.workspace.helpers import as_

TABLE = "       ФИО        Дата\r\nКузнецова А.В.   25.11.2026"
SHOWN = TABLE.replace("\r\n", "\n")


def test_in_comments_notes_requests_calls_and_mails(people: Cast, sink: Sink) -> None:
    anna, agent, kind = as_(people.anna), as_(people.agent), people.desk.request_types.order_by("position")[0]
    anna.post(card(people, "/comment"), {"comment": TABLE})
    agent.post(f"/browse/{people.ticket.key}/note", {"comment": TABLE})
    agent.post(f"/browse/{people.ticket.key}/reply", {"comment": TABLE})
    anna.post(form(people), {"summary": "Таблица", "description": TABLE})
    call = {"name": "Новая", "subject": "Звонок", "description": TABLE, "priority": people.desk.priorities.all()[0].pk}
    agent.post("/projects/ACCREDO/create", {**call, "request_type": kind.pk})
    texts = list(Message.objects.order_by("-id").values_list("text", flat=True)[:4])
    assert Ticket.objects.count() == 3
    assert [text.replace("\r\n", "\n") for text in texts] == [SHOWN] * 4
    run_all()
    mails = [mail.text.replace("\r\n", "\n") for mail in sink.taken]
    assert any(SHOWN in text for text in mails)

"""The small actions beside a ticket."""

import pytest

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.content import Words
from otklik.tickets.models import Participant, Ticket
from tests.cast import START, Cast
from tests.workspace.helpers import as_, composer, page_of, picture, words_said


def fresh(cast: Cast) -> Ticket:
    return Ticket.objects.select_related("status", "assignee", "priority").get(pk=cast.ticket.pk)


def transition(cast: Cast, name: str) -> str:
    row = cast.desk.transitions.filter(name=name).order_by("position")[0]
    return f"/browse/ACCREDO-1/transition/{row.pk}"


def test_a_transition_moves_the_ticket(cast: Cast) -> None:
    response = as_(cast.agent).post(transition(cast, "Закрыть"))
    assert words_said(response) == ["Статус: Закрыт."] and fresh(cast).status.name == "Закрыт"
    assert Event.objects.latest("id").data["after"] == "Закрыт"


def test_a_transition_that_is_not_possible_now_says_so(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(transition(cast, "Закрыть"))
    response = client.post(transition(cast, "Взять в работу"))
    assert words_said(response)[-1] == "«Взять в работу» сейчас не сделать: статус уже изменился."
    assert fresh(cast).status.name == "Закрыт"


def test_another_desks_transition_is_not_there(cast: Cast) -> None:
    row = cast.other_desk.transitions.all()[0]
    assert as_(cast.agent).post(f"/browse/ACCREDO-1/transition/{row.pk}").status_code == 404


def test_rl_34_nobody_closes_over_a_message_not_shown(cast: Cast) -> None:
    client = as_(cast.agent)
    words = composer(client, cast.ticket, "")
    comment(actor=Actor(cast.anna, "mail"), at=START, ticket=cast.ticket, words=Words("Ещё вопрос"))
    response = client.post(transition(cast, "Закрыть"), words)
    assert "что-то изменилось" in words_said(response)[0] and fresh(cast).status.name == "Открытый"


def test_take_and_assign(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/take", {"before": ""})
    assert fresh(cast).assignee == cast.agent and "Назначить мне" not in page_of(client.get("/browse/ACCREDO-1"))
    client.post("/browse/ACCREDO-1/assign", {"assignee": cast.lead.pk, "before": cast.agent.pk})
    assert fresh(cast).assignee == cast.lead
    client.post("/browse/ACCREDO-1/assign", {"assignee": ""})
    assert fresh(cast).assignee is None


def test_rl_34_an_assignee_chosen_meanwhile_is_not_overwritten(cast: Cast) -> None:
    client = as_(cast.agent)
    assign(actor=Actor(cast.lead, "agent"), at=START, ticket=cast.ticket, assignee=cast.lead)
    assert "Лидия Главная" in words_said(client.post("/browse/ACCREDO-1/take", {"before": ""}))[0]
    client.post("/browse/ACCREDO-1/assign", {"assignee": cast.agent.pk, "before": ""})
    assert fresh(cast).assignee == cast.lead
    low = cast.desk.priorities.get(name="Низкий")
    client.post("/browse/ACCREDO-1/priority", {"priority": low.pk, "before": low.pk})
    assert fresh(cast).priority.name == "Стандартный"


@pytest.mark.parametrize("words", [{"assignee": "0"}, {"assignee": "x"}, {"assignee": "9" * 30}])
def test_nobody_else_can_be_assigned(cast: Cast, words: dict[str, str]) -> None:
    client = as_(cast.agent)
    for data in (words, {"assignee": str(cast.agent_elsewhere.pk)}, {"assignee": str(cast.anna.pk)}):
        assert words_said(client.post("/browse/ACCREDO-1/assign", data))[-1] == "Выберите сотрудника этой службы."
    assert fresh(cast).assignee is None


def test_priority_of_this_desk_only(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/priority", {"priority": cast.desk.priorities.get(name="Высокий").pk})
    assert fresh(cast).priority.name == "Высокий"
    for foreign in (cast.other_desk.priorities.all()[0].pk, "x", ""):
        client.post("/browse/ACCREDO-1/priority", {"priority": foreign})
    assert fresh(cast).priority.name == "Высокий"


def test_the_subject_can_be_said_better(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/subject", {"subject": "  Протокол\nне открывается "})
    assert fresh(cast).subject == "Протокол не открывается"
    assert words_said(client.post("/browse/ACCREDO-1/subject", {"subject": " "})) == ["У запроса должна быть тема."]


def test_participants_come_and_go(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/participants", {"address": "New@Clinic.test"})
    new = Person.objects.get(email="new@clinic.test")
    link = Participant.objects.get(ticket=cast.ticket, person=new)
    assert link.sees_from is not None
    client.post(f"/browse/ACCREDO-1/participants/{new.pk}/remove")
    link.refresh_from_db()
    assert link.removed_at is not None
    client.post("/browse/ACCREDO-1/participants", {"address": "new@clinic.test", "history": "1"})
    link.refresh_from_db()
    assert link.removed_at is None and link.sees_from is None


def test_the_requester_stays_and_strangers_cannot_be_removed(cast: Cast) -> None:
    client = as_(cast.agent)
    response = client.post(f"/browse/ACCREDO-1/participants/{cast.anna.pk}/remove")
    assert len(words_said(response)) == 1 and Participant.objects.get(person=cast.anna).removed_at is None
    assert client.post(f"/browse/ACCREDO-1/participants/{cast.stranger.pk}/remove").status_code == 404


@pytest.mark.parametrize("address", ["", "x", "a@b@c", "a b@c.test", "<x@y.test>"])
def test_a_bad_address_is_refused(cast: Cast, address: str) -> None:
    response = as_(cast.agent).post("/browse/ACCREDO-1/participants", {"address": address})
    typed = f" Вы написали: «{address}»" if address else ""
    assert words_said(response) == [f"Это не адрес электронной почты.{typed}"]
    assert Participant.objects.filter(ticket=cast.ticket).count() == 2


def test_ab_50_acts_take_their_own_field_only(cast: Cast) -> None:
    client = as_(cast.agent)
    extra = dict.fromkeys(("desk", "requester", "status", "number", "key", "channel", "version", "is_admin"), "1")
    before = picture(Ticket.objects.all()) + picture(Person.objects.all())
    client.post("/browse/ACCREDO-1/subject", {"subject": "Новая тема", **extra})
    after = picture(Ticket.objects.all()) + picture(Person.objects.all())
    for row in (*before, *after):
        for name in ("subject", "words", "version", "updated_at", "shown_at", "last_login"):
            row.pop(name, None)
    assert after == before


def test_a_refused_address_comes_back_with_the_tick_beside_it(cast: Cast) -> None:
    client = as_(cast.agent)
    ticked = r'name="history" value="1" checked'
    sent = {"address": "нет адреса", "was.address": "", "was.history": ""}
    assert ticked not in page_of(client.post("/browse/ACCREDO-1/participants", sent, follow=True))
    page = page_of(client.post("/browse/ACCREDO-1/participants", {**sent, "history": "1"}, follow=True))
    assert ticked in page and 'value="нет адреса"' in page
    page = page_of(
        client.post(
            "/browse/ACCREDO-1/participants", {**sent, "address": "new@clinic.test", "history": "1"}, follow=True
        )
    )
    assert ticked not in page and "нет адреса" not in page


def test_a_tick_beside_another_button_waits(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/take", {"address": "", "was.address": "", "history": "1", "was.history": ""})
    assert 'name="history" value="1" checked' in page_of(client.get("/browse/ACCREDO-1"))

"""Another request type, another requester: set right by an agent."""

import re
from datetime import timedelta
from typing import Any

import pytest

from otklik.desks.models import Channel, Field, RequestType
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.commands.organizations import add_organization, set_member
from otklik.people.commands.persons import add_caller
from otklik.people.models import Person
from otklik.tickets.access import customer_tickets, readable_messages
from otklik.tickets.answers.type_change import moved_answers
from otklik.tickets.commands.approve import answer_approval
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.request_type import change_type
from otklik.tickets.commands.requester import change_requester
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Message, Participant, Ticket
from tests.cast import START, Cast
from tests.postoffice import run_all
from tests.refusing import refused_as
from tests.workspace.helpers import as_, page_of, words_said

TYPE, REQUESTER = "/browse/ACCREDO-1/type", "/browse/ACCREDO-1/requester"
MAIL = "/projects/ACCREDO/settings/mail"


def fresh(cast: Cast) -> Ticket:
    return Ticket.objects.select_related("request_type", "requester").get(pk=cast.ticket.pk)


def kinds(cast: Cast) -> list[RequestType]:
    return list(cast.desk.request_types.order_by("position"))


def field(kind: RequestType, key: str, of: str, label: str, **more: Any) -> Field:
    return Field.objects.create(request_type=kind, key=key, kind=of, label=label, position=50, **more)


def options(*labels: str, first: int = 1) -> list[dict[str, Any]]:
    return [{"id": str(place), "label": label} for place, label in enumerate(labels, first)]


def test_mail_to_a_new_desk_has_a_neutral_type_that_the_portal_does_not_offer(cast: Cast) -> None:
    kind = Channel.objects.get(desk=cast.desk).request_type
    assert kind is not None and kind.name == "Обращение" and kind.hidden
    assert "Обращение" not in page_of(as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}"))


def test_a_lead_says_which_type_mail_gets_and_takes_it_back(cast: Cast) -> None:
    channel, lead, bug = Channel.objects.get(desk=cast.desk), as_(cast.lead), kinds(cast)[0]
    page = page_of(lead.get(MAIL))
    assert "Тип запроса для новых писем на accredo@desk.test" in page and "без типа" in page
    before, given = channel.request_type_id, {"hold_seconds": "", "mail_name": "", "mail_from": "", "kinds": []}
    assert lead.post(MAIL, {**given, f"type_{channel.pk}": str(bug.pk)}).status_code == 302
    channel.refresh_from_db()
    assert channel.request_type_id == bug.pk
    history = page_of(lead.get("/projects/ACCREDO/settings/history"))
    assert "accredo@desk.test" in history and "<ins>Ошибка</ins>" in history and "<del>Обращение</del>" in history
    event = Event.objects.filter(kind="desk.changed", data__thing="channel").get()
    lead.post(f"/projects/ACCREDO/settings/history/{event.pk}/undo")
    channel.refresh_from_db()
    assert channel.request_type_id == before
    lead.post(MAIL, {**given, f"type_{channel.pk}": ""})
    channel.refresh_from_db()
    assert channel.request_type_id is None
    foreign = cast.other_desk.request_types.all()[0]
    assert lead.post(MAIL, {**given, f"type_{channel.pk}": str(foreign.pk)}).status_code == 422


def test_an_agent_gives_a_request_another_type(cast: Cast) -> None:
    agent, (bug, advice, *_) = as_(cast.agent), kinds(cast)
    page = page_of(agent.get(TYPE))
    assert advice.name in page and "Обращение" in page and "(нет на портале)" in page
    assert TYPE in page_of(agent.get("/browse/ACCREDO-1"))
    said = agent.post(TYPE, {"request_type": advice.pk, "before": bug.pk})
    assert words_said(said) == [f"Тип запроса: {advice.name}."] and fresh(cast).request_type == advice
    event = Event.objects.filter(kind="ticket.fields_changed").get()
    assert event.data["field"] == "request_type" and event.data["after"] == advice.name
    assert f"{bug.name} → {advice.name}" in page_of(agent.get("/browse/ACCREDO-1"))


def test_a_type_of_another_desk_or_out_of_use_and_a_stale_page_are_refused(cast: Cast) -> None:
    agent, (bug, advice, account, mail) = as_(cast.agent), kinds(cast)
    foreign = cast.other_desk.request_types.all()[0]
    RequestType.objects.filter(pk=account.pk).update(archived=True)
    for wanted in (foreign.pk, account.pk, "", "x"):
        assert agent.post(TYPE, {"request_type": wanted, "before": bug.pk}).status_code == 422
    stale = agent.post(TYPE, {"request_type": advice.pk, "before": mail.pk})
    assert stale.status_code == 422 and "Ошибка" in page_of(stale) and fresh(cast).request_type == bug
    with refused_as("ticket.staff_only"):
        change_type(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, request_type=advice)


def test_answers_go_along_where_the_new_form_asks_the_same(cast: Cast) -> None:
    bug, advice, *_ = kinds(cast)
    field(bug, "customfield_701", "text", "Система")
    field(bug, "customfield_702", "choice", "Отдел", options=options("Кадры", "Склад"))
    field(bug, "customfield_703", "text", "Адрес страницы!")
    field(bug, "customfield_704", "text", "Метка", hidden=True, default="сбой")
    field(advice, "customfield_711", "paragraph", " система ")
    field(advice, "customfield_712", "choices", "Отдел", options=options("Склад", "Касса", first=5))
    field(advice, "customfield_713", "text", "Источник", hidden=True, default="почта")
    answers = {"customfield_701": "ЭМК", "customfield_702": "2", "customfield_703": "/x", "customfield_704": "сбой"}
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers=answers)
    there = {
        "customfield_711": "ЭМК", "customfield_712": ["5"], "customfield_713": "почта", "customfield_703": "/x",
    }  # fmt: skip
    agent = Actor(cast.agent, "agent")
    change_type(actor=agent, at=START, ticket=cast.ticket, request_type=advice)
    assert fresh(cast).answers == there
    page = page_of(as_(cast.agent).get("/browse/ACCREDO-1"))
    assert "ЭМК" in page and "Склад" in page and "/x" in page
    assert "ЭМК" in Message.objects.get(ticket=cast.ticket, opening=True).besides
    change_type(actor=agent, at=START, ticket=cast.ticket, request_type=bug)
    back = fresh(cast).answers
    assert back.pop("customfield_711") == "ЭМК"  # several lines need not fit into one: it stays, and nothing is lost
    assert back == {"customfield_702": "2", "customfield_703": "/x", "customfield_704": "сбой"}


def test_what_the_new_form_would_not_ask_stays_where_it_was() -> None:
    old = [Field(key="a", kind="text", label="Какая система")]
    new = [
        Field(key="b", kind="choice", label="Система", options=options("ЭМК", "Другая")),
        Field(key="c", kind="text", label="Какая система", condition_key="b", condition_values=["2"]),
    ]
    assert moved_answers({"a": "своя"}, old, new) == {"a": "своя"}
    assert moved_answers({"a": "своя", "b": "2"}, old, new) == {"c": "своя", "b": "2"}
    cascade = [{"id": "1", "label": "Стационар", "children": options("Терапия")}]
    other = [{"id": "7", "label": "Стационар", "children": options("Хирургия", "Терапия")}]
    before, after = Field(key="a", kind="cascade", label="Где", options=cascade), Field(key="b", kind="cascade")
    after.label, after.options = "Где", other
    assert moved_answers({"a": ["1", "1"]}, [before], [after]) == {"b": ["7", "2"]}
    after.options = [{"id": "7", "label": "Поликлиника"}]
    assert moved_answers({"a": ["1", "1"]}, [before], [after]) == {"a": ["1", "1"]}


def test_the_new_type_asks_for_its_approval_and_the_old_one_no_longer_does(cast: Cast) -> None:
    _bug, advice, account, _mail = kinds(cast)
    for kind, who in ((advice, cast.boris), (account, cast.stranger)):
        kind.approval_rule = "one"
        kind.save()
        kind.approvers.set([who])
    assert "Спросит согласие у: Степан Чужой" in page_of(as_(cast.agent).get(TYPE))
    agent = Actor(cast.agent, "agent")
    change_type(actor=agent, at=START, ticket=cast.ticket, request_type=advice)
    first = Approval.objects.get(ticket=cast.ticket)
    assert first.state == "pending" and not customer_tickets(cast.stranger).exists()
    change_type(actor=agent, at=START, ticket=cast.ticket, request_type=account)
    first.refresh_from_db()
    second = Approval.objects.get(ticket=cast.ticket, state="pending")
    assert first.state == "withdrawn" and second.votes.get().person == cast.stranger
    answer_approval(actor=Actor(cast.stranger, "portal"), at=START, approval=second, approved=True)
    second.refresh_from_db()
    assert second.state == "approved"


def test_the_requester_is_found_by_name_address_or_phone_and_changed(cast: Cast) -> None:
    agent = as_(cast.agent)
    assert REQUESTER in page_of(agent.get("/browse/ACCREDO-1"))
    for words in ("щукин", "boris@clinic", "БОРИС"):
        found = page_of(agent.post(REQUESTER, {"find": words}))
        assert f'name="choose" value="{cast.boris.pk}"' in found and 'name="choose" value="' in found
    live = page_of(agent.post(REQUESTER, {"find": "щукин"}, headers={"HX-Request": "true"}))
    assert "<html" not in live and "Борис Щукин" in live
    said = agent.post(REQUESTER, {"choose": cast.boris.pk, "before": cast.anna.pk, "find": "щукин"})
    assert words_said(said) == ["Теперь заявитель: Борис Щукин."]
    ticket = fresh(cast)
    assert ticket.requester == cast.boris
    assert Message.objects.get(ticket=ticket, opening=True).author == cast.anna  # what she wrote stays hers
    assert Participant.objects.get(ticket=ticket, person=cast.anna).removed_at is None
    assert "Анна Петрова → Борис Щукин" in page_of(agent.get("/browse/ACCREDO-1"))


def test_the_new_requester_reads_everything_and_is_told_and_the_former_may_leave(cast: Cast) -> None:
    client, at = as_(cast.agent), START + timedelta(days=1)
    add_participant(actor=Actor(cast.agent, "agent"), at=at, ticket=cast.ticket, person=cast.stranger)
    assert not readable_messages(cast.stranger, cast.ticket, as_agent=False).filter(opening=True).exists()
    run_all(deliver_too=False)
    OutboundMail.objects.all().delete()
    words = {"choose": cast.stranger.pk, "before": cast.anna.pk, "former_leaves": "1"}
    assert client.post(REQUESTER, words).status_code == 302
    assert readable_messages(cast.stranger, cast.ticket, as_agent=False).filter(opening=True).exists()
    former = Participant.objects.get(ticket=cast.ticket, person=cast.anna)
    assert former.removed_at is not None and former.epoch == 2
    assert not customer_tickets(cast.anna).exists()
    run_all(deliver_too=False)
    told = list(OutboundMail.objects.values_list("recipient", "kind"))
    assert told == [("stranger@elsewhere.test", "accepted")]
    assert "участие прекращено: Анна Петрова" in page_of(client.get("/browse/ACCREDO-1"))


def test_a_call_that_was_written_down_for_a_double_becomes_the_words_of_the_right_person(cast: Cast) -> None:
    double = add_caller(name="Петрова", at=START)
    ticket = open_ticket(
        actor=Actor(cast.agent, "agent"), at=START, desk=cast.desk, channel="phone", subject="Звонок",
        words=Words("Не печатает"), requester=double,
    )  # fmt: skip
    change_requester(actor=Actor(cast.agent, "agent"), at=START, ticket=ticket, person=cast.anna, former_stays=False)
    assert Message.objects.get(ticket=ticket).author == cast.anna
    assert list(customer_tickets(cast.anna).filter(pk=ticket.pk)) == [ticket]


def test_a_new_address_becomes_a_new_person_and_nonsense_is_refused(cast: Cast) -> None:
    client = as_(cast.agent)
    page = page_of(client.post(REQUESTER, {"find": "New@Clinic.test"}))
    assert 'name="new" value="new@clinic.test"' in page
    client.post(REQUESTER, {"new": "new@clinic.test", "before": cast.anna.pk})
    assert fresh(cast).requester == Person.objects.get(email="new@clinic.test")
    for words in ({"new": "x"}, {"choose": "0"}, {"choose": "x"}, {"choose": str(cast.agent_elsewhere.pk)}):
        assert client.post(REQUESTER, words).status_code == 422
    assert Person.objects.filter(name="x").count() == 0


def test_rl_34_a_requester_chosen_meanwhile_is_not_overwritten(cast: Cast) -> None:
    change_requester(actor=Actor(cast.lead, "agent"), at=START, ticket=cast.ticket, person=cast.boris)
    stale = as_(cast.agent).post(REQUESTER, {"choose": cast.anna.pk, "before": cast.anna.pk, "find": "анна"})
    assert stale.status_code == 422 and "Борис Щукин" in page_of(stale) and "анна" in page_of(stale)
    assert fresh(cast).requester == cast.boris


def test_nobody_becomes_the_requester_who_is_asked_for_the_approval(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/approvals", {"addresses": "boris@clinic.test", "rule": "one"})
    refused = client.post(REQUESTER, {"choose": cast.boris.pk, "before": cast.anna.pk})
    assert refused.status_code == 422 and fresh(cast).requester == cast.anna


def test_the_page_says_which_colleagues_begin_to_see_the_request(cast: Cast) -> None:
    clinic = add_organization(actor=system("cli"), at=START, name="Клиника № 7", domains=[])
    set_member(actor=system("cli"), at=START, organization=clinic, person=cast.boris, sees_all=False)
    Person.organizations.through.objects.update(joined_at=None)
    client = as_(cast.agent)
    assert "Клиника № 7" not in page_of(client.post(REQUESTER, {"find": "щукин"}))
    type(clinic).objects.filter(pk=clinic.pk).update(open_inside=True)
    assert "Увидят и коллеги: Клиника № 7" in page_of(client.post(REQUESTER, {"find": "щукин"}))


def test_another_type_is_taken_back_by_one_click(cast: Cast) -> None:
    client, url = as_(cast.agent), f"/browse/{cast.ticket.key}"
    before = cast.ticket.request_type
    other = cast.desk.request_types.exclude(pk=before.pk).order_by("position")[0]
    client.post(f"{url}/type", {"request_type": str(other.pk), "before": str(before.pk)})
    page = page_of(client.get(url))
    form = re.search(r'<form class="undo-line.*?</form>', page, re.DOTALL)
    assert form is not None and "Вернуть прежний тип" in form[0]
    sent = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    client.post(f"{url}/type", sent)
    cast.ticket.refresh_from_db()
    assert cast.ticket.request_type == before and "Вернуть прежний тип" not in page_of(client.get(url))


def test_the_way_back_stands_on_its_own_request_only_once_and_overwrites_nobody(cast: Cast) -> None:
    client, url = as_(cast.agent), f"/browse/{cast.ticket.key}"
    before, other, third = cast.ticket.request_type, *cast.desk.request_types.order_by("-position")[:2]
    client.post(f"{url}/type", {"request_type": str(other.pk)})
    assert "Вернуть прежний тип" in page_of(client.get(url)) and "Вернуть прежний тип" not in page_of(client.get(url))
    as_(cast.lead).post(f"{url}/type", {"request_type": str(third.pk)})
    late = {"request_type": str(before.pk), "before": str(other.pk), "undo": "1"}
    assert client.post(f"{url}/type", late).status_code == 422
    cast.ticket.refresh_from_db()
    assert cast.ticket.request_type == third
    client.post(f"{url}/type", {"request_type": str(third.pk)})  # nothing changed, nothing to take back
    assert "Вернуть прежний тип" not in page_of(client.get(url))


@pytest.mark.parametrize("chosen", [{}, {"request_type": ""}, {"request_type": "x"}, {"request_type": "0"}])
def test_a_type_that_was_not_chosen_changes_nothing(cast: Cast, chosen: dict[str, str]) -> None:
    before = fresh(cast).request_type_id
    answer = as_(cast.agent).post(TYPE, chosen)
    assert answer.status_code == 422 and "Выберите тип запроса этой службы" in page_of(answer)
    assert fresh(cast).request_type_id == before

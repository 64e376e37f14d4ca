"""Bulk actions by their pages: selection, preview, result, undo."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.desks.models import Queue
from otklik.tickets.bulk.acts import Assign, Label
from otklik.tickets.bulk.reply_and_share import Reply
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.properties import change_labels
from otklik.tickets.models import BulkItem, BulkRun, PendingReply, Ticket
from otklik.tickets.pumps.bulk_runs import work_next
from tests.acting import by
from tests.cast import Cast, as_
from tests.tickets.bulk.parts import begun, close, more_tickets, states
from tests.workspace.helpers import page_of, queue_url, words_said

ALL = "/issues/?jql=" + quote("project = ACCREDO ORDER BY key ASC")


def choose(client: Client, tickets: list[Ticket], here: str = ALL, **more: str) -> str:
    """Select the tickets; return the address of the page that asks for the action."""
    sent = {"ticket": [str(ticket.pk) for ticket in tickets], "here": here, **more}
    response = client.post("/issues/bulk", sent)
    assert response.status_code == 302, page_of(response)
    return str(response["Location"])


def own_queue(cast: Cast) -> str:
    """Create a queue of the agent over all desks; return its address."""
    queue = Queue.objects.create(
        owner=cast.agent, name="Моя", jql="project = ACCREDO ORDER BY key ASC", columns=["key"], position=1
    )
    return f"/queues/{queue.pk}"


def worked() -> None:
    while work_next():
        pass


def only_run() -> BulkRun:
    return BulkRun.objects.get()


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_from_the_list_to_the_result_and_back_without_scripts(cast: Cast) -> None:
    tickets, agent = more_tickets(cast, 3), as_(cast.agent)
    assign(**by(cast.lead), ticket=tickets[2], assignee=cast.lead)
    here = queue_url(cast.desk)
    page = page_of(agent.get(here))
    assert all(f'name="ticket" value="{ticket.pk}" form="bulk-form"' in page for ticket in tickets)
    plan = choose(agent, tickets, here, act="assign")
    assert plan.endswith("?act=assign") and "Исполнитель" in page_of(agent.get(plan))
    seen = page_of(agent.get(f"{plan}&preview=1&value={cast.lead.pk}"))
    assert "3 выбрано: 2 изменятся, 1 останется как есть" in seen
    assert "Уйдут 2 письма: 1 сотруднику." in seen and "Уже так и есть." in seen and tickets[2].key in seen
    run = only_run()
    begun_ = agent.post(f"/issues/bulk/{run.pk}/start", {"act": "assign", "value": str(cast.lead.pk)})
    assert begun_["Location"] == f"/issues/bulk/{run.pk}"
    assert "0 из 3" in text(page_of(agent.get(f"/issues/bulk/{run.pk}")))
    worked()
    told = text(page_of(agent.get(f"/issues/bulk/{run.pk}")))
    assert "Готово. 2 изменено, 1 остался как был." in told and "до Сегодня" not in told
    assert re.search(
        r"можно отменить до \d\d:\d\d\. (Письма об этом уйдут потом|Писем об этом никто не получит)\.", told
    )
    assert agent.post(f"/issues/bulk/{run.pk}/undo")["Location"] == f"/issues/bulk/{run.pk}"
    worked()
    assert "Отменено. 2 возвращено" in text(page_of(agent.get(f"/issues/bulk/{run.pk}")))
    assert f'href="{here}"' in page_of(agent.get(f"/issues/bulk/{run.pk}"))
    assert [ticket.assignee for ticket in Ticket.objects.order_by("id")] == [None, None, cast.lead]


@pytest.mark.parametrize("kind", ["filter", "queue", "queue of one's own"])
def test_all_that_the_list_finds_are_chosen_in_its_order(cast: Cast, kind: str) -> None:
    tickets = more_tickets(cast, 4)
    change_labels(**by(cast.agent), ticket=tickets[0], labels=["vip"])
    here = {
        "filter": ALL.replace("ASC", "DESC"),
        "queue": queue_url(cast.desk) + "?sort=-key&page=7",
        "queue of one's own": own_queue(cast) + "?sort=-key",
    }[kind]
    choose(as_(cast.agent), tickets[:1], here, all="1")
    chosen = list(only_run().items.order_by("position").values_list("ticket", flat=True))
    assert chosen == [ticket.pk for ticket in reversed(tickets)]


def test_more_than_a_thousand_are_refused_and_so_is_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    more_tickets(cast, 3)
    agent = as_(cast.agent)
    response = agent.post("/issues/bulk", {"here": ALL})
    assert response["Location"] == ALL and words_said(response) == ["Сначала выберите запросы."]
    for module in ("tickets.commands.bulk", "workspace.bulk_queries"):
        monkeypatch.setattr(f"otklik.{module}.MOST", 2)
    response = agent.post("/issues/bulk", {"here": ALL, "all": "1"})
    assert words_said(response)[-1] == "За один раз можно изменить не больше 2 запросов."
    response = agent.post("/issues/bulk", {"here": "/issues/?jql=assigne+=+x", "all": "1"})
    assert response.status_code == 302 and words_said(response)
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize("here", ["https://evil.test/", "//evil.test", "javascript:alert(1)", "", "/nothing\0"])
def test_the_way_back_stays_in_the_house(cast: Cast, here: str) -> None:
    plan = choose(as_(cast.agent), [cast.ticket], here)
    assert only_run().back in {"/issues/", "/nothing"} and plan.startswith("/issues/bulk/")


def test_all_of_a_long_filter_are_those_that_it_finds(cast: Cast) -> None:
    tickets, agent = more_tickets(cast, 3), as_(cast.agent)
    labels = ", ".join(f"метка{number}" for number in range(120))
    listed = page_of(agent.get("/issues/?jql=" + quote(f"key = {tickets[1].key} OR labels in ({labels})")))
    here = re.search(r'name="here" value="([^"]*)"', listed)
    assert here is not None and len(here[1]) > 4000
    choose(agent, [], unescape(here[1]), all="1")
    run = only_run()
    assert [item.ticket for item in run.items.all()] == [tickets[1]]
    back = page_of(agent.get(run.back))
    assert [f'value="{ticket.pk}" form="bulk-form"' in back for ticket in tickets] == [False, True, False]


@pytest.mark.parametrize("here", ["https://evil.test/issues/", "//evil.test/issues/", "/\\evil.test/", ""])
def test_all_of_an_address_that_is_none_of_ours_is_nothing(cast: Cast, here: str) -> None:
    response = as_(cast.agent).post("/issues/bulk", {"here": here, "all": "1"})
    assert response["Location"] == "/issues/" and words_said(response) == ["Сначала выберите запросы."]


def test_all_of_an_address_that_is_no_list_is_nothing(cast: Cast) -> None:
    agent = as_(cast.agent)
    other = Queue.objects.filter(desk=cast.other_desk)[0]
    for here in (
        "/browse/ACCREDO-1",
        f"/projects/OTHER/queues/custom/{other.pk}",
        "/projects/ACCREDO/queues/custom/9999",
    ):
        assert words_said(agent.post("/issues/bulk", {"here": here, "all": "1"}))[-1] == "Сначала выберите запросы."


def test_ab_44_what_another_chose_is_not_there(cast: Cast) -> None:
    run = begun(cast.agent, [cast.ticket], close(cast))
    for who in (cast.lead, cast.admin):
        client = as_(who)
        assert client.get(f"/issues/bulk/{run.pk}").status_code == 404
        for act in ("start", "undo", "now"):
            assert client.post(f"/issues/bulk/{run.pk}/{act}").status_code == 404
        assert f"/issues/bulk/{run.pk}" not in page_of(client.get("/issues/bulk"))
    run.refresh_from_db()
    assert run.state == "running"


def test_tickets_of_a_desk_that_one_has_left_are_neither_shown_nor_changed(cast: Cast) -> None:
    run = choose(as_(cast.agent), [cast.ticket])
    cast.agent.memberships.all().delete()
    cast.agent.memberships.create(desk=cast.other_desk, role="agent")
    page = page_of(as_(cast.agent).get(f"{run}?act=labels&preview=1&add=x"))
    assert "ACCREDO-1" not in page and "0 выбрано: 0 изменятся" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("act=labels&add=&remove=", "Напишите метку"),
        (f"act=labels&add={'x' * 256}", "не больше 255"),
        ("act=assign&value=999999", "Выберите"),
        ("act=priority&value=", "Обязательное поле"),
        ("act=status&value=abc", "Выберите"),
        ("act=reply&text=", "Обязательное поле"),
        ("act=participant&address=abc", "адрес"),
        ("act=participant&address=a@[127.0.0.1]", "адрес"),
        ("act=participant&address=a@xn--a.test", "адрес"),
    ],
)
def test_a_form_that_says_nothing_of_use_is_shown_again(cast: Cast, words: str, said: str) -> None:
    agent = as_(cast.agent)
    run = choose(agent, [cast.ticket])
    response = agent.get(f"{run}?{words}&preview=1")
    assert response.status_code == 422 and said in page_of(response)
    data = dict(part.split("=", 1) for part in words.split("&"))
    assert agent.post(f"{run}/start", data).status_code == 422
    assert only_run().state == "prepared"


def test_each_act_by_its_form(cast: Cast) -> None:
    agent = as_(cast.agent)
    urgent = cast.desk.priorities.exclude(pk=cast.ticket.priority_id)[0]
    kind = cast.desk.request_types.filter(archived=False).exclude(pk=cast.ticket.request_type_id)[0]
    step = close(cast).steps[0]
    sent = [
        {"act": "priority", "value": str(urgent.pk)},
        {"act": "type", "value": str(kind.pk)},
        {"act": "labels", "add": "vip, важно", "remove": "x"},
        {"act": "status", "value": str(step)},
        {"act": "reply", "text": "Первая строка\n\nВторая «строка» & <b>"},
        {"act": "participant", "address": "boris@clinic.test"},
        {"act": "spam"},
        {"act": "assign", "value": "nobody"},
    ]
    for words in sent:
        run = choose(agent, [cast.ticket])
        seen = page_of(agent.post(run, {"preview": "1", **words}))
        assert "1 выбран: " in seen
        # What was seen is what is done.
        fields = re.findall(r'<textarea name="(\w+)" hidden>([^<]*)</textarea>', seen)
        again = {name: unescape(value) for name, value in fields}
        assert again.items() >= {(k, v) for k, v in words.items() if k != "act"} or "0 изменятся" in seen
        assert agent.post(f"{run}/start", words).status_code == 302
        worked()
    assert PendingReply.objects.get().text == sent[4]["text"]
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    assert (ticket.priority, ticket.request_type, ticket.labels) == (urgent, kind, ["vip", "важно"])
    assert ticket.closed_at is not None
    assert states(BulkRun.objects.latest("id")) == ["ticket.unchanged"]


def test_steps_and_priorities_of_several_desks_are_offered_by_name(cast: Cast) -> None:
    other = more_tickets(cast, 2)[1]
    Ticket.objects.filter(pk=other.pk).update(
        desk=cast.other_desk, status=cast.other_desk.statuses.first(), priority=cast.other_desk.priorities.first()
    )
    admin = as_(cast.admin)
    run = choose(admin, [cast.ticket, other])
    page = page_of(admin.get(f"{run}?act=priority"))
    urgent = cast.desk.priorities.exclude(pk=cast.ticket.priority_id)[0]
    assert page.count(f">{urgent.name}</option>") == 1
    admin.post(f"{run}/start", {"act": "priority", "value": str(urgent.pk)})
    worked()
    assert set(Ticket.objects.values_list("priority__name", flat=True)) == {urgent.name}


def test_sent_twice_it_is_begun_once(cast: Cast) -> None:
    agent = as_(cast.agent)
    run = choose(agent, [cast.ticket])
    sent = {"act": "assign", "value": str(cast.lead.pk)}
    agent.post(f"{run}/start", sent)
    again = agent.post(f"{run}/start", {**sent, "value": "nobody"})
    assert words_said(again)[-1] == "Это уже начато или закончено."
    assert only_run().parameters == {"assignee": cast.lead.pk}


def test_the_page_of_a_plan_costs_as_many_statements_for_one_as_for_ten(cast: Cast) -> None:
    tickets, agent = more_tickets(cast, 10), as_(cast.agent)

    def cost(chosen: list[Ticket], words: str) -> int:
        run = choose(agent, chosen)
        agent.get(run)
        with CaptureQueriesContext(connection) as seen:
            page = page_of(agent.get(f"{run}?preview=1&{words}"))
        assert f"{len(chosen)} выбран" in page
        return len(seen)

    step = close(cast).steps[0]
    for words in (f"act=status&value={step}", f"act=assign&value={cast.lead.pk}", "act=labels&add=vip"):
        assert cost(tickets[:1], words) == cost(tickets, words), words


def test_progress_is_one_statement_beyond_the_frame_and_ends_by_the_whole_page(cast: Cast) -> None:
    run, agent = begun(cast.agent, more_tickets(cast, 3), close(cast)), as_(cast.agent)
    asks = {"headers": {"HX-Request": "true"}}
    part = agent.get(f"/issues/bulk/{run.pk}", **asks)
    assert part.content.decode().lstrip().startswith("<section") and 'hx-trigger="every 1s"' in page_of(part)
    worked()
    assert agent.get(f"/issues/bulk/{run.pk}", **asks)["HX-Refresh"] == "true"


def test_the_list_of_one_s_own_tells_what_became_of_each(cast: Cast) -> None:
    agent = as_(cast.agent)
    assert "Пока ничего" in page_of(agent.get("/issues/bulk"))
    begun(cast.agent, [cast.ticket], close(cast))
    worked()
    page = text(page_of(agent.get("/issues/bulk")))
    assert "Сменить статус" in page and "1 изменён · можно отменить" in page


def test_the_list_of_one_s_own_costs_as_many_statements_for_one_as_for_three(cast: Cast) -> None:
    agent, cost = as_(cast.agent), []
    for label in ("a", "b", "c"):
        begun(cast.agent, [cast.ticket, cast.ticket], Label(add=[label, "vip"]))
        begun(cast.agent, [cast.ticket], Label(add=["vip"]))
        worked()
        with CaptureQueriesContext(connection) as seen:
            page = page_of(agent.get("/issues/bulk"))
        cost.append(len(seen))
    assert len(set(cost)) == 1 and page.count("1 изменён") == 3 and page.count("1 остался как был") == 3


def test_what_was_given_up_says_so_and_is_not_asked_for_again(cast: Cast) -> None:
    run, agent = begun(cast.agent, [cast.ticket], close(cast)), as_(cast.agent)
    BulkRun.objects.filter(pk=run.pk).update(failed_at=run.started_at, attempts=20)
    page = page_of(agent.get(f"/issues/bulk/{run.pk}"))
    assert "остановлено из-за ошибки" in page and "hx-trigger" not in page.partition('id="bulk-state"')[2][:300]
    assert f'action="/issues/bulk/{run.pk}/undo"' in page
    agent.post(f"/issues/bulk/{run.pk}/undo")
    worked()
    assert "Отменено" in page_of(agent.get(f"/issues/bulk/{run.pk}"))


def test_an_open_page_that_shows_how_far_it_is_gets_nothing(cast: Cast) -> None:
    run, agent = begun(cast.agent, more_tickets(cast, 3), close(cast)), as_(cast.agent)
    asks = {"headers": {"HX-Request": "true"}}
    first = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', page_of(agent.get(f"/issues/bulk/{run.pk}")))
    assert first is not None
    assert (agent.get(first[1], **asks).status_code, agent.get(first[1], **asks).content) == (204, b"")
    assert agent.get(first[1]).status_code == 200
    run.items.filter(position=0).update(state=BulkItem.State.DONE)
    part = agent.get(first[1], **asks)
    assert part.status_code == 200 and 'value="1"' in page_of(part)
    second = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', page_of(part))
    assert second is not None and second[1] != first[1] and agent.get(second[1], **asks).status_code == 204
    worked()
    assert agent.get(second[1], **asks)["HX-Refresh"] == "true"


def test_mails_are_offered_to_be_sent_only_where_some_wait(cast: Cast) -> None:
    """Labels cause no mail, an assignment does, and a reply has no event before it is sent."""
    tickets, agent = more_tickets(cast, 2), as_(cast.agent)
    acts = [
        (Label(add=["x"]), False),
        (Assign(cast.agent.pk), False),
        (Assign(cast.lead.pk), True),
        (Reply("Мы знаем"), True),
    ]
    for act, tells in acts:
        run = begun(cast.agent, tickets, act)
        worked()
        page = page_of(agent.get(f"/issues/bulk/{run.pk}"))
        assert ("Отправить письма сейчас" in page) is tells, act
        assert ("Писем об этом никто не получит" in page) is not tells and "Отменить" in page, act


def test_whether_mails_wait_is_asked_of_many_as_of_one(cast: Cast) -> None:
    agent, counts = as_(cast.agent), []
    for count in (1, 8):
        run = begun(cast.agent, more_tickets(cast, count), Assign(cast.lead.pk if count == 8 else cast.agent.pk))
        worked()
        with CaptureQueriesContext(connection) as asked:
            agent.get(f"/issues/bulk/{run.pk}")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 30, counts

"""Adding, changing, sharing, starring and ordering queues, and permissions."""

from urllib.parse import urlencode

import pytest

from otklik.desks.commands.queues import star_queue
from otklik.desks.models import Queue, Status
from otklik.people.actor import Actor
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_queue import keys
from tests.workspace.test_queue_reads import line_of

TEXT = "статус = Открытый AND исполнитель is EMPTY ORDER BY создано"


def sent(name: str, jql: str, **more: object) -> dict[str, object]:
    return {"name": name, "jql": jql, "columns": ["key", "subject"], "icon": "star", **more}


def test_a_search_becomes_ones_own_queue(cast: Cast) -> None:
    client = as_(cast.agent)
    page = page_of(client.get("/issues/", {"jql": TEXT}))
    address = f"/queues/add?{urlencode({'jql': TEXT})}"
    assert "Сохранить как очередь" in page and "/queues/add?jql=" in page
    form = page_of(client.get(address))
    assert TEXT in form and "ACCREDO-1" in form[form.index("Что найдётся") :] and "Кто её видит" not in form
    answer = client.post("/queues/add", sent("Ничьи новые", TEXT))
    queue = Queue.objects.get(owner=cast.agent)
    assert answer.headers["Location"] == f"/queues/{queue.pk}"
    status = Status.objects.get(desk=cast.desk, name="Открытый")
    assert queue.jql == f"status = {status.pk} AND assignee is EMPTY ORDER BY created" and queue.typed == TEXT
    page = page_of(client.get(answer.headers["Location"]))
    assert keys(page) == ["ACCREDO-1"] and ">1</span>" in line_of(page, f"/queues/{queue.pk}") and ">Мои<" in page
    # As it was typed, as long as that means the same.
    assert TEXT in page_of(client.get(f"/queues/{queue.pk}/edit"))
    Status.objects.filter(pk=status.pk).update(name="Новый")
    assert keys(page_of(client.get(f"/queues/{queue.pk}"))) == ["ACCREDO-1"]
    assert "status = Новый AND assignee is EMPTY" in page_of(client.get(f"/queues/{queue.pk}/edit"))


def test_a_lead_makes_it_the_desks(cast: Cast) -> None:
    client = as_(cast.lead)
    form = page_of(client.get("/queues/add?for=ACCREDO"))
    assert "Кто её видит" in form and f'<option value="{cast.desk.key}" selected' in form
    client.post("/queues/add", sent("Ничьи новые", TEXT, whose="ACCREDO"))
    queue = Queue.objects.get(desk=cast.desk, name="Ничьи новые")
    page = page_of(as_(cast.agent).get(f"/projects/ACCREDO/queues/custom/{queue.pk}"))
    assert keys(page) == ["ACCREDO-1"] and "Изменить" not in page[page.index("ws-title") : page.index("queue-rows")]
    assert "Ничьи новые" in page_of(client.get("/projects/ACCREDO/settings/history"))


def test_whom_the_form_names_counts_and_not_the_address_that_led_to_it(cast: Cast) -> None:
    as_(cast.lead).post("/queues/add?for=ACCREDO", sent("Только моя", TEXT, whose=""))
    queue = Queue.objects.get(name="Только моя")
    assert queue.owner == cast.lead and queue.desk is None


def test_an_agent_makes_no_queue_for_the_desk(cast: Cast) -> None:
    as_(cast.agent).post("/queues/add", sent("Ничьи новые", TEXT, whose="ACCREDO"))
    assert not Queue.objects.filter(desk=cast.desk, name="Ничьи новые").exists()


@pytest.mark.parametrize("jql", ["статус = Открытыйй", "status = ", "project = OTHER", "x" * 2001])
def test_a_text_with_a_mistake_is_marked_and_kept_and_nothing_is_saved(cast: Cast, jql: str) -> None:
    response = as_(cast.lead).post("/queues/add", sent("Кривая", jql, whose="ACCREDO"))
    assert response.status_code == 422 and "Кривая" in page_of(response)
    assert not Queue.objects.filter(name="Кривая").exists()


def test_the_preview_saves_nothing(cast: Cast) -> None:
    response = as_(cast.lead).post("/queues/add", sent("Проба", TEXT, preview="1"))
    assert response.status_code == 200 and "ACCREDO-1" in page_of(response)
    assert not Queue.objects.filter(name="Проба").exists()


def test_a_queue_is_copied_with_its_text(cast: Cast) -> None:
    number = queue_url(cast.desk).rpartition("/")[2]
    form = page_of(as_(cast.agent).get(f"/queues/add?copy={number}"))
    assert "Все открытые (копия)" in form and "statusCategory != Done ORDER BY updated DESC" in form
    foreign = Queue.objects.filter(desk=cast.other_desk)[0]
    assert foreign.name not in page_of(as_(cast.agent).get(f"/queues/add?copy={foreign.pk}"))[-9000:]


def test_a_starred_queue_stands_above_and_only_there(cast: Cast) -> None:
    client, address = as_(cast.agent), queue_url(cast.desk)
    number = address.rpartition("/")[2]
    assert client.post(f"/queues/{number}/star", {"starred": "1"}).headers["Location"] == address
    page = page_of(client.get(address))
    side = page[page.index('id="ws-desks"') : page.index("<main")]
    assert side.count(f'href="{address}"') == 1 and side.index("Избранные") < side.index(address) < side.index(
        "ACCREDO</"
    )
    assert "Избранные" not in page_of(as_(cast.lead).get(address))
    client.post(f"/queues/{number}/star", {"starred": "0"})
    assert "Избранные" not in page_of(client.get(address))
    foreign = Queue.objects.filter(desk=cast.other_desk)[0]
    assert client.post(f"/queues/{foreign.pk}/star", {"starred": "1"}).status_code == 404


def test_a_hidden_queue_stands_in_no_shown_ones_way(cast: Cast) -> None:
    client, ids = as_(cast.lead), list(cast.desk.queues.order_by("position").values_list("pk", flat=True))
    client.post(f"/queues/{ids[1]}/hide", {"archived": "1"})
    client.post("/projects/ACCREDO/settings/queues/order", {"down": ids[0]})
    shown = cast.desk.queues.filter(hidden=False).order_by("position").values_list("pk", flat=True)
    assert list(shown)[:2] == [ids[2], ids[0]]


def test_leads_hide_order_and_delete(cast: Cast) -> None:
    client, ids = as_(cast.lead), list(cast.desk.queues.order_by("position").values_list("pk", flat=True))
    listed = page_of(client.get("/projects/ACCREDO/settings/queues"))
    assert "Без исполнителя" in listed and "statusCategory != Done" in listed
    client.post("/projects/ACCREDO/settings/queues/order", {"down": ids[0]})
    assert list(cast.desk.queues.order_by("position").values_list("pk", flat=True))[:2] == [ids[1], ids[0]]
    client.post(f"/queues/{ids[0]}/hide", {"archived": "1"})
    assert Queue.objects.get(pk=ids[0]).hidden
    assert client.get("/projects/ACCREDO/queues").headers["Location"].endswith(f"/{ids[1]}")
    client.post(f"/queues/{ids[0]}/hide", {"archived": "0"})
    assert not Queue.objects.get(pk=ids[0]).hidden
    star_queue(actor=Actor(cast.agent, "agent"), queue_id=ids[0], starred=True)
    asked = page_of(client.get(f"/queues/{ids[0]}/delete"))
    assert "Удалить очередь" in asked and "Ещё 1 человек" in asked and Queue.objects.filter(pk=ids[0]).exists()
    after = client.post(f"/queues/{ids[0]}/delete").headers["Location"]
    assert after == f"/projects/ACCREDO/settings/queues?deleted={ids[0]}"
    assert not Queue.objects.filter(pk=ids[0]).exists()
    assert "Избранные" not in page_of(as_(cast.agent).get("/projects/ACCREDO/queues", follow=True))
    page = page_of(client.get(after))
    assert "Отменить</button>" in page and f'action="/queues/{ids[0]}/restore"' in page and "Недавно удалённые" in page
    assert "Отменить</button>" not in page_of(client.get("/projects/ACCREDO/settings/queues"))
    assert "Удалена" in page_of(client.get("/projects/ACCREDO/settings/history"))
    assert as_(cast.agent).post(f"/queues/{ids[0]}/restore").status_code == 404
    client.post(f"/queues/{ids[0]}/restore")
    assert Queue.objects.filter(pk=ids[0]).exists()
    assert "Избранные" in page_of(as_(cast.agent).get("/projects/ACCREDO/queues", follow=True))
    assert "Без исполнителя" in page_of(client.get("/projects/ACCREDO/settings/history"))


@pytest.mark.parametrize("act", ["edit", "hide", "delete"])
def test_nobody_else_changes_a_queue(cast: Cast, act: str) -> None:
    desks, own = Queue.objects.filter(desk=cast.desk)[0], Queue.objects.create(owner=cast.agent, name="Моя", position=1)
    for person, queue in ((cast.agent, desks), (cast.agent_elsewhere, desks), (cast.lead, own), (cast.admin, own)):
        assert as_(person).post(f"/queues/{queue.pk}/{act}", sent("Чужая", TEXT)).status_code == 404
    assert not Queue.objects.filter(name="Чужая").exists()


def test_a_name_that_is_taken_is_refused_with_all_that_was_typed(cast: Cast) -> None:
    response = as_(cast.lead).post("/queues/add", sent("Все открытые", TEXT, whose="ACCREDO"))
    assert response.status_code == 422 and TEXT in page_of(response) and "уже есть" in page_of(response)

"""Starred and own queues: order, icons, deletion, concurrent changes."""

import re

from otklik.desks.commands.queues import add_own_queue, star_queue
from otklik.desks.models import Queue
from otklik.people.actor import Actor
from tests.cast import Cast
from tests.desks.commands.queue_values import values
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_queue_edit import sent


def side(page: str) -> str:
    return page[page.index('id="ws-desks"') : page.index("<main")]


def test_starred_and_own_queues_are_put_in_order_by_each_for_themselves(cast: Cast) -> None:
    client, mine = as_(cast.agent), Actor(cast.agent, "agent")
    first, second = list(cast.desk.queues.order_by("position"))[:2]
    one, two = (add_own_queue(actor=mine, values=values(name, icon="bug")) for name in ("Первая", "Вторая"))
    for queue in (first, second):
        star_queue(actor=mine, queue_id=queue.pk, starred=True)
    page = page_of(client.get("/queues"))
    assert page.index(first.name) < page.index(second.name) and 'data-movable="/queues/starred/order"' in page
    assert side(page).count('href="/queues"') == 2 and "#bug" in side(page)
    client.post("/queues/starred/order", {"up": second.pk})
    client.post("/queues/own/order", {"down": one.pk})
    shown = side(page_of(client.get("/queues")))
    assert shown.index(second.name) < shown.index(first.name) and shown.index("Вторая") < shown.index("Первая")
    # Dragged; whatever else is named is nobody's.
    assert client.post("/queues/starred/order", {"order": [first.pk, second.pk, 0, "x"]}).status_code == 204
    assert client.post("/queues/own/order", {"order": [two.pk, first.pk, one.pk]}).status_code == 204
    shown = side(page_of(client.get("/queues")))
    assert shown.index(first.name) < shown.index(second.name)
    answer = client.post(f"/queues/{first.pk}/star", {"starred": "0", "next": "own"})
    assert answer.headers["Location"] == "/queues"
    assert "Избранные" not in side(page_of(as_(cast.lead).get("/queues")))


def test_without_any_the_page_says_how_to_come_by_one(cast: Cast) -> None:
    page = page_of(as_(cast.agent).get("/queues"))
    assert "Отметьте очередь" in page and "сохраните его как очередь" in page


def test_ones_own_is_deleted_and_brought_back(cast: Cast) -> None:
    client = as_(cast.agent)
    queue = add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Моя"))
    assert client.get(f"/queues/{queue.pk}").status_code == 200
    assert "Её видите только вы" in page_of(client.get(f"/queues/{queue.pk}/delete"))
    after = client.post(f"/queues/{queue.pk}/delete").headers["Location"]
    assert after == f"/queues?deleted={queue.pk}" and "Отменить</button>" in page_of(client.get(after))
    assert client.get(f"/queues/{queue.pk}").status_code == 404
    add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Моя"))
    refused = page_of(client.post(f"/queues/{queue.pk}/restore", follow=True))
    assert "Очередь с таким названием уже есть" in refused
    Queue.objects.get(owner=cast.agent).delete()
    client.post(f"/queues/{queue.pk}/restore")
    assert client.get(f"/queues/{queue.pk}").status_code == 200


def test_who_saves_second_sees_what_the_first_has_saved(cast: Cast) -> None:
    number = queue_url(cast.desk).rpartition("/")[2]
    lead, admin = as_(cast.lead), as_(cast.admin)
    before = re.search(r'name="before" value="(\w+)"', page_of(lead.get(f"/queues/{number}/edit")))
    assert before
    admin.post(f"/queues/{number}/edit", sent("Срочные", "priority = Высокий", before=before[1]))
    answer = lead.post(f"/queues/{number}/edit", sent("Горящие", "assignee is EMPTY", before=before[1]))
    page = page_of(answer)
    assert answer.status_code == 422 and Queue.objects.get(pk=number).name == "Срочные"
    assert "Кто-то изменил эту очередь" in page
    assert f"сделал(а) {cast.admin.name}" in page and "priority = Высокий" in page
    assert 'value="Горящие"' in page and "assignee is EMPTY" in page
    again = re.search(r'name="before" value="(\w+)"', page)
    assert again and again[1] != before[1]
    lead.post(f"/queues/{number}/edit", sent("Горящие", "assignee is EMPTY", before=again[1]))
    assert Queue.objects.get(pk=number).name == "Горящие"


def test_a_preview_between_keeps_what_the_form_began_from(cast: Cast) -> None:
    number = queue_url(cast.desk).rpartition("/")[2]
    page = page_of(as_(cast.lead).post(f"/queues/{number}/edit", sent("Проба", "key = 1", preview="1", before="old")))
    assert 'name="before" value="old"' in page


def test_the_address_of_a_deleted_queue_says_so_and_leads_back(cast: Cast) -> None:
    queue = cast.desk.queues.order_by("position")[1]
    there, lead, agent = f"/projects/ACCREDO/queues/custom/{queue.pk}", as_(cast.lead), as_(cast.agent)
    lead.post(f"/queues/{queue.pk}/delete")
    for client, words in ((lead, "Вернуть</button>"), (agent, "Вернуть её может руководитель службы")):
        answer = client.get(there)
        assert answer.status_code == 404 and "Очередь удалена" in page_of(answer) and words in page_of(answer)
    assert f'action="/queues/{queue.pk}/restore"' not in page_of(agent.get(there))
    # Others' own queues, and those of other desks, never were.
    own = add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Моя"))
    agent.post(f"/queues/{own.pk}/delete")
    assert f'action="/queues/{own.pk}/restore"' in page_of(agent.get(f"/queues/{own.pk}"))
    for client, address in ((lead, f"/queues/{own.pk}"), (agent, f"/queues/{queue.pk}"), (agent, there[:-1] + "0999")):
        assert page_of(client.get(address)) == page_of(agent.get("/queues/99999"))
    lead.post(f"/queues/{queue.pk}/restore")
    assert agent.get(there).status_code == 200


def test_a_hidden_queue_of_the_desk_stands_at_nobodys_side(cast: Cast) -> None:
    queue = cast.desk.queues.order_by("position")[1]
    assert queue.name in side(page_of(as_(cast.agent).get("/queues")))
    Queue.objects.filter(pk=queue.pk).update(hidden=True)
    assert queue.name not in side(page_of(as_(cast.agent).get("/queues")))

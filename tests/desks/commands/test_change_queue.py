"""`change_queue` changes a queue's name, filter or visibility."""

from otklik.desks.commands.queues import add_own_queue, add_queue, change_queue, may_change, version_of
from otklik.desks.commands.settings import changes_of, undo
from otklik.desks.models import Queue
from otklik.people.actor import Actor
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.queue_values import OPEN, values


def test_a_leads_change_can_be_taken_back(cast: Cast) -> None:
    queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    with tells("desk.changed"), locks(Queue):
        assert change_queue(**by(cast.lead), queue=queue, values={"jql": "key is EMPTY", "typed": "key is EMPTY"})
    undo(**by(cast.lead), desk=cast.desk, event_id=changes_of(cast.desk).order_by("-id")[0].pk)
    assert Queue.objects.get(pk=queue.pk).jql == OPEN
    with refuses("desk.leads_only"):
        change_queue(**by(cast.agent), queue=queue, values={"hidden": True})
    with refuses("desk.queue_name_taken"):
        change_queue(**by(cast.lead), queue=queue, values={"name": "Все открытые"})


def test_what_another_has_saved_meanwhile_is_not_overwritten(cast: Cast) -> None:
    queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    seen = version_of(Queue.objects.get(pk=queue.pk))
    change_queue(**by(cast.lead), queue=queue, values={"hidden": True}, before=seen)
    change_queue(**by(cast.lead), queue=queue, values={"icon": "bug"}, before=seen)
    with refuses("desk.queue_changed_meanwhile"):
        change_queue(**by(cast.admin), queue=queue, values={"name": "Тлеет"}, before=seen)
    assert Queue.objects.get(pk=queue.pk).name == "Горит"
    change_queue(
        **by(cast.admin), queue=queue, values={"name": "Тлеет"}, before=version_of(Queue.objects.get(pk=queue.pk))
    )


def test_a_name_that_another_has_by_now_is_not_given_back(cast: Cast) -> None:
    queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    change_queue(**by(cast.lead), queue=queue, values={"name": "Тлеет"})
    renamed = changes_of(cast.desk).order_by("-id")[0].pk
    add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    with refuses("desk.entry_name_taken"):
        undo(**by(cast.lead), desk=cast.desk, event_id=renamed)
    assert Queue.objects.get(pk=queue.pk).name == "Тлеет"


def test_nobody_changes_what_is_anothers_own(cast: Cast) -> None:
    queue = add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Моя"))
    assert change_queue(**by(cast.agent), queue=queue, values={"name": "Наша"})
    assert not change_queue(**by(cast.agent), queue=queue, values={"name": "Наша"})
    for other in (cast.lead, cast.admin):
        with refuses("desk.queue_of_others"):
            change_queue(**by(other), queue=queue, values={"name": "Чужая"})


def test_everybodys_queue_is_for_the_sites_admins(cast: Cast) -> None:
    queue = Queue.objects.create(name="Все службы", jql=OPEN, position=1)
    assert change_queue(**by(cast.admin), queue=queue, values={"name": "Все"})
    with refuses("desk.leads_only"):
        change_queue(**by(cast.lead), queue=queue, values={"name": "Мои"})


def test_who_is_offered_to_change_a_queue(cast: Cast) -> None:
    """The same rule as the command's: leads a desk's, admins shared ones, everybody their own."""
    everybodys = Queue(owner=None, desk=None)
    assert may_change(cast.admin, everybodys, set()) and not may_change(cast.agent, everybodys, {cast.desk.pk})
    own, of_desk = Queue(owner=cast.agent), Queue(desk=cast.desk)
    assert may_change(cast.agent, own, set()) and not may_change(cast.admin, own, {cast.desk.pk})
    assert may_change(cast.agent, of_desk, {cast.desk.pk}) and not may_change(cast.admin, of_desk, set())

"""Queues that name a person merged into another one."""

from django.db import transaction

from otklik.desks.models import Queue
from otklik.people.commands.merge import merge_newcomer
from otklik.people.commands.persons import ensure_person
from otklik.worker.dispatch import dispatch_next
from tests.acting import by
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of
from tests.workspace.test_queue import keys


def test_a_filter_that_names_who_was_merged_finds_the_survivors_requests(cast: Cast) -> None:
    newcomer, _new = ensure_person(address="anna@home.test", name="Анна дома", at=START)
    former = newcomer.pk
    jql = f"reporter in ({former}, {cast.agent.pk}) AND summary !~ x{former} AND reporter != 1{former}"
    queue = Queue.objects.create(
        desk=cast.desk, name="Анна", jql=jql, typed='reporter = "Анна дома"', columns=["key"], position=90
    )
    with transaction.atomic():
        merge_newcomer(**by(cast.anna), person=cast.anna, newcomer=newcomer)
    while dispatch_next():
        pass
    queue.refresh_from_db()
    others = f"AND summary !~ x{former} AND reporter != 1{former}"
    assert queue.jql == f"reporter in ({cast.anna.pk}, {cast.agent.pk}) {others}"
    client = as_(cast.lead)
    assert "ACCREDO-1" in keys(page_of(client.get(f"/projects/ACCREDO/queues/custom/{queue.pk}")))
    assert cast.anna.name in page_of(client.get(f"/queues/{queue.pk}/edit"))


def test_a_deleted_queue_follows_too_since_it_can_be_restored(cast: Cast) -> None:
    newcomer, _new = ensure_person(address="anna@home.test", name="Анна дома", at=START)
    queue = Queue.objects.create(
        desk=cast.desk, name="Анна", jql=f"reporter = {newcomer.pk}", typed="", columns=["key"], position=90,
        removed_at=START,
    )  # fmt: skip
    with transaction.atomic():
        merge_newcomer(**by(cast.anna), person=cast.anna, newcomer=newcomer)
    while dispatch_next():
        pass
    assert Queue.with_removed.get(pk=queue.pk).jql == f"reporter = {cast.anna.pk}"

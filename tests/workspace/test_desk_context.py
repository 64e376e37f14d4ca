"""The reader's preloaded context gives the same JQL results as none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.desks.commands.create import set_role
from otklik.desks.models import Membership
from otklik.people.actor import system
from otklik.people.models import Person
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.workspace.desk_context import Standing
from tests.cast import START, Cast
from tests.tickets.jql.world import World
from tests.workspace.helpers import as_

TEXTS = (
    "", "statusCategory != Done", "statusCategory = Done", 'statusCategory in ("To Do", "In Progress")',
    "statusCategory = New OR assignee is EMPTY ORDER BY updated", "project = ACCREDO ORDER BY key",
)  # fmt: skip


def keys(asker: Asker, text: str) -> list[str]:
    """Return the keys found, or the error."""
    try:
        return list(find(parse(text), asker).values_list("key", flat=True))
    except BadJql as error:
        return [str(error)]


@pytest.mark.parametrize("text", TEXTS)
def test_ab_51_an_asker_who_knows_the_desks_finds_the_same(cast: Cast, text: str) -> None:
    World(cast, seed=3, count=12)
    at, found = timezone.now(), dict[str, list[str]]()
    elsewhere = Person.objects.get(pk=cast.agent_elsewhere.pk)
    for person in (cast.agent, elsewhere, cast.admin, cast.lead):
        asker = Standing(person).asker(at)
        found[person.email or ""] = keys(asker, text)
        assert found[person.email or ""] == keys(Asker(person, at, at_work=True), text), person
    assert found[cast.agent.email or ""] and found[cast.agent.email or ""] != found[elsewhere.email or ""]


def test_ab_51_who_was_put_off_a_desk_finds_nothing_of_it_with_the_next_page(cast: Cast) -> None:
    client, address = as_(cast.agent), "/issues/?jql=statusCategory+!%3D+Done"
    assert cast.ticket.key in client.get(address).content.decode()
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    client = as_(cast.agent)
    client.get(address)
    Membership.objects.filter(desk=cast.desk, person=cast.agent).delete()
    assert cast.ticket.key not in client.get(address).content.decode()


def test_a_page_asks_neither_for_the_desks_nor_for_their_statuses_again(cast: Cast) -> None:
    asker = Standing(cast.agent).asker(timezone.now())
    with CaptureQueriesContext(connection) as asked:
        find(parse("statusCategory != Done"), asker)
    assert not asked.captured_queries

"""Jira's built-in filters by number and name, and filters that do not exist."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import Ticket
from otklik.workspace.jira_filters import BUILT_IN, NAMES, built_in
from tests.cast import Cast, as_
from tests.tickets.bulk.parts import close, done, more_tickets
from tests.workspace.helpers import page_of


@pytest.fixture
def tickets(cast: Cast) -> dict[str, Ticket]:
    """Return three tickets: just closed, assigned to the agent, and a month old."""
    ticket, mine, old = more_tickets(cast, 3)
    month_ago = timezone.now() - timedelta(days=30)
    done(cast.lead, [ticket], close(cast), timezone.now())
    Ticket.objects.filter(pk__in=[ticket.pk, mine.pk]).update(created_at=timezone.now(), updated_at=timezone.now())
    Ticket.objects.filter(pk=mine.pk).update(assignee=cast.agent)
    Ticket.objects.filter(pk=old.pk).update(created_at=month_ago, updated_at=month_ago, requester=cast.agent)
    as_(cast.agent).get(f"/browse/{old.key}")
    as_(cast.lead).get(f"/browse/{mine.key}")
    return {"closed": ticket, "mine": mine, "old": old}


FOUND = {
    "-1": {"mine"},
    "-2": {"old"},
    "-3": {"old"},
    "-4": {"closed", "mine", "old"},
    "-5": {"mine", "old"},
    "-6": {"closed", "mine"},
    "-7": {"closed"},
    "-8": {"closed", "mine"},
    "-9": {"closed"},
}


def test_each_finds_what_it_says_and_of_one_desk_alone(cast: Cast, tickets: dict[str, Ticket]) -> None:
    assert FOUND.keys() == BUILT_IN.keys()
    asker = Asker(cast.agent, timezone.now())
    for number, names in FOUND.items():
        ids = {tickets[name].pk for name in names}
        for key in ("", "ACCREDO"):
            assert set(find(parse(built_in(number, key) or ""), asker).values_list("pk", flat=True)) == ids, number
        assert not find(parse(built_in(number, "OTHER") or ""), Asker(cast.agent_elsewhere, timezone.now())).filter(
            pk__in=[ticket.pk for ticket in tickets.values()]
        )


@pytest.mark.parametrize("name", [*NAMES, *BUILT_IN])
def test_the_address_leads_to_the_list(cast: Cast, name: str) -> None:
    agent, number = as_(cast.agent), NAMES.get(name, name)
    for url, key in (("/issues/", ""), ("/secure/IssueNavigator.jspa", ""), ("/projects/accredo/issues/", "ACCREDO")):
        answer = agent.get(url, {"filter": name})
        assert parse_qs(urlsplit(answer["Location"]).query) == {"jql": [built_in(number, key)]}


def test_what_stands_beside_a_filter_counts_and_an_unknown_number_is_told_of(cast: Cast) -> None:
    agent, text = as_(cast.agent), "project = ACCREDO AND labels = x"
    assert agent.get("/issues/", {"filter": "10412", "jql": text}).status_code == 200
    assert parse_qs(urlsplit(agent.get("/projects/ACCREDO/issues/", {"jql": text})["Location"]).query)["jql"] == [text]
    for url in ("/issues/?filter=10412", "/projects/ACCREDO/issues/?filter=10412", "/issues/?filter=<b>"):
        answer = agent.get(url)
        page = page_of(answer)
        assert answer.status_code == 404 and "здесь нет" in page and 'id="id_jql"' in page and "<b> " not in page
    own = cast.other_desk.queues.order_by("position")[0]
    assert agent.get(f"/issues/?filter={own.pk}").status_code == 404  # AB-51: another desk's is as unknown
    assert as_(cast.agent_elsewhere).get("/projects/ACCREDO/issues/").status_code == 404

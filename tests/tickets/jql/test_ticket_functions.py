"""`updatedBy()`: tickets that a person opened, commented or changed, and when; for staff only."""

from datetime import timedelta

import pytest

from otklik.people.actor import system
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.properties import change_labels
from otklik.tickets.content import Words
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.moments import follows_clock
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.write import write
from otklik.tickets.models import Ticket, TicketLink
from tests.acting import by
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.jql.world import NOW

MINE = "key in updatedBy(currentUser())"


@pytest.fixture
def three(cast: Cast) -> list[str]:
    """Return keys of three tickets: the agent commented on the first eight days ago and labelled the second today; the
    third is untouched by the agent."""
    tickets = [cast.ticket, *(opened(cast) for _more in range(2))]
    week_ago = NOW - timedelta(days=8)
    comment(**{**by(cast.agent), "at": week_ago}, ticket=tickets[0], words=Words("Слово"))
    change_labels(**{**by(cast.agent), "at": NOW}, ticket=tickets[1], labels=["x"])
    change_labels(**{**by(cast.lead), "at": NOW}, ticket=tickets[2], labels=["x"])
    return [ticket.key for ticket in tickets]


def opened(cast: Cast) -> Ticket:
    more = {"desk": cast.desk, "channel": "portal", "subject": "x", "words": Words("x"), "requester": cast.anna}
    return open_ticket(actor=system(), at=NOW, **more)


def keys(text: str, person: Person | None) -> list[str]:
    return sorted(find(parse(text), Asker(person, NOW)).values_list("key", flat=True))


def test_what_somebody_wrote_on_or_changed_is_found_and_by_when(cast: Cast, three: list[str]) -> None:
    first, second, third = three
    assert keys(MINE, cast.agent) == [first, second]
    assert keys('key in updatedBy(currentUser(), "-7d")', cast.agent) == [second]
    assert keys('key in updatedBy(currentUser(), "-30d", "-7d")', cast.agent) == [first]
    assert keys(f'issuekey in updatedBy("{cast.agent.email}")', None) == [first, second]
    assert keys(f"{MINE} AND labels = x", cast.agent) == [second]
    assert keys(MINE.replace("in", "not in"), cast.agent) == [third]
    assert keys(MINE, cast.lead) == [third]


def test_links_are_asked_by_what_they_are_called_from_the_end_of_the_named(cast: Cast, three: list[str]) -> None:
    first, second, third = (Ticket.objects.get(key=key) for key in three)
    TicketLink.objects.create(source=first, target=second, kind="blocks", added_at=NOW)
    TicketLink.objects.create(source=third, target=first, kind="relates", added_at=NOW)
    asked = {
        f"linkedIssues({first.key})": [second.key, third.key],
        f'linkedIssues({first.key}, "blocks")': [second.key],
        f'linkedIssues({first.key}, "is blocked by")': [],
        f'linkedIssues({second.key}, "ждёт решения")': [first.key],
        f'linkedIssues({first.key}, "relates to")': [third.key],
        f'linkedIssues({third.key}, "relates to")': [first.key],
    }
    assert {text: keys(f"key in {text}", cast.agent) for text in asked} == asked
    with refused_as("jql.link_unknown"):
        keys(f"key in linkedIssues({first.key}, qwzx)", cast.agent)
    with refused_as("jql.link_unknown_near"):
        keys(f"key in linkedIssues({first.key}, blokcs)", cast.agent)
    with refused_as("jql.arguments_wrong"):
        keys(f"key in linkedIssues({first.key}, blocks, x)", cast.agent)


def test_what_is_no_time_is_refused(cast: Cast) -> None:
    with refused_as("jql.not_a_date_near"):
        keys("key in updatedBy(currentUser(), вчера)", cast.agent)


def test_ab_48_customers_learn_nothing_by_it_of_who_did_what(cast: Cast, three: list[str]) -> None:
    assert keys("", cast.anna) == sorted(three)
    assert keys(f'key in updatedBy("{cast.anna.email}")', cast.anna) == []


def test_it_is_written_as_it_was_and_a_span_in_it_follows_the_clock() -> None:
    text = 'key in (updatedBy(currentUser(), -7d), updatedBy("Глеб Орлов"))'
    assert write(parse(text)) == text
    assert follows_clock(parse(text)) and not follows_clock(parse(MINE))


def test_what_one_watches_is_what_one_takes_part_in_without_having_asked_it(cast: Cast, three: list[str]) -> None:
    first, second, _third = three
    for key in (first, second):
        Ticket.objects.get(key=key).participants.create(person=cast.stranger, added_at=NOW)
    Ticket.objects.filter(key=second).update(requester=cast.stranger)
    for text in ("key in watchedIssues()", "watcher = currentUser()", "наблюдатели = currentUser()"):
        assert keys(text, cast.stranger) == [first], text
        assert keys(text, cast.agent) == [], text
    with refused_as("jql.arguments_wrong"):
        keys("key in watchedIssues(x)", cast.stranger)
    with refused_as("jql.self_unknown"):
        keys("key in watchedIssues()", None)


def test_a_request_has_the_language_of_who_asks_it(cast: Cast, three: list[str]) -> None:
    cast.anna.language = "en"
    cast.anna.save(update_fields=["language"])
    of_others = Ticket.objects.get(key=three[0])
    Ticket.objects.filter(pk=of_others.pk).update(requester=cast.boris)
    assert keys('"Request language" = English', cast.agent) == three[1:]
    assert keys("'язык запроса' = русский", cast.agent) == [of_others.key]
    with refused_as("jql.value_unknown_near"):
        keys("'request language' = englsh", cast.agent)

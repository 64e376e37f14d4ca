"""No JQL condition widens what a reader may see or reveals what they may not know (AB-51, AB-60)."""

from datetime import timedelta

import pytest
from django.db.models import Q

from otklik.desks.models import CustomField
from otklik.people.actor import Actor
from otklik.people.models import Organization, Person
from otklik.tickets.access import visible_tickets
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.properties import change_labels
from otklik.tickets.content import Words
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import MOST_CONDITIONS, parse
from otklik.tickets.jql.tree import Operator
from otklik.tickets.models import Change, Message, Ticket, TicketLink
from tests.cast import NOTE_CANARY, START, Cast
from tests.tickets.jql.test_find import ASKED, STATUSES
from tests.tickets.jql.world import NOW, World


def keys(text: str, person: Person | None) -> list[str]:
    return list(find(parse(text), Asker(person, NOW)).values_list("key", flat=True))


def refused(text: str, person: Person | None) -> str:
    with pytest.raises(BadJql) as caught:
        keys(text, person)
    return caught.value.code


def people(cast: Cast) -> list[Person]:
    off = cast.boris
    off.is_active = False
    off.save()
    return [cast.anna, off, cast.agent, cast.agent_elsewhere]


def test_ab_51_no_condition_shows_more_than_the_reader_sees(cast: Cast) -> None:
    World(cast, seed=1, count=40)
    for person in people(cast):
        seen = set(visible_tickets(person).values_list("key", flat=True))
        assert set(keys("", person)) == seen
        asked = [text for name in ASKED for text in _asked(name) if not _is_refused(text, person)]
        assert len(asked) > 20 or not seen
        for begin in range(0, len(asked), MOST_CONDITIONS):
            text = " or ".join(asked[begin : begin + MOST_CONDITIONS])
            assert set(keys(text, person)) <= seen, text


def _asked(name: str) -> list[str]:
    words, operators = ASKED[name]
    sign = "~" if Operator.CONTAINS in operators else "="
    said = [f'"{name}" {operator} "{words[0]}"' for operator in (sign, f"!{sign}")] if words else []
    return [*said, f'"{name}" is EMPTY', f'not "{name}" is EMPTY']


def _is_refused(text: str, person: Person) -> bool:
    try:
        find(parse(text), Asker(person, NOW))
    except BadJql:
        return True
    return False


def test_ab_48_customers_ask_nothing_of_what_only_staff_sees(cast: Cast) -> None:
    change_labels(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, labels=["vip"])
    for text in ("labels = vip", "priority > Низкий", "assignee is EMPTY", "due is EMPTY", "creator is EMPTY"):
        assert refused(text, cast.anna) in ("jql.field_unknown", "jql.field_unknown_near"), text
        assert refused(f"ORDER BY {text.split()[0]}", cast.anna).startswith("jql.field_unknown")
    assert keys("labels = vip", cast.agent) == [cast.ticket.key]


def test_ab_48_an_agent_asks_of_a_ticket_elsewhere_what_a_customer_may(cast: Cast) -> None:
    other = Ticket.objects.get(pk=cast.ticket.pk)
    other.pk, other.key, other.number, other.desk = None, "OTHER-1", 1, cast.other_desk
    other.status, other.priority = cast.other_desk.statuses.first(), cast.other_desk.priorities.first()
    other.request_type, other.requester, other.labels = None, cast.agent, ["vip"]
    other.save()
    cast.ticket.participants.create(person=cast.agent, added_at=START)
    other.participants.create(person=cast.agent, added_at=START)
    assert "OTHER-1" in keys("", cast.agent)
    for text in ("labels = vip", "labels is EMPTY", "not labels is EMPTY", "priority = Критический", "due is EMPTY"):
        assert "OTHER-1" not in keys(text, cast.agent), text
    assert "OTHER-1" in keys("labels = vip", cast.agent_elsewhere)


def test_ab_48_words_of_notes_and_held_mail_are_found_by_staff_alone(cast: Cast) -> None:
    word = NOTE_CANARY.replace("-", " ")
    assert keys(f'comment ~ "\\"{word}\\""', cast.agent) == [cast.ticket.key]
    for person in (cast.anna, cast.boris, cast.agent_elsewhere):
        for field in ("comment", "text"):
            assert keys(f'{field} ~ "\\"{word}\\""', person) == []
        assert cast.ticket.key not in keys(f'comment !~ "{word}"', cast.stranger)
    Message.objects.filter(opening=False).update(kind="public", held=True)
    assert keys('comment ~ "Смотрим"', cast.anna) == []
    assert keys('comment ~ "Смотрим"', cast.agent) == [cast.ticket.key]


def test_ab_47_nobody_learns_by_asking_who_has_an_account(cast: Cast) -> None:
    for text in ('reporter = "stranger@elsewhere.test"', 'reporter = "nobody@elsewhere.test"', "reporter = Чужой"):
        for person in (cast.anna, cast.agent):
            assert refused(text, person) == "jql.value_unknown", text
    assert keys('reporter = "stranger@elsewhere.test"', cast.admin) == []
    assert keys('reporter = "anna@clinic.test"', cast.agent) == [cast.ticket.key]
    assert keys('reporter = "boris@clinic.test"', cast.anna) == []  # they are on a request together


def test_ab_55_customers_name_their_own_organisations_only(cast: Cast) -> None:
    own, other = Organization.objects.create(name="Клиника"), Organization.objects.create(name="Завод")
    own.members.add(cast.anna)
    assert keys("reporter in organizationMembers(клиника)", cast.anna) == [cast.ticket.key]
    assert refused("reporter in organizationMembers(Завод)", cast.anna) == "jql.organization_unknown"
    assert keys("reporter in organizationMembers(Завод)", cast.agent) == [] and other.pk
    assert refused("reporter in organizationMembers(Заво)", cast.agent) == "jql.organization_unknown_near"
    assert refused("reporter in organizationMembers(Заво)", cast.anna) == "jql.organization_unknown"


def test_keys_and_names_of_other_desks_are_unknown(cast: Cast) -> None:
    assert (
        refused("key = ACCREDO-1", cast.stranger) == refused("key = ACCREDO-77", cast.stranger) == "jql.value_unknown"
    )
    assert refused("project = ACCREDO", cast.stranger) == "jql.value_unknown"
    assert refused(f'status = "{STATUSES[0]}"', cast.stranger) == "jql.value_unknown"
    cast.other_desk.statuses.create(name="Тайный", category="new", position=9)
    assert refused("status = Тайный", cast.agent) == "jql.value_unknown"
    assert keys("status = Тайный", cast.agent_elsewhere) == []


def joined(cast: Cast) -> Ticket:
    """Return a ticket of the other desk whose customer is ACCREDO's agent."""
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    ticket.pk, ticket.key, ticket.number, ticket.desk = None, "OTHER-1", 1, cast.other_desk
    ticket.status, ticket.priority = cast.other_desk.statuses.first(), cast.other_desk.priorities.first()
    ticket.request_type, ticket.requester = None, cast.agent
    ticket.save()
    ticket.participants.create(person=cast.agent, added_at=START)
    return ticket


def test_ab_48_names_that_only_staff_sees_are_unknown_where_the_asker_is_a_customer(cast: Cast) -> None:
    joined(cast)
    cast.other_desk.priorities.create(name="Тайный", level=9)
    CustomField.objects.create(number=10701, desk=cast.other_desk, name="Тайное поле", kind="number")
    for text in ("priority = Тайный", '"Тайное поле" = 1', "cf[10701] = 1"):
        assert refused(text, cast.agent) in ("jql.value_unknown", "jql.field_unknown"), text
        assert keys(text, cast.agent_elsewhere) == []


def test_ab_48_customers_ask_of_no_type_of_work_and_of_request_types_that_they_have_met(cast: Cast) -> None:
    assert refused("issuetype is EMPTY", cast.anna).startswith("jql.field_unknown")
    met, other = cast.ticket.request_type, cast.desk.request_types.exclude(pk=cast.ticket.request_type_id).first()
    assert met is not None and other is not None
    assert keys(f'"request type" = "{met.name}"', cast.anna) == [cast.ticket.key]
    assert refused(f'"request type" = "{other.name}"', cast.anna).startswith("jql.value_unknown")
    assert keys(f'"request type" = "{other.name}"', cast.agent) == []


def test_ab_48_links_between_two_tickets_elsewhere_are_not_seen(cast: Cast) -> None:
    first = joined(cast)
    second = Ticket.objects.get(pk=first.pk)
    second.pk, second.key, second.number = None, "OTHER-2", 2
    second.save()
    second.participants.create(person=cast.agent, added_at=START)
    TicketLink.objects.create(source=first, target=second, kind="relates", added_at=START)
    assert keys("key in linkedIssues(OTHER-1)", cast.agent) == []
    assert keys("key in linkedIssues(OTHER-1)", cast.agent_elsewhere) == ["OTHER-2"]
    TicketLink.objects.create(source=first, target=cast.ticket, kind="relates", added_at=START)
    assert keys("key in linkedIssues(OTHER-1)", cast.agent) == [cast.ticket.key]


def test_ab_48_customers_do_not_ask_who_of_the_staff_did_it(cast: Cast) -> None:
    cast.ticket.participants.create(person=cast.agent, added_at=START)
    old, new = cast.desk.statuses.order_by("pk")[:2]
    Change.objects.create(ticket=cast.ticket, field="status", old_id=old.pk, new_id=new.pk, at=START, actor=cast.agent)
    for text in ("status changed", "not status changed", f'status was "{new.name}"', f'status was not "{old.name}"'):
        assert keys(f"{text} by agent@desk.test", cast.anna) == [], text
    assert keys("status changed by agent@desk.test", cast.agent) == [cast.ticket.key]
    assert keys("status changed", cast.anna) == [cast.ticket.key]


def test_ab_48_the_order_tells_customers_nothing_that_only_staff_sees(cast: Cast) -> None:
    """Customers who are staff elsewhere may use the field."""
    second = open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=cast.desk, channel="portal", subject="Второй",
        words=Words("Ещё один."), requester=cast.anna,
    )  # fmt: skip
    for ticket in (cast.ticket, second):
        ticket.participants.create(person=cast.agent_elsewhere, added_at=START)
    found = dict[tuple[str, Person], set[tuple[str, ...]]]()
    for first, other in ((cast.lead, cast.agent), (cast.agent, cast.lead)):
        Ticket.objects.filter(pk=cast.ticket.pk).update(assignee=first)
        Ticket.objects.filter(pk=second.pk).update(assignee=other)
        for text in ("ORDER BY assignee ASC", "ORDER BY assignee DESC"):
            for who in (cast.agent_elsewhere, cast.agent):
                found.setdefault((text, who), set()).add(tuple(keys(text, who)))
    assert [len(found[text, cast.agent_elsewhere]) for text in ("ORDER BY assignee ASC", "ORDER BY assignee DESC")] == [
        1,
        1,
    ]
    assert len(found["ORDER BY assignee ASC", cast.agent]) == 2


def test_ab_48_the_order_by_the_last_change_tells_customers_of_no_note(cast: Cast) -> None:
    newer = open_ticket(
        actor=Actor(cast.anna, "portal"), at=NOW, desk=cast.desk, channel="portal", subject="Второй",
        words=Words("Ещё один."), requester=cast.anna,
    )  # fmt: skip
    shown = [newer.key, cast.ticket.key]
    note, later = Words("Между нами."), NOW + timedelta(hours=1)
    comment(actor=Actor(cast.agent, "agent"), at=later, ticket=cast.ticket, words=note, kind="internal")
    assert keys("ORDER BY updated DESC", cast.anna) == shown
    assert keys("ORDER BY updated DESC", cast.agent) == shown[::-1]


def test_ab_47_nobody_learns_who_works_at_another_desk(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(requester=cast.agent_elsewhere)
    for who in (cast.agent, cast.anna):
        assert keys("reporter in membersOf(agents)", who) == []
    assert keys("reporter in membersOf(agents)", cast.admin) == [cast.ticket.key]


def test_whoever_had_a_ticket_is_known_to_its_staff(cast: Cast) -> None:
    assert refused("assignee = admin@desk.test", cast.agent) == "jql.value_unknown"
    for column, field in (("assignee", "assignee"), ("created_by", "creator")):
        Ticket.objects.filter(pk=cast.ticket.pk).update(assignee=None, created_by=None)
        Ticket.objects.filter(pk=cast.ticket.pk).update(**{column: cast.admin})
        assert keys(f"{field} = admin@desk.test", cast.agent) == [cast.ticket.key]
        assert refused("reporter = admin@desk.test", cast.agent_elsewhere) == "jql.value_unknown"
        assert refused("reporter = admin@desk.test", cast.anna) == "jql.value_unknown"


def test_who_is_switched_off_finds_nothing(cast: Cast) -> None:
    cast.agent.is_active = False
    cast.agent.save()
    assert keys("", cast.agent) == []
    cast.admin.is_active = False
    cast.admin.save()
    assert keys("", cast.admin) == []


def test_what_was_last_shown_counts_for_customers(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(updated_at=NOW)
    day = f"{START:%Y-%m-%d}"
    assert keys(f"updated = {day}", cast.anna) == [cast.ticket.key]
    assert keys(f"updated = {day}", cast.agent) == []
    assert keys(f"updated > {day} and updated < 2026-11-20", cast.anna) == [cast.ticket.key]


def test_whoever_asks_is_current_user(cast: Cast) -> None:
    assert keys("reporter = currentUser()", cast.anna) == [cast.ticket.key]
    assert keys("участники = currentUser()", cast.boris) == [cast.ticket.key]
    assert keys("assignee = currentUser()", cast.agent) == []
    assert refused("reporter = currentUser()", None) == "jql.self_unknown"


def test_staff_of_a_desk_are_members_of_it(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(assignee=cast.lead)
    for group in ("ACCREDO", "Аккредитация", "leads"):
        assert keys(f"assignee in membersOf({group})", cast.agent) == [cast.ticket.key], group
    assert keys("assignee in membersOf(agents)", cast.agent) == []
    assert refused("assignee in membersOf(OTHER)", cast.agent).startswith("jql.group_unknown")
    assert Ticket.objects.filter(Q(assignee=cast.lead)).count() == 1

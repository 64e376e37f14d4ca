"""The pages' search finds what the plain querysets find, for every reader and plan (ADR 108)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from otklik.desks.access import worked_desks
from otklik.desks.models import Desk
from otklik.people.actor import Actor
from otklik.people.models import Organization, OrganizationMember, Person, Phone
from otklik.portal import queries
from otklik.portal.listing import Wanted
from otklik.portal.pages import requests
from otklik.portal.queries import found_ids, in_order, named_tickets, narrowed, wanted_ids, wanted_tickets
from otklik.tickets import access
from otklik.tickets.access import customer_messages, customer_tickets, customer_tickets_by_row, worked_tickets
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, SharedOrganization, Ticket
from otklik.tickets.search import frequency, lookup
from otklik.tickets.search.lookup import candidates, in_state
from otklik.tickets.search.query import ParsedSearch, as_written, matching, parse_search
from otklik.tickets.search.ranking import Asked, Place, ranked
from otklik.tickets.search.typed import without_signs
from otklik.workspace.queries import CALLERS_AT_MOST, callers_of, known_callers, rows_at
from tests.cast import NOTE_CANARY, START, Cast, as_
from tests.statement_caps import statements_at_most

TYPED = (
    "протокол", "прото", "ghjnjrjk", "протокол принтер", "учетная", "anna@clinic.test", "позднее", NOTE_CANARY,
    "-протокол", "нет", "пр", "1", "ACCREDO-2", "(495) 123-45", "бегемот", "журналы", "общее дело текст", "%",
)  # fmt: skip
WANTED = [
    Wanted(),
    Wanted(status="all", reporter="participant", sort="subject", descending=False),
    Wanted(status="all", reporter="all"),
]


@pytest.fixture
def many(cast: Cast) -> Cast:
    """Create tickets of several people and desks, with texts that not everybody may read."""

    def opened(subject: str, text: str, requester: Person, desk: Desk = cast.desk) -> Ticket:
        return open_ticket(
            actor=Actor(requester, "portal"), at=START + timedelta(hours=1), desk=desk, channel="portal",
            subject=subject, words=Words(text), requester=requester,
        )  # fmt: skip

    opened("Принтер", "Сломанный принтер: протокол печати и текст", cast.anna)
    opened("Учётные записи", "anna@clinic.test не открывается, +7 (495) 123-45-67", cast.boris)
    opened("Журнал", "Нет протокола, текст", cast.stranger, cast.other_desk)
    private = opened("Чужое", "Общее дело и протокол", cast.stranger)
    late = opened("Позднее", "Старый протокол и принтер", cast.boris)
    agent = Actor(cast.agent, "agent")
    add_participant(actor=agent, at=START + timedelta(days=1), ticket=late, person=cast.anna)
    comment(actor=agent, at=START + timedelta(days=2), ticket=late, words=Words("Новый журнал"))
    comment(actor=agent, at=START + timedelta(days=2), ticket=private, words=Words("бегемот"), kind="internal")
    house = Organization.objects.create(name="Клиника", open_inside=True)
    for person in (cast.anna, cast.boris):
        OrganizationMember.objects.create(organization=house, person=person)
    SharedOrganization.objects.create(ticket=private, organization=house, added_at=START)
    Phone.objects.create(person=cast.boris, number="+74951234567")
    return cast


def walking(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(frequency, "_worth_it", lambda _texts, _tickets: most)


def found_by_agent(
    person: Person,
    desks: list[int],
    typed: str,
    words: ParsedSearch,
    *,
    state: str = "",
    after: Place | None = None,
    most: int = 50,
) -> list[Place]:
    asked = Asked(desks, words, callers_of(person, typed), state=state)
    places = ranked(asked, after=after, most=most)
    # Further conditions are asked in another way.
    assert state or after or places == ranked(replace(asked, narrowed=Q(pk__gt=0)), after=after, most=most)
    return places


def people(cast: Cast) -> list[Person]:
    return [cast.anna, cast.boris, cast.stranger, cast.agent, cast.lead, cast.agent_elsewhere, cast.admin]


@pytest.mark.parametrize(("few", "most"), [(0, -1), (0, 10**6), (1, 1), (2000, 0)])
def test_customers_find_what_the_plain_querysets_find(
    many: Cast, few: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    walking(monkeypatch, most)
    monkeypatch.setattr(queries, "FEW", few)
    monkeypatch.setattr(access, "MANY", few)
    hits = 0
    for person in people(many)[1:3]:
        for typed in TYPED:
            words = parse_search(typed)
            for wanted in WANTED:
                asked = Wanted(
                    wanted.status, wanted.reporter, text=typed, sort=wanted.sort, descending=wanted.descending
                )
                plain = {*named_tickets(person, typed)}
                if words:
                    near = matching(narrowed(person, asked), customer_messages(person), words)
                    plain |= set(near.values_list("pk", flat=True))
                ordered = list(in_order(Ticket.objects.filter(pk__in=plain), asked).values_list("pk", flat=True))
                assert wanted_ids(person, asked, words, 100) == ordered, (person, asked)
                assert set(wanted_tickets(person, asked, words).values_list("pk", flat=True)) == plain, (person, asked)
                seen = set(customer_tickets(person).values_list("pk", flat=True))
                assert plain <= seen == set(customer_tickets_by_row(person).values_list("pk", flat=True))
                hits += len(plain)
    assert hits > 50


AGENTS_TYPED = (
    *TYPED, '"протокол печати"', '"печати протокол"', "протокол -принтер", "-принтер протокол", 'текст -"общее дело"',
    "прот* печат*", '"ghjnjrjk gtxfnb"', "протокол -gthtgbcrf -ghbynth", '"принтер"', "«Нет протокола»",
    "-протокол -дело", "-принтер", '-"общее дело"', "-ghbynth -бегемот", "-нет",
)  # fmt: skip


@pytest.mark.parametrize("most", [-1, 1, 10**6])
def test_agents_find_what_the_plain_querysets_find(many: Cast, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    walking(monkeypatch, most)
    hits = 0
    for person in [many.agent, many.agent_elsewhere, many.admin]:
        desks = list(worked_desks(person).values_list("pk", flat=True))
        for typed in AGENTS_TYPED:
            words = parse_search(typed, with_signs=True)
            for state in ("", "open", "x") if words else ():
                assert words is not None
                tickets = in_state(worked_tickets(person), state)
                named = without_signs(typed)  # of one sign alone nobody's name is asked
                callers = (
                    known_callers(person, named).values_list("pk", flat=True)[:CALLERS_AT_MOST] if named[1:] else []
                )
                without = ParsedSearch("", ((words.without,),) if words.without else ())
                absent = set(matching(tickets, Message.objects.all(), without))
                plain = set(matching(tickets, Message.objects.all(), words))
                assert not plain & absent
                plain |= set(tickets.filter(requester__in=list(callers))) - absent
                in_subject = set(tickets.filter(words=as_written(words.in_one_text)))
                ordered = sorted(plain, key=lambda one: (one in in_subject, one.updated_at, one.pk), reverse=True)
                shown = found_by_agent(person, desks, typed, words, state=state)
                assert [row.key for row in rows_at(shown)] == [ticket.key for ticket in ordered], (person, typed, state)
                first = found_by_agent(person, desks, typed, words, state=state, most=2)
                assert first == shown[:2]
                for place in range(0 if state else len(shown)):
                    more = found_by_agent(person, desks, typed, words, state=state, after=shown[place], most=2)
                    assert more == shown[place + 1 : place + 3], (person, typed, state, place)
                hits += len(plain)
    assert hits > 100


def keys_of(person: Person, typed: str) -> list[str]:
    words = parse_search(typed, with_signs=True)
    desks = list(worked_desks(person).values_list("pk", flat=True))
    return [row.key for row in rows_at(found_by_agent(person, desks, typed, words))] if words else []


def test_an_exact_phrase_stands_word_by_word_and_absent_words_nowhere(many: Cast) -> None:
    agent = many.agent
    assert keys_of(agent, '"протокол печати"') == keys_of(agent, '"ghjnjrjk gtxfnb"') == ["ACCREDO-2"]
    assert keys_of(agent, "протокол печати") == ["ACCREDO-2"] and keys_of(agent, '"печати протокол"') == []
    assert keys_of(agent, "принтер") == ["ACCREDO-2", "ACCREDO-5"], "what stands in the subject comes first"
    assert keys_of(agent, "принтер -печати") == keys_of(agent, "принтер −gtxfnb") == ["ACCREDO-5"]
    assert keys_of(agent, 'принтер -"сломанный принтер"') == ["ACCREDO-5"]
    assert keys_of(agent, 'принтер -"принтер сломанный"') == ["ACCREDO-2", "ACCREDO-5"]
    every = ["ACCREDO-5", "ACCREDO-4", "ACCREDO-3", "ACCREDO-2", "ACCREDO-1"]
    assert keys_of(agent, "бегемот") == ["ACCREDO-4"]
    assert keys_of(agent, "-бегемот") == [key for key in every if key != "ACCREDO-4"], "all others, the newest first"
    assert keys_of(agent, '-бегемот -"сломанный принтер"') == ["ACCREDO-5", "ACCREDO-3", "ACCREDO-1"]
    assert keys_of(agent, "общее -бегемот") == [], "a note counts for the staff"


def test_ab_48_a_word_inside_the_desk_is_neither_found_nor_counted(many: Cast) -> None:
    for reader in (many.anna, many.stranger):
        page = as_(reader).get("/servicedesk/customer/user/requests?status=all&reporter=all&filter=бегемот")
        assert "Ничего не найдено" in page.content.decode()
        wanted = Wanted(status="all", reporter="all", text="бегемот")
        assert found_ids(reader, wanted, parse_search("бегемот")) == []


def test_who_sees_a_small_part_of_very_many_tickets_has_them_gathered(
    many: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MANY", 1)
    for tickets, walked in ((-1, True), (0, True), (99, True), (600, False)):
        monkeypatch.setattr(access, "tickets_there_are", lambda tickets=tickets: tickets)
        assert access.sees_many(many.anna) is walked, tickets


def test_pages_of_what_is_walked_are_cut_before_other_tables_are_joined(
    many: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MANY", 1)
    monkeypatch.setattr(access, "tickets_there_are", lambda: 0)  # as in any database; how many is known for a while
    monkeypatch.setattr(requests, "PER_PAGE", 2)
    walking(monkeypatch, -1)
    for words, keys, pages in (("", "1 2 3 4 5", (1, 2, 3)), ("&filter=протокол", "1 2 4 5", (1, 2))):
        shown, walks = list[str](), list[str]()
        for number in pages:
            query = QueryDict(f"status=all&reporter=all&sortBy=reference&sortOrder=ASC{words}&page={number}")
            with CaptureQueriesContext(connection) as seen:
                shown += [row.key for row in requests.request_list(many.anna, query, waiting=0, at=START).rows]
            walks += [one["sql"] for one in seen.captured_queries if " OFFSET " in one["sql"]]
        assert shown == [f"ACCREDO-{number}" for number in keys.split()]
        assert walks and not [sql for sql in walks if '"desks_priority"' in sql]


def test_no_more_texts_are_taken_from_the_index_than_that(many: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = parse_search("протокол")
    assert wanted is not None
    walking(monkeypatch, 3)
    assert candidates(wanted).walked == wanted.readings, "five texts have it"
    walking(monkeypatch, 7)
    near = candidates(wanted)
    assert not near.walked and len(near.ids) == 5
    nothing = parse_search("экскаватор")
    assert nothing is not None
    assert candidates(nothing).indexed == ()


def test_all_that_was_taken_from_the_index_is_looked_into() -> None:
    assert lookup._limit(frequency.MOST) == 32_768 == lookup.EVERY


@pytest.mark.parametrize(("tickets", "single", "pair"), [(100_000, 3873, 15_000), (1_000_000, 12_247, 15_000)])
def test_words_that_seldom_go_together_are_taken_from_the_index_for_longer(
    tickets: int, single: int, pair: int
) -> None:
    assert frequency._worth_it([0], tickets) == single
    assert frequency._worth_it([tickets // 10, tickets // 10], tickets) == pair
    assert frequency._worth_it([tickets // 1000, tickets // 1000], tickets) == 20_000
    assert frequency._worth_it([0], 0) == frequency._worth_it([5], 1) == 500


def test_a_search_has_so_many_statements(many: Cast) -> None:
    customer, agent = as_(many.anna), as_(many.agent)
    mine, desks = "/servicedesk/customer/user/requests?status=all&filter=протокол", "/projects/go?q=протокол"
    customer.get(mine)
    with statements_at_most("search, customer"):
        assert "<mark>" in customer.get(mine).content.decode()
    agent.get(desks)
    with statements_at_most("search, agent"):
        assert "<mark>" in agent.get(desks).content.decode()


def test_readers_of_many_requests_ask_the_index_and_look_into_what_it_has(
    many: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", 1)
    words = parse_search("бегемот")
    with CaptureQueriesContext(connection) as seen:
        assert found_ids(many.anna, Wanted(status="all", reporter="all", text="бегемот"), words) == []
    # The index has a note of the desk on a request that she sees; she does not find it.
    assert sum("tickets_message" in one["sql"] for one in seen.captured_queries) == 2


def test_what_is_looked_up_is_planned_by_its_index(many: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {lookup._with_word.sql(most=512) % {'word': chr(39) + 'протокол' + chr(39)}}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "message_words" in plan and "ticket_words" in plan

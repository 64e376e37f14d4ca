"""The parameters with which each fast read is compared with its plain queryset (tests/test_fast_reads.py)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

from django.test import Client
from django.utils import timezone

from otklik.desks.desk_snapshot import parts_of
from otklik.desks.models import Desk, Priority, Queue, QueueChoice, RequestType, Status
from otklik.people.models import Person
from otklik.portal.listing import Wanted
from otklik.tickets.access import LONG_AGO
from otklik.tickets.models import Draft, Message, Ticket
from otklik.tickets.presence import PRESENT_FOR
from otklik.tickets.read_marks import look_as_staff
from otklik.workspace.queue_counts import _Mails
from otklik.workspace.queue_reads import QueueRead, reads_of
from tests.cast import Cast
from tests.prepared import module_home as module_home

Case = dict[str, Any]
NEXT_YEAR = timezone.now() + timedelta(days=300)


def people(cast: Cast) -> list[Person]:
    return [cast.anna, cast.boris, cast.stranger, cast.agent, cast.lead, cast.agent_elsewhere, cast.admin]


def by_everybody(**more: list[Any]) -> Callable[[Cast], Iterator[Case]]:
    """Yield a case per person (id, is_admin) and per combination of the other values."""
    return lambda cast: (
        {"person": person.pk, "is_admin": person.is_admin, **values}
        for person in people(cast)
        for values in _each(cast, more)
    )


def _each(cast: Cast, more: dict[str, list[Any]]) -> list[Case]:
    cases: list[Case] = [{}]
    for name, values in more.items():
        cases = [{**case, name: value(cast) if callable(value) else value} for case in cases for value in values]
    return cases


def queues_of(*desks: Desk) -> list[QueueRead]:
    return [
        read
        for read in reads_of(parts_of([desk.pk for desk in desks]).values()).values()
        if isinstance(read, QueueRead)
    ]


def of_ticket(name: str = "ticket") -> Callable[[Cast], Iterator[Case]]:
    return lambda cast: ({name: ticket} for ticket in (cast.ticket.pk, 0))


def looked_at(cast: Cast) -> Ticket:
    """Return the ticket, open in the pages of two agents, of whom one writes."""
    now = timezone.now()
    for person in (cast.agent, cast.lead):
        look_as_staff(person=person, ticket=cast.ticket, at=now, until=now + PRESENT_FOR)
    Draft.objects.get_or_create(
        person=cast.lead, kind=Draft.Kind.REPLY, subject_id=cast.ticket.pk,
        defaults={"ticket": cast.ticket, "words": {"comment": ["x"]}, "updated_at": now},
    )  # fmt: skip
    return cast.ticket


def once(cast: Cast) -> Iterator[Case]:
    return iter([{}])


def of_desk(cast: Cast) -> Iterator[Case]:
    return ({"desk": desk} for desk in (cast.desk.pk, cast.other_desk.pk, 0))


def of_person(cast: Cast) -> Iterator[Case]:
    return ({"person": person.pk} for person in people(cast))


def of_person_and_ticket(cast: Cast) -> Iterator[Case]:
    return ({"person": person.pk, "ticket": cast.ticket.pk} for person in people(cast))


def every_message(cast: Cast) -> list[int]:
    return list(Message.objects.filter(ticket=cast.ticket).order_by("id").values_list("pk", flat=True))


def readers_of_messages(cast: Cast) -> Iterator[Case]:
    return (
        {
            "ticket": cast.ticket.pk,
            "desk": cast.desk.pk,
            "reader": person.pk,
            "since": since,
            "whole": since is LONG_AGO,
        }
        for person in people(cast)
        for since in (LONG_AGO, cast.ticket.created_at, NEXT_YEAR)
    )


def queues_of_no_desk(cast: Cast) -> Iterator[Case]:
    for owner in (None, cast.agent):
        Queue.objects.create(owner=owner, name="Мои", jql="assignee = currentUser()", columns=["key"], position=1)
    return of_person(cast)


LISTS = [
    Wanted(status=status, reporter=reporter, show=show, sort=sort, descending=descending)
    for status in ("open", "closed", "all")
    for reporter in ("me", "participant", "all")
    for show in ("", "new", "waiting")
    for sort, descending in (("updatedDate", True), ("type", False))
]

WORDS: list[tuple[list[str], tuple[int, ...]]] = [
    (["'протокол':*"], (1,)),
    (["'протокол'", "'комисс':*"], (2,)),
    (["'нет'", "'протокол'", "'комисс':*"], (1, 2)),
    ([], ()),
]


def ranked_cases(cast: Cast) -> Iterator[Case]:
    """Yield the parameters that the reads of the agents' search share."""
    for number, (desks, behind) in enumerate(
        product(([cast.desk.pk], [cast.other_desk.pk], []), ("", "subject", "rest"))
    ):
        for state in ("", "open", "closed"):
            yield {
                "desks": desks, "subject": "'протокол':*" if number % 2 else "'нет'", "without": "'сервер'",
                "before": NEXT_YEAR if number % 4 else cast.ticket.updated_at, "last": cast.ticket.pk + number % 2,
                "behind": behind, "has_without": state == "closed", "state": state, "narrowed": None, "most": 3,
            }  # fmt: skip


CASES: dict[str, Callable[[Cast], Iterator[Case]]] = {
    "desks.access._posts": of_person,
    "desks.access._of_customer": lambda cast: (
        {"person": person, "desk": desk.pk}
        for person in (0, *(person.pk for person in people(cast))) for desk in (cast.desk, cast.other_desk)
    ),
    "desks.access._of_staff": of_desk,
    "desks.desk_snapshot._read": lambda cast: (
        {"desks": desks} for desks in ([cast.desk.pk], [cast.other_desk.pk, cast.desk.pk], [])
    ),
    "desks.queries._main_addresses": of_desk,
    "desks.queries._transitions": of_desk,
    "people.login_backend._person": of_person,
    "people.session_store._live": lambda cast: (
        {"key": key, "now": now} for key in (a_session(cast), "x") for now in (timezone.now(), NEXT_YEAR)
    ),
    "portal.badges._counts": by_everybody(),
    "portal.exports._lines": lambda cast: (
        {"reader": person.pk, "tickets": tickets, "answers": answers}
        for person in people(cast) for tickets in ([cast.ticket.pk, 0], []) for answers in (True, False)
    ),
    "portal.exports._named": lambda cast: (
        {"rows": rows, "model": model}
        for model in (Desk, Status, RequestType, Priority)
        for rows in ([*model.objects.values_list("pk", flat=True)], [0], [])
    ),
    "portal.exports._people": lambda cast: (
        {"people": ids} for ids in ([person.pk for person in people(cast)], [0], [])
    ),
    "portal.listing._looks": of_person,
    "portal.pages.activity._counted": lambda cast: (
        {"ticket": ticket, "reader": person.pk} for person in people(cast) for ticket in (cast.ticket.pk, 0)
    ),
    "portal.pages.activity._moves": lambda cast: (
        {"ticket": cast.ticket.pk, "since": since} for since in (LONG_AGO, timezone.now(), NEXT_YEAR)
    ),
    "portal.pages.activity._newest": readers_of_messages,
    "portal.pages.activity._some": lambda cast: (
        {**case, "ids": ids} for case in readers_of_messages(cast) for ids in ([], every_message(cast)[:2])
    ),
    "portal.pages.activity._outline": lambda cast: (
        {name: value for name, value in case.items() if name != "desk"} for case in readers_of_messages(cast)
    ),
    "portal.pages.request_detail._ever_on_it": lambda cast: (
        {"ticket": cast.ticket.pk, "reader": person.pk} for person in people(cast)
    ),
    "portal.pages.request_detail._shared_with": of_ticket(),
    "portal.pages.desk._groups": of_desk,
    "portal.pages.requests._common_page": lambda cast: (
        {"person": person.pk, "is_member": True, "by_row": by_row, "wanted": wanted}
        for person in people(cast)[:2] for by_row in (False, True) for wanted in (LISTS[::9] if by_row else LISTS[::2])
    ),
    "portal.pages.requests._common_count": lambda cast: (
        {"person": person.pk, "is_member": True, "by_row": by_row, "wanted": wanted, "most": most}
        for person in people(cast)[:2] for by_row in (False, True) for wanted in LISTS[::11] for most in (1, 100)
    ),
    "portal.pages.requests._with_ids": lambda cast: (
        {"person": person.pk, "tickets": tickets} for person in people(cast) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "portal.pages.smart_search._newest_involved": of_person,
    "portal.queries._ids": lambda cast: (
        {"person": person.pk, "is_member": is_member, "wanted": wanted, "among": among, "is_cut": is_cut, "most": 9}
        for person in people(cast)[:2] for is_member in (True, False) for wanted in LISTS[::7]
        for among, is_cut in (([], False), ([cast.ticket.pk, 0], True), ([], True))
    ),
    "portal.pages.requests._desks_with_statuses": lambda cast: iter([{}]),
    "portal.pages.requests._organizations": of_person,
    "portal.pages.requests._saved_views": of_person,
    "portal.pages.requests._shown_types": lambda cast: (
        {"desks": desks} for desks in ([cast.desk.pk], [cast.other_desk.pk, cast.desk.pk], [])
    ),
    "tickets.access._at_with_key": lambda cast: (
        {"desks": desks, "key": key}
        for desks in ([cast.desk.pk], [cast.other_desk.pk], [cast.other_desk.pk, cast.desk.pk], [])
        for key in ("ACCREDO-1", "OLD-7", "ACCREDO-2", "")
    ),
    "tickets.access._gathered": lambda cast: (
        {"person": person.pk, "most": most} for person in people(cast) for most in (1, 9)
    ),
    "tickets.access._memberships": of_person,
    "tickets.access._seen_by": by_everybody(ticket=[lambda cast: cast.ticket.pk, 0]),
    "tickets.access._seen_with_key": by_everybody(key=["ACCREDO-1", "OLD-7", "ACCREDO-2", "%s'; --", ""]),
    "tickets.answers.export_columns._asked": lambda cast: (
        {"reader": person.pk, "tickets": tickets} for person in people(cast)
        for tickets in ([with_answers(cast).pk, cast.ticket.pk], [])
    ),
    "tickets.answers.export_columns._asked_for_staff": lambda cast: (
        {"tickets": tickets} for tickets in ([with_answers(cast).pk, cast.ticket.pk], [])
    ),
    "tickets.approvals._approvals": of_ticket(),
    "tickets.attachments._attachments": lambda cast: (
        {"messages": ids} for ids in (list(Message.objects.values_list("pk", flat=True)), [0], [])
    ),
    "tickets.drafts._begun": of_person_and_ticket,
    "tickets.known_people._shareable": of_person_and_ticket,
    "tickets.ratings._ratings": of_ticket(),
    "tickets.read_marks._told_since": lambda cast: (
        {"person": person.pk, "since": since, "most": most}
        for person in people(cast) for since in (LONG_AGO, cast.ticket.created_at, NEXT_YEAR) for most in (1, 100)
    ),
    "tickets.read_marks._unseen_among": lambda cast: (
        {"person": person.pk, "tickets": tickets} for person in people(cast) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "tickets.search.lookup._held": lambda cast: (
        {
            "reader": person.pk, "is_staff": is_staff, "tickets": tickets, "terms": words, "lengths": lengths,
            "without": "'сервер'", "has_without": has_without,
        }
        for person in people(cast) for is_staff in (True, False) for tickets in ([cast.ticket.pk, 0], [])
        for words, lengths in WORDS for has_without in (False, True)
    ),
    "tickets.search.lookup._with_word": lambda cast: (
        {"word": word, "most": 4} for word in ("'протокол':*", "'текст' | 'нет'", "'нет'")
    ),
    "tickets.search.ranking._lacking": ranked_cases,
    "tickets.search.ranking._of_candidates": lambda cast: (
        {**case, "tickets": tickets} for case in ranked_cases(cast) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "tickets.search.ranking._of_requesters": lambda cast: (
        {**case, "requesters": requesters} for case in ranked_cases(cast) for requesters in ([cast.anna.pk], [])
    ),
    "tickets.search.ranking._said": lambda cast: (
        {**case, "terms": words, "lengths": lengths} for case in ranked_cases(cast) for words, lengths in WORDS
    ),
    "tickets.search.ranking._with_subject": lambda cast: (
        {**case, "is_walked": is_walked} for case in ranked_cases(cast) for is_walked in (True, False)
    ),
    "tickets.search.similar.solved_with": lambda cast: ({"tickets": tickets} for tickets in ([cast.ticket.pk, 0], [])),
    "tickets.search.snippets._hits": lambda cast: (
        {"reader": person.pk, "is_staff": is_staff, "tickets": tickets, "word": "'ответ':* | 'протокол':*"}
        for person in people(cast) for is_staff in (True, False) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "tickets.timeline._events": of_ticket(),
    "workspace.queue_counts._changed": lambda cast: (
        {"person": person.pk, "since": since, "where": queue, "most": 3}
        for person in people(cast) for since in (LONG_AGO, NEXT_YEAR)
        for queue in queues_of(cast.desk)
    ),
    "workspace.queue_counts._numbers": lambda cast: (
        {"person": person.pk, "what": (*queues_of(cast.desk, cast.other_desk), _Mails(cast.desk.pk, (1, 2)))}
        for person in people(cast)
    ),
    "desks.desk_snapshot._beside": queues_of_no_desk,
    "workspace.delivery_status._mails": of_ticket(),
    "workspace.outbox._troubles": lambda cast: (
        {"addresses": addresses} for addresses in (["anna@clinic.test", "b'%@c.test"], ["no@no.test"], [])
    ),
    "workspace.list_look._looks": lambda cast: (
        {"person": person.pk, "queue": queue, "of_filters": not queue}
        for person in people(cast) for queue in (chosen(cast).queue_id, 0)
    ),
    "workspace.pages.list_news._happened": lambda cast: (
        {"desks": desks, "tickets": tickets, "since": since} for desks in ([cast.desk.pk], [cast.other_desk.pk], [])
        for tickets in ([cast.ticket.pk, 0], []) for since in (LONG_AGO, NEXT_YEAR)
    ),
    "workspace.pages.facets._facts": lambda cast: ({"tickets": tickets} for tickets in ([cast.ticket.pk, 0], [])),
    "workspace.pages.reply_recipients._phones": lambda cast: (
        {"people": ids} for ids in ([cast.anna.pk, cast.boris.pk], [cast.boris.pk], [])
    ),
    "workspace.pages.ticket._agents": of_desk,
    "workspace.pages.ticket_people._participants": lambda cast: (
        {"ticket": ticket, "desk": cast.desk.pk, "reader": person.pk, "at": at}
        for ticket in (looked_at(cast).pk, came_of_it(cast).pk) for person in people(cast)
        for at in (LONG_AGO, NEXT_YEAR)
    ),
    "workspace.pages.ticket._newest": lambda cast: iter([{"ticket": cast.ticket.pk, "desk": cast.desk.pk}]),
    "workspace.pages.ticket._outline": of_ticket(),
    "workspace.pages.ticket._some": lambda cast: (
        {"ticket": cast.ticket.pk, "desk": cast.desk.pk, "ids": ids} for ids in ([], every_message(cast)[:2])
    ),
    "tickets.presence._present_among": lambda cast: (
        {"desks": desks, "tickets": tickets, "at": at, "besides": person.pk}
        for desks in ([cast.desk.pk], [cast.other_desk.pk], []) for tickets in ([looked_at(cast).pk, 0], [])
        for at in (LONG_AGO, NEXT_YEAR) for person in (cast.agent, cast.admin)
    ),
    "workspace.ticket_polling._rows": lambda cast: (
        {"ticket": ticket, "at": at, "typed": typed}
        for ticket in (looked_at(cast).pk, 0) for at in (LONG_AGO, NEXT_YEAR) for typed in (LONG_AGO, NEXT_YEAR)
    ),
    "workspace.pending._replies": of_ticket(),
    "workspace.queries._first_callers": lambda cast: (
        {
            "viewer": person.pk, "is_admin": person.is_admin, "text": words, "number": number, "pieces": pieces,
            "initials": initials, "has_number": bool(number), "has_pieces": bool(pieces),
            "has_initials": bool(initials),
        }
        for person in people(cast)
        for words, number, pieces, initials in (
            ("анна", "", "'анна':*", ""), ("clinic.test", "", "'clinic':* & 'test':*", ""), ("Анна", "", "", ""),
            ("8 495 000-00-00", "4950000000", "('8':* & '495':*) | '4950000000':*", ""), ("b'%_", "", "'b':*", ""),
            ("Петрова А.", "", "'петрова':*", r"^(?=.*\mА)"), ("Петрова Б.", "", "'петрова':*", r"^(?=.*\mБ)"),
        )
    ),
    "workspace.queries._rows": lambda cast: (
        {"tickets": tickets, "language": language}
        for tickets in ([cast.ticket.pk, came_of_it(cast).pk], []) for language in ("", "en", "ru")
    ),
    "workspace.queue_rows._first": lambda cast: (
        {"person": person.pk, "queue": queue, "order": order, "most": 3}
        for person in people(cast)[:5:2] for order in ("", "-updated_at", "key", "assignee")
        for queue in queues_of(cast.desk)
    ),
    "workspace.queries._near": lambda cast: (
        {"ticket": ticket, "requester": requester, "desks": desks, "most": 3}
        for ticket in (cast.ticket.pk, came_of_it(cast).pk) for requester in (cast.anna.pk, 0)
        for desks in ([cast.desk.pk, cast.other_desk.pk], [])
    ),
    "worker.queue_polling.active_bulk_run": once,
    "worker.queue_polling.approval_to_remind_of": once,
    "worker.queue_polling.digest_entry": once,
    "worker.queue_polling.list_export": once,
    "worker.queue_polling.own_data_export": once,
    "worker.queue_polling.queued_mail": once,
    "worker.queue_polling.undispatched_event": once,
    "worker.queue_polling.unvouched_mail": once,
    "worker.queue_polling.waiting_mail": lambda cast: ({"slow": lane} for lane in (0, 1, 2)),
    "worker.queue_polling.waiting_reply": once,
}  # fmt: skip


def a_session(cast: Cast) -> str:
    """Return the key of a live session."""
    client = Client()
    client.force_login(cast.anna)
    return str(client.session.session_key)


def chosen(cast: Cast) -> QueueChoice:
    """Return the agent's column choice for the desk's first queue."""
    queue = cast.desk.queues.order_by("pk")[0]
    return QueueChoice.objects.get_or_create(person=cast.agent, queue=queue, defaults={"columns": ["key"]})[0]


def with_answers(cast: Cast) -> Ticket:
    ticket = came_of_it(cast)
    Ticket.objects.filter(pk=ticket.pk).update(answers={"customfield_7": "да"})
    return ticket


def came_of_it(cast: Cast) -> Ticket:
    return Ticket.objects.exclude(pk=cast.ticket.pk).order_by("id")[0]

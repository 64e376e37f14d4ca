"""The most statements that a page or command may send to the database: every such figure of the tests, with its reason.

A test wraps what it measures in `with statements_at_most("a name"):`. A figure is the present number, so one more
statement fails; whoever raises it writes down the reason for the new statement. Tests that compare two runs (three rows
cost as much as one) need no figure. tests/test_statement_caps.py fails on an unused figure and on one inside a test.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection
from django.test.utils import CaptureQueriesContext


class Cap(NamedTuple):
    most: int
    why: str


CAPS = {
    "queue page": Cap(
        9,
        "session, reader, memberships, queues of the desks and of none, their counts at once, the look of the list,"
        " which tickets (planned anew each time, so nothing is joined), their rows (planned once)",
    ),
    "filter page": Cap(
        23,
        "session, reader, memberships; limits of time and their savepoints; the desks, statuses and priorities that the"
        " text names, each once for the list and for the chips; the person it names, thrice (called so, known to the"
        " reader, the name); the number of rows, the rows; queues with their counts",
    ),
    "ticket page": Cap(
        13,
        "session, reader, memberships, queues of desks and of none, counts; ticket and timeline; staff, messages; that"
        " it was opened (ADR 150);"
        " participants with their phones and whether there is more (ADR 128); links and the requester's other tickets",
    ),
    "on a ticket": Cap(1, "participants, their phones, and whether there is anything else (ADR 128)"),
    "files of messages": Cap(1, "of all messages that have some; none where none has"),
    "ticket page, closed": Cap(1, "beyond the same page while it is open: the rating"),
    "staff poll": Cap(5, "session, reader, memberships, the desk's queues or the ticket, and whether anything changed"),
    "list news": Cap(
        5, "session, reader, memberships, the desk's queues where it is one, and whether anything changed at the desks"
    ),
    "menu of a cell": Cap(5, "session, reader, memberships, ticket; the desk's staff, or what the desk is made of"),
    "live ticket": Cap(5, "an open page asks every few seconds: session, reader, memberships, ticket, what changed"),
    "key to ticket": Cap(1, "old keys are resolved inside the one statement that finds the ticket"),
    "ticket locked": Cap(2, "a row is locked alone, then read with what belongs to it (ADR 52)"),
    "portal of a desk": Cap(4, "desk, request types, groups, mailboxes, however many types there are"),
    "numbers in the header": Cap(1, "they stand on every page of the portal"),
    "card": Cap(
        14,
        "session, reader, ticket, draft (ADR 63), participants, staff, attachments, events with their changes,"
        " approvals, organisations twice (shared with, one's own), steps, header numbers, and that it was seen",
    ),
    "card poll": Cap(4, "session, reader, ticket, and the newest of what one may read"),
    "list poll": Cap(3, "session, reader, and whether anything was said"),
    "list of requests": Cap(
        10,
        "session, reader, header numbers, chosen columns, statuses to filter by, approvals, the rows,"
        " organisations, request types, saved views",
    ),
    "search, customer": Cap(
        14,
        "the list's, and: the typed words read by the database, the ids in order, those with the words; where these"
        " stand in subjects and texts",
    ),
    "search, agent": Cap(
        17,
        "session, reader, memberships, queues of desks and of none, counts; the typed words, tickets by the index"
        " or by walking, people of that name; rows, where the words stand in them, facets; the time that the search may"
        " take, set and put back (within the transaction of a test alone)",
    ),
    "what names files": Cap(
        1, "all places at one moment: a file that goes from one to another is named in one of them"
    ),
    "whose address": Cap(1, "asked for every sender and every recipient of a mail, for one address or many"),
}


@contextmanager
def statements_at_most(name: str, *, besides: int = 0) -> Iterator[CaptureQueriesContext]:
    """Fail when the block sends more statements than this cap plus `besides`, which the test counted itself."""
    with CaptureQueriesContext(connection) as seen:
        yield seen
    sent = [query["sql"] for query in seen.captured_queries]
    most = CAPS[name].most + besides
    assert len(sent) <= most, f"{name}: {len(sent)} statements, {most} allowed:\n" + "\n".join(sent)

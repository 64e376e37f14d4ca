"""The database constraints on which exactly-once promises rest."""

import pytest
from django.db import connection

# Name: the columns, the condition where there is one, and the promise.
ONCE = {
    "inbound_once": ("mailbox_id, digest", "", "a mail that comes twice is one row"),
    "inbound_one_message": ("inbound_id", "inbound_id IS NULL", "a mail becomes one message"),
    "one_opening": ("ticket_id", "opening", "a request begins once"),
    "number_once": ("desk_id, number", "", "a desk gives a number once"),
    "participant_once": ("ticket_id, person_id", "", "nobody is on a request twice, and is mailed twice"),
    "organization_once": ("ticket_id, organization_id", "", "a request is shared with an organisation once"),
    "one_pending_approval": ("ticket_id", "pending", "one question is open on a request"),
    "asked_once": ("approval_id, person_id", "", "a person answers an approval once"),
    "digest_entry_once": ("person_id, event_id, template", "", "a summary names an event once"),
    "seen_once": ("person_id, ticket_id", "", "what was seen is one row"),
    "draft_once": ("person_id, kind, subject_id", "", "a composer has one draft"),
    "membership_once": ("desk_id, person_id", "", "one role at a desk"),
    "one_main_channel": ("desk_id", "main", "a desk has one address of its own"),
    "one_default_priority": ("desk_id", "is_default", "a desk has one priority for new requests"),
    "sender_rule_once": ("mailbox_id, pattern", "", "one verdict about a sender"),
    "imap_folder_once": ("mailbox_id, host, username, folder", "", "a folder is fetched by one row"),
}
# The same of single columns: a mail for one cause, under one name, and secrets that lead to one thing.
UNIQUE = (
    ("mail_outboundmail", "cause"),
    ("mail_outboundmail", "message_id"),
    ("tickets_ticket", "key"),
    ("tickets_unconfirmed", "digest"),
    ("people_person", "email"),
    ("people_accounttoken", "digest"),
    ("mail_mailbox", "address"),
    ("core_submission", "mark"),
    ("tickets_rating", "ticket_id"),
)


def uniques(where: str, value: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT indexdef FROM pg_indexes WHERE {where} = %s AND indexdef LIKE 'CREATE UNIQUE%%'", [value]
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("name", ONCE)
def test_what_happens_once_is_a_constraint_of_the_database(db: None, name: str) -> None:
    columns, condition, promise = ONCE[name]
    (said,) = uniques("indexname", name) or [f"no such constraint: {promise}"]
    head, _, tail = said.partition(" WHERE ")
    assert head.endswith(f"({columns})"), promise
    assert bool(condition) is bool(tail) and condition in tail, promise


@pytest.mark.parametrize(("table", "column"), UNIQUE)
def test_what_leads_to_one_thing_is_there_once(db: None, table: str, column: str) -> None:
    assert any(one.endswith(f"({column})") for one in uniques("tablename", table))

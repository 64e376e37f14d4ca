"""Columns that must agree: the database refuses differences, and the migration repaired them."""

import ast
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

import otklik
from otklik.desks.models import ApprovalRule, Status
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.pending import hold_reply, send_reply_now
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Message, Participant, PendingReply, Ticket
from tests.cast import START, Cast
from tests.postoffice import put_mail

SOURCE = Path(otklik.__file__).parent
MEND = (
    import_module("otklik.mail.migrations.0018_settled_or_waiting").MEND,
    *import_module("otklik.tickets.migrations.0031_paired_columns").MEND,
)
NOW = timezone.now()


def said(cast: Cast) -> Message:
    return comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words("Слова"))


def asked(cast: Cast) -> Approval:
    return ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[cast.boris], rule=ApprovalRule.ONE
    )


def held(cast: Cast) -> PendingReply:
    due = START + timedelta(minutes=1)
    actor = Actor(cast.agent, "agent")
    return hold_reply(actor=actor, at=START, ticket=cast.ticket, words=Words("Ответ"), due_at=due)


def sent(cast: Cast) -> PendingReply:
    reply = held(cast)
    send_reply_now(actor=Actor(cast.agent, "agent"), at=START, reply=reply)
    return PendingReply.objects.get(pk=reply.pk)


def on_it(cast: Cast) -> Participant:
    return Participant.objects.get(ticket=cast.ticket, person=cast.anna)


def came(_cast: Cast) -> InboundMail:
    return put_mail()


# A row, what breaks it, the name of the check, and what the mend makes of it.
BROKEN: list[tuple[Callable[[Cast], Any], dict[str, Any], str, dict[str, Any]]] = [
    (said, {"withdrawn_at": NOW}, "withdrawn_says_nothing", {"withdrawn_at": NOW, "text": ""}),
    (asked, {"state": "approved"}, "approval_settled_or_pending", {"state": "approved", "settled_at": START}),
    (asked, {"settled_at": NOW}, "approval_settled_or_pending", {"state": "pending", "settled_at": None}),
    (held, {"state": "sent"}, "sent_reply_is_a_message", {"state": "draft", "text": "Ответ"}),
    (sent, {"text": "Noch da"}, "sent_reply_is_a_message", {"state": "sent", "text": ""}),
    (sent, {"state": "waiting"}, "sent_reply_is_a_message", {"state": "sent", "text": ""}),
    (on_it, {"removed_at": NOW}, "removed_address_is_worthless", {"removed_at": NOW, "epoch": 2}),
    (came, {"state": "filed"}, "inbound_settled_or_waiting", {"state": "filed", "settled_at": START}),
    (came, {"settled_at": NOW}, "inbound_settled_or_waiting", {}),
]  # fmt: skip


@pytest.mark.parametrize(("make", "change", "check", "_mended"), BROKEN)
def test_what_does_not_agree_is_refused(
    cast: Cast, make: Callable[[Cast], Any], change: dict[str, Any], check: str, _mended: dict[str, Any]
) -> None:
    row = make(cast)
    with pytest.raises(IntegrityError, match=check), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**change)


def mend() -> None:
    with connection.cursor() as cursor:
        for statement in MEND:
            cursor.execute(statement)


@pytest.mark.parametrize(("make", "change", "check", "mended"), [one for one in BROKEN if one[3]])
def test_what_did_not_agree_was_mended(
    cast: Cast, make: Callable[[Cast], Any], change: dict[str, Any], check: str, mended: dict[str, Any]
) -> None:
    row = make(cast)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    type(row).objects.filter(pk=row.pk).update(**change)
    mend()
    found = type(row).objects.get(pk=row.pk)
    assert {name: getattr(found, name) for name in mended} == mended
    (again,) = [one for one in row._meta.constraints if one.name == check]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        editor.add_constraint(type(row), again)


def test_words_of_a_message_withdrawn_in_vain_stay_with_the_staff(cast: Cast) -> None:
    row = said(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_message DROP CONSTRAINT withdrawn_says_nothing")
    Message.objects.filter(pk=row.pk).update(withdrawn_at=NOW)
    mend()
    assert list(row.revisions.values_list("text", "withdrawn")) == [("Слова", True)]


def test_a_reply_that_went_goes_with_its_message(cast: Cast) -> None:
    reply = sent(cast)
    assert reply.message is not None
    reply.message.delete()
    assert not PendingReply.objects.filter(pk=reply.pk).exists()


def test_whether_a_ticket_is_closed_its_status_said(cast: Cast) -> None:
    done = Status.objects.filter(desk=cast.desk, category="done")[0]
    Ticket.objects.filter(pk=cast.ticket.pk).update(status=done)
    mend()
    row = Ticket.objects.get(pk=cast.ticket.pk)
    assert row.closed_at == row.updated_at
    assert row.resolution is not None and row.resolution.name == "Готово"
    Ticket.objects.filter(pk=row.pk).update(status=Status.objects.filter(desk=cast.desk, category="new")[0])
    mend()
    assert Ticket.objects.get(pk=row.pk).closed_at is None


def test_nobody_else_closes_a_ticket() -> None:
    """A check constraint cannot read the status, so both are written in one place (`status.set_status`)."""
    writers = set()
    for path in SOURCE.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Attribute(attr="closed_at", ctx=ast.Store()):
                    writers.add(path.relative_to(SOURCE).as_posix())
                case ast.Call(func=ast.Attribute(attr="update" | "create" | "bulk_create"), keywords=keywords):
                    if any(one.arg == "closed_at" for one in keywords):
                        writers.add(path.relative_to(SOURCE).as_posix())
    assert writers == {"tickets/commands/status.py"}

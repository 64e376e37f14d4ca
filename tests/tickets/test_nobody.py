"""An actor without a person may do nothing; only the declared system actor may do everything."""

import ast
import inspect
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import otklik
import otklik.intake.commands
import otklik.tickets.commands
from otklik.desks.commands.help_center import change_center
from otklik.desks.commands.settings import change_desk
from otklik.desks.models import ApprovalRule, Resolution, Transition
from otklik.intake.commands.base import require_staff
from otklik.journal.models import Event
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor, system
from otklik.people.models import Organization
from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands import (
    answers,
    approve,
    bulk,
    bulk_restore,
    by_mail,
    cc_participants,
    comment,
    edit_message,
    fields,
    former_keys,
    inbound_placement,
    links,
    move,
    pending,
    properties,
    rate,
)
from otklik.tickets.commands import forward as forwarding
from otklik.tickets.commands import hold_again as holding
from otklik.tickets.commands import request_type as kinds
from otklik.tickets.commands import requester as requesters
from otklik.tickets.commands import share as sharing
from otklik.tickets.commands import status as moving
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.cast import START, Cast
from tests.portal.helpers import inbound_mail
from tests.refusing import refused_as
from tests.test_commands import locked_before_written

LATER = START + timedelta(hours=1)
# What is said to somebody who may not; whatever else a command refuses comes after that.
NO_RIGHT = (
    "desk.leads_only", "person.admins_only", "ticket.admins_only", "ticket.not_an_approver", "ticket.not_ratable",
    "ticket.organization_not_of_requester", "ticket.participants_only", "ticket.staff_only",
)  # fmt: skip
WORDS = Words("слова никого")
SOURCE = Path(otklik.__file__).parent
Act = Callable[[Cast, Actor], Any]


def message(cast: Cast) -> Message:
    return Message.objects.filter(ticket=cast.ticket).latest("id")


def opening(cast: Cast) -> Message:
    return Message.objects.get(ticket=cast.ticket, opening=True)


def letter() -> InboundMail:
    return inbound_mail(b"From: boris@clinic.test\r\n\r\nx")


def mailed_words() -> by_mail.Mailed:
    return by_mail.Mailed(WORDS, [], letter(), "")


def asked(cast: Cast) -> Any:
    agent = Actor(cast.agent, "agent")
    return approve.ask_approval(actor=agent, at=START, ticket=cast.ticket, people=[cast.boris], rule=ApprovalRule.ONE)


def waiting(cast: Cast) -> Any:
    return pending.hold_reply(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=WORDS, due_at=LATER + timedelta(days=1)
    )


def forwarded(cast: Cast) -> Any:
    """Forward the opening, with a hold in which it can be undone."""
    cast.desk.hold_seconds = 3600
    cast.desk.save(update_fields=["hold_seconds"])
    cast.ticket.refresh_from_db()
    more = {"address": "repairs@supplier.test", "words": WORDS, "said": "x"}
    return forwarding.forward_message(actor=Actor(cast.agent, "agent"), at=START, message=opening(cast), **more)


def held(cast: Cast) -> Message:
    return comment.hold_comment(
        at=START, ticket=cast.ticket, words=WORDS, claimed_author="x", inbound=letter(), why="x"
    )


def admitted(cast: Cast) -> Message:
    return comment.admit_message(actor=Actor(cast.agent, "agent"), at=START, message=held(cast))


def row(cast: Cast) -> Transition:
    return Transition.objects.filter(desk=cast.desk, source=cast.ticket.status)[0]


def closed(cast: Cast) -> Any:
    step = Transition.objects.get(desk=cast.desk, source=None)
    return moving.change_status(actor=system(), at=START, ticket=cast.ticket, transition=step)


def another(cast: Cast) -> Any:
    more = {"desk": cast.desk, "channel": "portal", "subject": "x", "words": WORDS, "requester": cast.anna}
    return open_ticket(actor=system(), at=START, **more)


def a_link(cast: Cast) -> Any:
    return links.add_link(actor=system(), at=START, source=cast.ticket, target=another(cast), kind="blocks")


def other_type(cast: Cast) -> Any:
    return cast.desk.request_types.exclude(pk=cast.ticket.request_type_id)[0]


class on:  # noqa: N801  read as a word
    """A command on the cast's ticket; callable values are called with the cast."""

    def __init__(self, command: Callable[..., Any], **more: Any) -> None:
        self.command, self.more = command, more

    def made(self, cast: Cast) -> dict[str, Any]:
        return {name: value(cast) if callable(value) else value for name, value in self.more.items()}

    def __call__(self, cast: Cast, actor: Actor) -> Any:
        return self.command(actor=actor, at=LATER, **self.made(cast))


def elsewhere(cast: Cast) -> dict[str, Any]:
    """Return the ticket's values as if it had been at the other desk before."""
    stands = {column: getattr(cast.ticket, column) for column in move.COLUMNS}
    return {**stands, "desk_id": cast.other_desk.pk, "request_type_id": None}


def boris_took_over(cast: Cast) -> requesters.RequesterUndo:
    """Make Boris the requester, who was a late participant; return the former state."""
    undo = requesters.change_requester(actor=system(), at=START, ticket=cast.ticket, person=cast.boris)
    assert undo is not None
    return undo


def chosen(cast: Cast) -> Any:
    return bulk.prepare_bulk(actor=Actor(cast.agent, "agent"), at=START, tickets=[cast.ticket.pk])


def begun(cast: Cast) -> Any:
    return bulk.start_bulk(actor=Actor(cast.agent, "agent"), at=START, run=chosen(cast), act=Assign(None))


TICKET = {"ticket": lambda cast: cast.ticket}
ACTS: dict[str, Act] = {
    "add_alias": on(former_keys.add_alias, **TICKET, key="OLD-17"),
    "change_answers": on(answers.change_answers, **TICKET, answers={}),
    "ask_approval": on(
        approve.ask_approval, **TICKET, people=lambda cast: [cast.boris], rule=ApprovalRule.ONE, question=""
    ),
    "answer_approval": on(approve.answer_approval, approval=asked, approved=True),
    "ask_about": on(approve.ask_about, approval=asked, words="x"),
    "withdraw_approval": on(approve.withdraw_approval, approval=asked),
    "close_by_mail": on(by_mail.close_by_mail, **TICKET, mailed=lambda _cast: mailed_words()),
    "rate_by_mail": on(by_mail.rate_by_mail, **TICKET, score=5, words="", mailed=lambda _cast: mailed_words()),
    "comment": on(comment.comment, **TICKET, words=WORDS),
    "note": on(comment.comment, **TICKET, words=WORDS, kind=Message.Kind.INTERNAL),
    "admit_message": on(comment.admit_message, message=held),
    "hold_again": on(holding.hold_again, message=admitted),
    "add_copied": on(
        cc_participants.add_copied, **TICKET, mail=lambda _cast: letter(), named=[("new@clinic.test", "Новый")]
    ),
    "answer_asked": on(cc_participants.answer_asked, message=message, address=""),
    "edit_message": on(edit_message.edit_message, message=message, words=WORDS),
    "withdraw_message": on(edit_message.withdraw_message, message=message),
    "forward_message": on(
        forwarding.forward_message, message=opening, address="repairs@supplier.test", words=WORDS, said="x"
    ),
    "take_back_forward": on(forwarding.take_back_forward, forward=forwarded),
    "change_type": on(kinds.change_type, **TICKET, request_type=other_type),
    "change_requester": on(requesters.change_requester, **TICKET, person=lambda cast: cast.stranger),
    "assign": on(fields.assign, **TICKET, assignee=lambda cast: cast.lead),
    "change_priority": on(
        fields.change_priority,
        **TICKET,
        priority=lambda cast: cast.desk.priorities.exclude(pk=cast.ticket.priority_id)[0],
    ),
    "change_subject": on(fields.change_subject, **TICKET, subject="другая"),
    "change_due": on(properties.change_due, **TICKET, due=LATER.date()),
    "change_labels": on(properties.change_labels, **TICKET, labels=["vip"]),
    "change_resolution": on(
        properties.change_resolution,
        ticket=lambda cast: closed(cast),
        resolution=lambda _cast: Resolution.objects.last(),
    ),
    "add_link": on(links.add_link, source=lambda cast: cast.ticket, target=lambda cast: another(cast), kind="blocks"),
    "remove_link": on(links.remove_link, link=lambda cast: a_link(cast)),
    "add_participant": on(fields.add_participant, **TICKET, person=lambda cast: cast.stranger),
    "add_participant with history": on(
        fields.add_participant, **TICKET, person=lambda cast: cast.stranger, sees_all=True
    ),
    "remove_participant": on(fields.remove_participant, **TICKET, person=lambda cast: cast.boris),
    "set_muted": on(fields.set_muted, **TICKET, muted=True),
    "add_mailed": on(
        inbound_placement.add_mailed, **TICKET, words=WORDS, claimed_author="x", inbound=lambda _cast: letter(), why=""
    ),
    "release_message": on(inbound_placement.release_message, message=message),
    "shelve": on(inbound_placement.shelve, **TICKET, note="x"),
    "unshelve": on(inbound_placement.unshelve, **TICKET),
    "hold_reply": on(pending.hold_reply, **TICKET, words=WORDS, due_at=LATER),
    "say": on(pending.say, **TICKET, words=WORDS, step=None),
    "say with a step": on(pending.say, **TICKET, words=WORDS, step=row),
    "undo_reply": on(pending.undo_reply, reply=waiting),
    "move_reply": on(pending.move_reply, reply=waiting, due_at=LATER),
    "send_reply_now": on(pending.send_reply_now, reply=waiting),
    "rate": on(rate.rate, **TICKET, score=5),
    "share_with_address": on(sharing.share_with_address, **TICKET, address="new@clinic.test"),
    "share_with_address and history": on(sharing.share_with_address, **TICKET, address="new@clinic.test", history=True),
    "share_with_person": on(sharing.share_with_person, **TICKET, person=lambda cast: cast.stranger),
    "share_with_organization": on(
        sharing.share_with_organization,
        **TICKET,
        organization=lambda _cast: Organization.objects.create(name="x", domains=[]),
    ),
    "unshare_organization": on(
        sharing.unshare_organization,
        **TICKET,
        organization=lambda _cast: Organization.objects.create(name="x", domains=[]),
    ),
    "adopt_claimed_author": on(requesters.adopt_claimed_author, message=message, address="x@y.test"),
    "undo_requester_change": on(requesters.undo_requester_change, **TICKET, undo=boris_took_over),
    "prepare_bulk": on(bulk.prepare_bulk, tickets=lambda cast: [cast.ticket.pk]),
    "start_bulk": on(bulk.start_bulk, run=chosen, act=Assign(None)),
    "undo_bulk": on(bulk.undo_bulk, run=begun),
    "release_bulk": on(bulk.release_bulk, run=begun),
    "move_ticket": on(move.move_ticket, **TICKET, desk=lambda cast: cast.other_desk, request_type=None),
    "move_back": on(move.move_back, **TICKET, before=elsewhere),
    "put_back": on(bulk_restore.put_back, **TICKET, before={"labels": ["vip"]}),
    "change_status": on(moving.change_status, **TICKET, transition=row),
    "change_desk": on(change_desk, desk=lambda cast: cast.desk, values={"name": "x"}),
    "change_center": on(change_center, announcement="x", texts={}),
    "require_staff": lambda cast, actor: require_staff(actor, cast.desk),
}
# No right is asked for here: whoever opens is named by the caller, one's own draft or file of a list, what only the
# command line does.
ASK_NOTHING = {
    "open_ticket", "open_tickets", "drop_draft", "erase_person", "ask_for_list_export", "drop_list_export"
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("via", ["portal", "system"])
def test_nobody_may_do_nothing(cast: Cast, home: Path, name: str, via: str) -> None:
    before = set(Event.objects.filter(at=LATER).values_list("id", flat=True))
    with refused_as(*NO_RIGHT):
        ACTS[name](cast, Actor(None, via))
    assert set(Event.objects.filter(at=LATER).values_list("id", flat=True)) == before


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"change_desk", "change_center"}))
@pytest.mark.parametrize("who", ["stranger", "agent_elsewhere"])
def test_ab_44_who_has_nothing_to_do_with_it_may_do_nothing(cast: Cast, home: Path, name: str, who: str) -> None:
    before = set(Event.objects.filter(at=LATER).values_list("id", flat=True))
    with refused_as(*NO_RIGHT):
        ACTS[name](cast, Actor(getattr(cast, who), "agent"))
    assert set(Event.objects.filter(at=LATER).values_list("id", flat=True)) == before


# What customers do, too, or what is only said to be asked of somebody.
CUSTOMERS_TOO = {
    "ask_about", "answer_approval", "comment", "say", "close_by_mail", "rate_by_mail", "rate", "set_muted",
    "add_participant", "add_participant with history", "remove_participant", "share_with_address",
    "share_with_address and history", "share_with_person", "share_with_organization", "unshare_organization",
    "add_copied", "add_mailed", "change_status", "say with a step", "change_desk", "change_center",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(ACTS) - CUSTOMERS_TOO))
@pytest.mark.parametrize("who", ["anna", "boris"])
def test_what_the_desk_does_no_customer_does(cast: Cast, home: Path, name: str, who: str) -> None:
    with refused_as(*NO_RIGHT):
        ACTS[name](cast, Actor(getattr(cast, who), "agent"))


DOERS = {
    "answer_approval": "boris", "ask_about": "boris", "set_muted": "anna", "add_alias": "admin",
    "move_ticket": "admin", "move_back": "admin",
}  # fmt: skip
# Of a desk; or in need of more than the cast has.
NOT_TRIED = {
    "change_desk", "change_center", "require_staff", "adopt_claimed_author", "rate", "rate_by_mail",
    "share_with_person", "share_with_organization", "prepare_bulk", "start_bulk", "undo_bulk", "release_bulk",
}  # fmt: skip
CHANGES_NOTHING = {"change_answers", "answer_asked", "unshare_organization"}
# Words are corrected for some minutes only.
SOON = dict.fromkeys(["edit_message", "withdraw_message", "take_back_forward"], START + timedelta(minutes=1))


@pytest.mark.parametrize("name", sorted(set(ACTS) - NOT_TRIED))
def test_a_command_locks_the_ticket_before_it_writes_and_tells_the_journal(cast: Cast, home: Path, name: str) -> None:
    act = ACTS[name]
    assert isinstance(act, on)
    made = act.made(cast)
    known = set(Event.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as seen:
        act.command(actor=Actor(getattr(cast, DOERS.get(name, "agent")), "agent"), at=SOON.get(name, LATER), **made)
    assert locked_before_written([query["sql"] for query in seen.captured_queries], "tickets_ticket")
    assert Event.objects.exclude(pk__in=known).exists() is (name not in CHANGES_NOTHING)


@pytest.mark.parametrize("name", sorted(name for name, act in ACTS.items() if isinstance(act, on)))
def test_ab_07_who_is_switched_off_may_do_nothing(cast: Cast, home: Path, name: str) -> None:
    """For everybody who may otherwise: staff, participants, approvers and administrators."""
    act = ACTS[name]
    assert isinstance(act, on)
    for who in {"agent", "admin", "anna", DOERS.get(name, "agent")}:
        with transaction.atomic():
            made, person = act.made(cast), getattr(cast, who)
            known = set(Event.objects.values_list("pk", flat=True))
            person.is_active = False
            person.save()
            with refused_as(*NO_RIGHT):
                act.command(actor=Actor(person, "agent"), at=SOON.get(name, LATER), **made)
            assert set(Event.objects.values_list("pk", flat=True)) == known, who
            transaction.set_rollback(True)
        person.is_active = True


def test_nobody_is_offered_no_step(cast: Cast) -> None:
    assert moving.allowed_transitions(system(), cast.ticket)
    assert moving.allowed_transitions(Actor(None, "system"), cast.ticket) == []


@pytest.mark.parametrize("name", ["change_answers", "change_status", "change_desk", "change_center", "require_staff"])
def test_the_system_may(cast: Cast, name: str) -> None:
    ACTS[name](cast, system())


def test_a_person_is_not_the_system(cast: Cast) -> None:
    with pytest.raises(ValueError, match="not the system"):
        Actor(cast.anna, "portal", is_system=True)


def test_every_command_on_tickets_is_tried_as_nobody() -> None:
    found = set()
    for module in iter_modules(otklik.tickets.commands.__path__, "otklik.tickets.commands."):
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction):
            actor = inspect.signature(function).parameters.get("actor")
            own = function.__module__ == module.name and not name.startswith("_")
            if own and actor is not None and actor.kind is actor.KEYWORD_ONLY:
                found.add(name)
    assert found - set(ACTS) - ASK_NOTHING == set()


def test_only_one_place_makes_the_system() -> None:
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Actor":
                first = node.args[0] if node.args else None
                says = any(word.arg == "is_system" for word in node.keywords)
                if says or (isinstance(first, ast.Constant) and first.value is None):
                    found.add(path.relative_to(SOURCE).as_posix())
    assert found == {"people/actor.py"}

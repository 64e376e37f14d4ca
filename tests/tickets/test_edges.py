"""Limits, times and permissions of actions on a ticket at their edges."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from otklik.desks.commands.forms import change_type
from otklik.desks.commands.settings import change_desk, undo
from otklik.desks.models import Priority
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.answers.files import KeptFilesField
from otklik.tickets.commands.approve import answer_approval, ask_approval, ask_of_type, withdraw_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message, withdraw_message
from otklik.tickets.commands.fields import (
    add_participant,
    assign,
    change_priority,
    change_subject,
    remove_participant,
    set_muted,
)
from otklik.tickets.commands.pending import hold_reply, move_reply, send_reply_now, undo_reply
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Message, Participant, PendingReply, Ticket
from tests.cast import START, Cast
from tests.refusing import refused_as

LATER = START + timedelta(hours=1)


def by(who: Person) -> Actor:
    return Actor(who, "agent")


def held(cast: Cast, due: timedelta, **more: Any) -> PendingReply:
    return hold_reply(
        actor=by(cast.agent), at=START, ticket=cast.ticket, words=Words("Позже"), due_at=START + due, **more
    )


@pytest.mark.parametrize("gone", ["is_active", "email"])
def test_nobody_without_a_way_to_answer_is_asked_for_an_approval(cast: Cast, gone: str) -> None:
    Person.objects.filter(pk=cast.stranger.pk).update(**{gone: False if gone == "is_active" else None})
    with refused_as("ticket.approver_without_address"):
        ask_approval(
            actor=by(cast.agent), at=START, ticket=cast.ticket, rule="one",
            people=[cast.lead, Person.objects.get(pk=cast.stranger.pk)],
        )  # fmt: skip
    kind = cast.ticket.request_type
    assert kind is not None
    change_type(actor=system(), at=START, request_type=kind, values={"approval_rule": "one"})
    kind.refresh_from_db()
    kind.approvers.set([cast.stranger])
    cast.ticket.request_type = kind
    if gone == "is_active":
        ask_of_type(at=START, ticket=cast.ticket)
        assert not Approval.objects.exists()


def test_a_reply_that_went_or_was_taken_back_is_not_moved_sent_or_taken_back_again(cast: Cast) -> None:
    firsts: list[Callable[..., object]] = [undo_reply, send_reply_now]
    for first in firsts:
        row = held(cast, timedelta(minutes=1))
        first(actor=by(cast.agent), at=START, reply=row)
        again: list[Callable[..., object]] = [undo_reply, send_reply_now]
        for act in again:
            with refused_as("ticket.reply_gone"):
                act(actor=by(cast.agent), at=START, reply=row)
        with refused_as("ticket.reply_gone"):
            move_reply(actor=by(cast.agent), at=START, reply=row, due_at=START + timedelta(minutes=2))
    assert Message.objects.filter(text="Позже").count() == 1


def test_nothing_written_says_nothing(cast: Cast) -> None:
    for words in ("", " \n\t "):
        with refused_as("ticket.nothing_written"):
            comment(actor=by(cast.agent), at=START, ticket=cast.ticket, words=Words(words))
        with refused_as("ticket.nothing_written"):
            hold_reply(actor=by(cast.agent), at=START, ticket=cast.ticket, words=Words(words), due_at=START)
        with refused_as("ticket.subject_missing"):
            change_subject(actor=by(cast.agent), at=START, ticket=cast.ticket, subject=words)


def own_message(cast: Cast) -> Message:
    cast.desk.edit_minutes = 15
    cast.desk.save()
    cast.ticket.refresh_from_db()
    return comment(actor=by(cast.agent), at=START, ticket=cast.ticket, words=Words("Первое"))


def test_words_are_corrected_by_who_wrote_them_until_the_last_minute(cast: Cast) -> None:
    message = own_message(cast)
    for who in (cast.lead, cast.admin, cast.anna):
        for act in (partial(edit_message, actor=by(who), at=START, message=message, words=Words("Чужое")),
                    partial(withdraw_message, actor=by(who), at=START, message=message)):  # fmt: skip
            with refused_as("ticket.not_own_message"):
                act()
    last = START + timedelta(minutes=15)
    edit_message(actor=by(cast.agent), at=last, message=message, words=Words("Второе"))
    with refused_as("ticket.too_late_to_edit"):
        edit_message(actor=by(cast.agent), at=last + timedelta(seconds=1), message=message, words=Words("Третье"))
    with refused_as("ticket.edit_empty"):
        edit_message(actor=by(cast.agent), at=START, message=message, words=Words(" "))
    message.refresh_from_db()
    assert (message.text, message.edited_at) == ("Второе", last)


def test_what_was_taken_back_is_not_changed_again(cast: Cast) -> None:
    message = own_message(cast)
    withdraw_message(actor=by(cast.agent), at=START, message=message)
    for act in (partial(withdraw_message, actor=by(cast.agent), at=START, message=message),
                partial(edit_message, actor=by(cast.agent), at=START, message=message, words=Words("x"))):  # fmt: skip
        with refused_as("ticket.not_own_message"):
            act()


@pytest.mark.parametrize("who", ["boris", "nobody"])
def test_ab_01_the_whole_request_is_given_away_by_its_requester_or_the_staff(cast: Cast, who: str) -> None:
    if who == "nobody":
        Ticket.objects.filter(pk=cast.ticket.pk).update(requester=None)
    actor = Actor(cast.boris if who == "boris" else None, "portal")
    with refused_as("ticket.staff_only"):
        add_participant(actor=actor, at=START, ticket=cast.ticket, person=cast.stranger, sees_all=True)
    assert not Participant.objects.filter(person=cast.stranger).exists()


def test_things_of_another_desk_are_given_to_no_request_here(cast: Cast) -> None:
    with refused_as("ticket.not_a_member"):
        assign(actor=by(cast.agent), at=START, ticket=cast.ticket, assignee=cast.agent_elsewhere)
    priority = Priority.objects.filter(desk=cast.other_desk)[0]
    with refused_as("ticket.priority_of_other_desk"):
        change_priority(actor=by(cast.agent), at=START, ticket=cast.ticket, priority=priority)
    for who in (cast.agent_elsewhere, cast.boris):
        with refused_as("ticket.staff_only"):
            assign(actor=by(who), at=START, ticket=cast.ticket, assignee=None)


def test_who_is_not_on_the_request_neither_mutes_nor_takes_off_nor_adds(cast: Cast) -> None:
    for who in (cast.stranger, cast.agent_elsewhere):
        for act in (
            partial(set_muted, actor=by(who), at=START, ticket=cast.ticket, muted=True),
            partial(remove_participant, actor=by(who), at=START, ticket=cast.ticket, person=cast.boris),
            partial(share_with_address, actor=by(who), at=START, ticket=cast.ticket, address="x@clinic.test"),
        ):
            with refused_as("ticket.participants_only"):
                act()
    remove_participant(actor=by(cast.agent), at=START, ticket=cast.ticket, person=cast.boris)
    with refused_as("ticket.participants_only"):
        set_muted(actor=by(cast.boris), at=START, ticket=cast.ticket, muted=True)
    with refused_as("ticket.requester_stays"):
        remove_participant(actor=by(cast.agent), at=START, ticket=cast.ticket, person=cast.anna)


def test_an_approval_is_answered_by_who_is_asked_and_nobody_in_their_place(cast: Cast) -> None:
    row = ask_approval(actor=by(cast.agent), at=START, ticket=cast.ticket, people=[cast.stranger], rule="one")
    for who in (Actor(None, "portal"), system(), by(cast.admin), by(cast.boris)):
        with refused_as("ticket.not_an_approver"):
            answer_approval(actor=who, at=timezone.now(), approval=row, approved=True)
    row.refresh_from_db()
    assert row.state == Approval.State.PENDING


def test_customers_see_the_time_of_what_they_see(cast: Cast) -> None:
    for kind, at, shown_at in (("public", LATER, LATER), ("internal", LATER + timedelta(hours=1), LATER)):
        version = Ticket.objects.get(pk=cast.ticket.pk).version
        comment(actor=by(cast.agent), at=at, ticket=cast.ticket, words=Words("x"), kind=kind)
        row = Ticket.objects.get(pk=cast.ticket.pk)
        assert (row.updated_at, row.shown_at, row.version) == (at, shown_at, version + 1)


def test_only_an_open_question_is_taken_back_and_only_by_its_desk(cast: Cast) -> None:
    asked = ask_approval(actor=by(cast.agent), at=START, ticket=cast.ticket, people=[cast.boris], rule="one")
    for who in (cast.anna, cast.boris, cast.agent_elsewhere, cast.stranger):
        with refused_as("ticket.staff_only"):
            withdraw_approval(actor=by(who), at=START, approval=asked)
    answer_approval(actor=Actor(cast.boris, "portal"), at=START, approval=asked, approved=True)
    before = Event.objects.count()
    with refused_as("ticket.approval_decided"):
        withdraw_approval(actor=by(cast.agent), at=START, approval=asked)
    assert Approval.objects.get().state == Approval.State.APPROVED and Event.objects.count() == before
    again = ask_approval(actor=by(cast.agent), at=START, ticket=cast.ticket, people=[cast.boris], rule="one")
    withdraw_approval(actor=by(cast.agent), at=LATER, approval=again)
    again.refresh_from_db()
    assert (again.state, again.settled_at) == (Approval.State.WITHDRAWN, LATER)
    assert Event.objects.filter(kind="ticket.approval_withdrawn", data__approval=again.pk).count() == 1
    cast.ticket.refresh_from_db()
    assert cast.ticket.updated_at == LATER
    with refused_as("ticket.approval_decided"):
        withdraw_approval(actor=by(cast.agent), at=LATER, approval=again)


def test_only_a_change_of_this_desk_is_taken_back_at_it(cast: Cast) -> None:
    change_desk(actor=system(), at=START, desk=cast.other_desk, values={"name": "Иначе"})
    elsewhere = Event.objects.filter(kind="desk.changed").latest("id")
    another = Event.objects.exclude(kind="desk.changed").latest("id")
    for event in (elsewhere.pk, another.pk, 10**9):
        with refused_as("desk.change_not_reversible"):
            undo(actor=by(cast.lead), at=START, desk=cast.desk, event_id=event)
    cast.other_desk.refresh_from_db()
    assert cast.other_desk.name == "Иначе"


@pytest.mark.parametrize(("count", "kept", "refused"), [(2, 2, False), (3, 2, True)])
def test_as_many_files_go_with_a_message_as_were_allowed(home: Path, count: int, kept: int, refused: bool) -> None:
    field = KeptFilesField(owner="x", most=2, endings=["TXT"], required=False)
    files = [SimpleUploadedFile(f"{number}.Txt", b"x") for number in range(count)]
    with pytest.raises(ValidationError, match="2") if refused else nullcontext():
        field.clean((files, []))
    assert [one.name for one in field.found] == [f"{number}.Txt" for number in range(kept)]


def test_a_file_that_is_refused_takes_no_other_with_it(home: Path) -> None:
    field = KeptFilesField(owner="x", most=5, endings=["txt"], required=False)
    files = [SimpleUploadedFile(name, b"x") for name in ("a.txt", "b.exe", "txt", "c.txt")]
    with pytest.raises(ValidationError) as refused:
        field.clean((files, []))
    assert ["b.exe" in one for one in refused.value.messages] == [True, False]
    assert [one.name for one in field.found] == ["a.txt", "c.txt"]

"""`edit_message` edits a message."""

from datetime import timedelta

from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message, withdraw_message
from otklik.tickets.content import Words
from otklik.tickets.models import Message, MessageRevision, Ticket
from tests.acting import LATER, locks, refuses, tells
from tests.acting import by as act_by
from tests.cast import START, Cast
from tests.tickets.test_edges import by, own_message


def test_the_same_words_again_are_no_correction(cast: Cast) -> None:
    message = own_message(cast)
    edit_message(actor=by(cast.agent), at=START, message=message, words=Words("Первое"))
    assert not MessageRevision.objects.exists()
    assert not Event.objects.filter(kind="ticket.message_edited").exists()
    message.refresh_from_db()
    assert message.edited_at is None


def test_the_former_words_are_kept_and_only_the_author_corrects(cast: Cast) -> None:
    Desk.objects.update(edit_minutes=60)
    mine = comment(**act_by(cast.anna), ticket=Ticket.objects.get(), words=Words("Опичатка"))
    with locks(Message), tells("ticket.message_edited"):
        row = edit_message(**act_by(cast.anna), message=mine, words=Words("Опечатка"))
    assert (row.text, row.edited_at, row.revisions.get().text) == ("Опечатка", LATER, "Опичатка")
    for who, text in ((cast.boris, "Чужое"), (cast.agent, "Чужое"), (cast.anna, " ")):
        with refuses("ticket.not_own_message", "ticket.edit_empty"):
            edit_message(**act_by(who), message=mine, words=Words(text))


def test_when_the_minutes_are_over_nothing_is_corrected_or_taken_back(cast: Cast) -> None:
    Desk.objects.update(edit_minutes=15)
    message = own_message(cast)
    late = message.created_at + timedelta(minutes=15, seconds=1)
    with refuses("ticket.too_late_to_edit"):
        edit_message(actor=by(cast.agent), at=late, message=message, words=Words("Другое"))
    with refuses("ticket.too_late_to_edit"):
        withdraw_message(actor=by(cast.agent), at=late, message=message)
    assert edit_message(actor=by(cast.agent), at=late - timedelta(seconds=1), message=message, words=Words("Другое"))


def test_the_requests_own_text_stays_what_its_writer_asked(cast: Cast) -> None:
    """It has been answered, and was stored before edits were possible."""
    Desk.objects.update(edit_minutes=60)
    opening = Message.objects.get(ticket=cast.ticket, opening=True)
    Message.objects.filter(pk=opening.pk).update(author=cast.anna, inbound=None, created_at=LATER)
    for act in (lambda: edit_message(**act_by(cast.anna), message=opening, words=Words("Другое")),
                lambda: withdraw_message(**act_by(cast.anna), message=opening)):  # fmt: skip
        with refuses("ticket.not_own_message"):
            act()

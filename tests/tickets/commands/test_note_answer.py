"""`note_answer` records an answer to a forwarded message."""

from otklik.journal.models import Event
from otklik.tickets.commands.forward import note_answer
from otklik.tickets.content import Words
from otklik.tickets.models import ForwardAnswer, Participant
from tests.acting import LATER, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import a_mail
from tests.tickets.commands.test_forward_message import OUTSIDE, sent


def test_the_answer_is_a_note_that_moves_nothing(cast: Cast) -> None:
    made, people, status = sent(cast), Participant.objects.count(), cast.ticket.status_id
    with tells("ticket.forward_answered"):
        note = note_answer(
            at=LATER, forward=made, words=Words("Завтра"), claimed_author=OUTSIDE, inbound=a_mail(), why="@forwarded"
        )
    assert (note.kind, note.side, note.author, note.claimed_author) == ("internal", "system", None, OUTSIDE)
    assert ForwardAnswer.objects.get().forward == made
    cast.ticket.refresh_from_db()
    assert (cast.ticket.shown_at, cast.ticket.status_id, Participant.objects.count()) == (START, status, people)
    told = {"key": "ACCREDO-1", "message": note.pk, "note": made.message_id, "address": OUTSIDE}
    assert Event.objects.latest("id").data == told

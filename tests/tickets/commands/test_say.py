"""`say` sends a reply at once, with or without a transition."""

from otklik.tickets.commands.pending import say
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import transition


def test_words_and_step_are_one_event(cast: Cast) -> None:
    with tells("ticket.commented", "ticket.commented"):
        plain = say(**by(cast.agent), ticket=cast.ticket, words=Words("Раз"), step=None)
        with_step = say(**by(cast.agent), ticket=cast.ticket, words=Words("Два"), step=transition(cast, "Закрыть"))
    assert (plain.text, with_step.text) == ("Раз", "Два")
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.is_done


def test_a_step_that_cannot_be_done_leaves_no_words(cast: Cast) -> None:
    with refuses("ticket.transition_not_allowed"):
        say(**by(cast.agent), ticket=cast.ticket, words=Words("Два"), step=transition(cast, "Открыть снова"))
    assert not Message.objects.filter(text="Два").exists()

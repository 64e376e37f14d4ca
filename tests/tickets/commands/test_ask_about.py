"""A question of somebody who is asked."""

from otklik.tickets.commands.approve import MOST_QUESTIONS, ask_about
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.models import Approval, Message, Participant
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked


def test_who_is_asked_may_ask_back_and_the_question_stays_open(cast: Cast) -> None:
    approval = asked(cast, cast.stranger)
    with locks(Approval), tells("ticket.commented"):
        message = ask_about(**by(cast.stranger), approval=approval, words=" Зачем? ")
    assert (message.text, message.kind, message.author) == ("Зачем?", Message.Kind.PUBLIC, cast.stranger)
    approval.refresh_from_db()
    assert approval.state == Approval.State.PENDING
    assert not Participant.objects.filter(ticket=cast.ticket, person=cast.stranger).exists()


def test_others_and_empty_words_are_refused_and_questions_have_an_end(cast: Cast) -> None:
    approval = asked(cast, cast.stranger)
    for who, words in ((cast.anna, "Зачем?"), (cast.stranger, " ")):
        with refuses(UnableToChange):
            ask_about(**by(who), approval=approval, words=words)
    for number in range(MOST_QUESTIONS):
        ask_about(**by(cast.stranger), approval=approval, words=f"{number}?")
    with refuses(UnableToChange):
        ask_about(**by(cast.stranger), approval=approval, words="Ещё?")

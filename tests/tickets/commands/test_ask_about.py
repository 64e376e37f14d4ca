"""`ask_about` records an approver's question."""

from datetime import timedelta

from otklik.tickets.commands.approve import MOST_QUESTIONS, ask_about
from otklik.tickets.models import Approval, Message, Participant
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import asked
from tests.tickets.test_links import other


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
        with refuses("ticket.not_an_approver", "ticket.question_missing"):
            ask_about(**by(who), approval=approval, words=words)
    for number in range(MOST_QUESTIONS):
        ask_about(**by(cast.stranger), approval=approval, words=f"{number}?")
    with refuses("ticket.too_many_questions"):
        ask_about(**by(cast.stranger), approval=approval, words="Ещё?")
    with refuses("ticket.too_many_questions"):
        later = {**by(cast.stranger), "at": LATER + timedelta(days=1)}
        ask_about(**later, approval=approval, words="А завтра?")


def test_only_own_words_on_this_request_since_the_question_count(cast: Cast) -> None:
    approval = asked(cast, cast.boris)
    elsewhere = other(cast)
    for ticket, who, at in (
        (cast.ticket, cast.anna, LATER),
        (cast.ticket, cast.boris, START),
        (elsewhere, cast.boris, LATER),
    ):
        for _ in range(MOST_QUESTIONS):
            Message.objects.create(ticket=ticket, author=who, created_at=at, kind=Message.Kind.PUBLIC, text="x")
    assert ask_about(**by(cast.boris), approval=approval, words="Зачем?")

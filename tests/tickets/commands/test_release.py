"""`release` sends a due reply."""

from datetime import timedelta

from otklik.desks.models import Membership
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.pending import move_reply, release
from otklik.tickets.content import Words
from otklik.tickets.models import Message, PendingReply
from tests.acting import LATER, by, tells
from tests.cast import Cast
from tests.tickets.commands.parts import waiting_reply


def test_the_reply_becomes_a_message(cast: Cast) -> None:
    reply = waiting_reply(cast)
    with tells("ticket.commented"):
        message = release(at=LATER, reply=reply)
    assert message is not None and message.text == "Готово" and reply.state == PendingReply.State.SENT


def test_a_reply_unless_answered_stays_back_when_the_customer_wrote(cast: Cast) -> None:
    reply = waiting_reply(cast, scheduled=True, unless_answered=True)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Уже не надо"))
    with tells("ticket.reply_stayed"):
        assert release(at=LATER, reply=reply) is None
    assert reply.state == PendingReply.State.STOPPED and reply.why


def test_what_the_customer_wrote_before_the_reply_was_written_keeps_it_back_no_longer(cast: Cast) -> None:
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Ещё вопрос"))
    reply = waiting_reply(cast, scheduled=True, unless_answered=True)
    assert release(at=LATER, reply=reply) is not None


def test_a_reply_held_for_undoing_stays_back_when_the_customer_wrote_meanwhile(cast: Cast) -> None:
    reply = waiting_reply(cast)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Уже не надо"))
    with tells("ticket.reply_stayed"):
        assert release(at=LATER, reply=reply) is None
    assert reply.state == PendingReply.State.STOPPED and "ticket.customer_wrote" in reply.why


def test_a_colleagues_words_keep_no_reply_back(cast: Cast) -> None:
    reply = waiting_reply(cast)
    comment(**by(cast.lead), ticket=cast.ticket, words=Words("Смотрю"), kind=Message.Kind.INTERNAL)
    assert release(at=LATER, reply=reply) is not None


def test_what_kept_a_reply_back_does_so_once(cast: Cast) -> None:
    reply = waiting_reply(cast, scheduled=True, unless_answered=True)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Спасибо"))
    release(at=LATER, reply=reply)
    reply = move_reply(**by(cast.agent), reply=reply, due_at=LATER + timedelta(hours=1))
    assert release(at=LATER + timedelta(hours=1), reply=reply) is not None, "whoever gave it a new time knew"


def test_what_comes_after_the_new_time_was_given_keeps_it_back_again(cast: Cast) -> None:
    reply = waiting_reply(cast, scheduled=True, unless_answered=True)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Спасибо"))
    release(at=LATER, reply=reply)
    reply = move_reply(**by(cast.agent), reply=reply, due_at=LATER + timedelta(hours=1))
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("И ещё"))
    assert release(at=LATER + timedelta(hours=1), reply=reply) is None


def test_a_new_time_alone_is_no_sign_that_the_customers_words_were_read(cast: Cast) -> None:
    reply = waiting_reply(cast, scheduled=True, unless_answered=True)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Спасибо"))
    reply = move_reply(**by(cast.agent), reply=reply, due_at=LATER + timedelta(hours=1))
    assert release(at=LATER + timedelta(hours=1), reply=reply) is None


def test_what_is_refused_by_then_stays_back_and_says_why(cast: Cast) -> None:
    reply = waiting_reply(cast)
    Membership.objects.filter(person=cast.agent).delete()
    with tells("ticket.reply_stayed"):
        assert release(at=LATER, reply=reply) is None
    assert reply.state == PendingReply.State.STOPPED and "ticket.author_elsewhere" in reply.why


def test_a_reply_that_goes_in_any_case_goes_though_the_customer_wrote(cast: Cast) -> None:
    reply = waiting_reply(cast, scheduled=True, unless_answered=False)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Уже не надо"))
    assert release(at=LATER, reply=reply) is not None

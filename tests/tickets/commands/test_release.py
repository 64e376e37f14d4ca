"""`release` sends a due reply."""

from otklik.desks.models import Membership
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.pending import release
from otklik.tickets.content import Words
from otklik.tickets.models import PendingReply
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

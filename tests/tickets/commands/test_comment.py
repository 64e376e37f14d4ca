"""`comment` adds a comment."""

from otklik.desks.models import Status
from otklik.journal.models import Event
from otklik.tickets.commands.base import Seen
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant
from tests.acting import LATER, by, refuses, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import transition


def test_a_customers_words_take_a_waiting_request_back_to_the_desk(cast: Cast) -> None:
    change_status(**by(cast.agent), ticket=cast.ticket, transition=transition(cast, "Ждать ответа заявителя"))
    with tells("ticket.commented"):
        message = comment(**by(cast.anna), ticket=cast.ticket, words=Words("Вот снимок"))
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.category == Status.Category.NEW
    assert (message.side, message.author) == (Message.Side.CUSTOMER, cast.anna)


def test_a_note_moves_nothing_and_customers_write_none(cast: Cast) -> None:
    note = comment(**by(cast.agent), ticket=cast.ticket, words=Words("Себе"), kind=Message.Kind.INTERNAL)
    cast.ticket.refresh_from_db()
    assert note.side == Message.Side.STAFF and (cast.ticket.updated_at, cast.ticket.shown_at) == (LATER, START)
    with refuses("ticket.staff_only"):
        comment(**by(cast.anna), ticket=cast.ticket, words=Words("Себе"), kind=Message.Kind.INTERNAL)


def test_strangers_and_empty_words_are_refused(cast: Cast) -> None:
    for who, text in ((cast.stranger, "Пустите"), (cast.agent_elsewhere, "Пустите"), (cast.anna, " \n")):
        with refuses("ticket.participants_only", "ticket.nothing_written"):
            comment(**by(who), ticket=cast.ticket, words=Words(text))


def test_what_others_wrote_meanwhile_is_to_be_read_first(cast: Cast) -> None:
    seen = Seen(cast.ticket.version, Event.objects.latest("id").pk)
    comment(**by(cast.anna), ticket=cast.ticket, words=Words("Уже не надо"))
    cast.ticket.refresh_from_db()
    with refuses("ticket.changed_meanwhile"):
        comment(**by(cast.agent), ticket=cast.ticket, words=Words("Делаем"), seen=seen)


def test_an_agent_who_answers_does_not_become_a_participant(cast: Cast) -> None:
    before = Participant.objects.filter(ticket=cast.ticket).count()
    comment(**by(cast.lead), ticket=cast.ticket, words=Words("Смотрю"))
    assert Participant.objects.filter(ticket=cast.ticket).count() == before

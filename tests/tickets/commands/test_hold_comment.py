"""`hold_comment` adds a held comment."""

from otklik.journal.models import Event
from otklik.people.account_links import activation_url
from otklik.people.commands.account_activation import issue_activation
from otklik.tickets.commands.comment import hold_comment
from otklik.tickets.content import Words
from otklik.tickets.models import Participant
from tests.acting import LATER, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import a_mail, held_message


def test_the_words_wait_for_an_agent_and_nothing_moves(cast: Cast) -> None:
    before = cast.ticket.status
    with tells("ticket.held"):
        message = held_message(cast)
    cast.ticket.refresh_from_db()
    assert message.held and message.author is None and (cast.ticket.status, cast.ticket.shown_at) == (before, START)
    assert Event.objects.latest("id").data["claimed"] == "Степан"
    assert Participant.objects.filter(ticket=cast.ticket).count() == 2


def test_links_with_power_are_not_kept(cast: Cast) -> None:
    secret = issue_activation(person=cast.anna, at=START)
    words = Words(f"Вот: {activation_url(secret)}")
    message = hold_comment(at=LATER, ticket=cast.ticket, words=words, claimed_author="x", inbound=a_mail(), why="")
    assert secret not in message.text

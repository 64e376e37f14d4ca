"""`rate` rates a ticket."""

from otklik.journal.models import Event
from otklik.tickets.commands.rate import rate
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import closed


def test_the_last_word_counts_and_the_journal_keeps_the_others(cast: Cast) -> None:
    closed(cast)
    with tells("ticket.rated", "ticket.rated"):
        rate(**by(cast.anna), ticket=cast.ticket, score=2, words="Долго")
        rating = rate(**by(cast.anna), ticket=cast.ticket, score=5)
    assert (rating.score, rating.words) == (5, "Долго")
    assert Event.objects.latest("id").data["before"] == 2


def test_only_the_requester_rates_only_what_ended_and_only_from_one_to_five(cast: Cast) -> None:
    with refuses("ticket.not_ratable"):
        rate(**by(cast.anna), ticket=cast.ticket, score=5)
    closed(cast)
    for who, score in ((cast.boris, 5), (cast.agent, 5), (cast.anna, 0), (cast.anna, 6)):
        with refuses("ticket.not_ratable", "ticket.rating_invalid"):
            rate(**by(who), ticket=cast.ticket, score=score)


def test_who_was_switched_off_rates_nothing(cast: Cast) -> None:
    closed(cast)
    cast.anna.is_active = False
    cast.anna.save(update_fields=["is_active"])
    with refuses("ticket.not_ratable"):
        rate(**by(cast.anna), ticket=cast.ticket, score=5)

"""`rate_by_mail` rates a ticket by a customer's mail."""

from otklik.tickets.commands.by_mail import Mailed, rate_by_mail
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import a_mail, closed


def test_the_rating_counts_the_mail_stays_and_nothing_opens_again(cast: Cast) -> None:
    closed(cast)
    mail = a_mail()
    with tells("ticket.rated"):
        rating = rate_by_mail(
            **by(cast.anna, "mail"), ticket=cast.ticket, score=5, words="Спасибо",
            mailed=Mailed(Words("5 Спасибо"), [], mail, "word"),
        )  # fmt: skip
    cast.ticket.refresh_from_db()
    assert (rating.score, rating.words, cast.ticket.status.is_done) == (5, "Спасибо", True)
    assert Message.objects.get(inbound=mail).text == "5 Спасибо"


def test_of_a_refused_rating_not_even_the_mail_is_kept(cast: Cast) -> None:
    mailed = Mailed(Words("5"), [], a_mail(), "word")
    with refuses("ticket.not_ratable"):
        rate_by_mail(**by(cast.anna, "mail"), ticket=cast.ticket, score=5, words="", mailed=mailed)
    assert not Message.objects.filter(text="5").exists()

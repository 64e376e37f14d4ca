"""`change_subject` changes the subject."""

from otklik.tickets.commands.fields import change_subject
from otklik.tickets.commands.stale_values import Shown
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_subject_is_one_line_and_the_same_one_is_no_news(cast: Cast) -> None:
    with tells("ticket.fields_changed"):
        for text in ("Новая\n  тема", "Новая тема"):
            row = change_subject(**by(cast.agent), ticket=cast.ticket, subject=text)
    assert row.subject == "Новая тема"


def test_a_subject_has_words_and_only_staff_change_it(cast: Cast) -> None:
    for who, text in ((cast.agent, " \n "), (cast.anna, "Моя тема")):
        with refuses("ticket.subject_missing", "ticket.staff_only"):
            change_subject(**by(who), ticket=cast.ticket, subject=text)


def test_a_subject_that_the_page_did_not_show_is_not_replaced(cast: Cast) -> None:
    change_subject(**by(cast.lead), ticket=cast.ticket, subject="Иначе")
    with refuses("ticket.value_changed"):
        change_subject(**by(cast.agent), ticket=cast.ticket, subject="Ещё иначе", shown=Shown(cast.ticket.subject))

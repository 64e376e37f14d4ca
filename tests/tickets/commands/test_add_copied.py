"""Whom a mail's Cc brings in."""

from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.cc_participants import add_copied
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.models import Participant
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import a_mail

NEW = ("vera@clinic.test", "Вера")


def test_the_named_people_join_with_one_event_and_see_what_comes(cast: Cast) -> None:
    mail = a_mail()
    with tells("ticket.participants_added"):
        left = add_copied(
            **by(cast.anna, "mail"), ticket=cast.ticket, mail=mail, named=[NEW, ("boris@clinic.test", "Борис")]
        )
    row = Participant.objects.get(ticket=cast.ticket, person__email=NEW[0])
    assert left == [] and (row.sees_from, row.added_by, row.named_in) == (LATER, cast.anna, mail)


def test_who_was_taken_off_does_not_come_back_by_a_mail(cast: Cast) -> None:
    remove_participant(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    named = [("boris@clinic.test", "Борис")]
    with tells():
        assert add_copied(**by(cast.anna, "mail"), ticket=cast.ticket, mail=a_mail(), named=named) == named


def test_strangers_bring_nobody_in(cast: Cast) -> None:
    with refuses(UnableToChange):
        add_copied(**by(cast.stranger, "mail"), ticket=cast.ticket, mail=a_mail(), named=[NEW])

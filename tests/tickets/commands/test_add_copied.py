"""`add_copied` adds people in a mail's Cc."""

from otklik.tickets.commands.cc_participants import add_copied
from otklik.tickets.commands.fields import add_participant, remove_participant
from otklik.tickets.models import Participant
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import a_mail
from tests.tickets.test_links import other

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
    with refuses("ticket.participants_only"):
        add_copied(**by(cast.stranger, "mail"), ticket=cast.ticket, mail=a_mail(), named=[NEW])


def test_who_is_on_another_request_joins_this_one(cast: Cast) -> None:
    add_participant(**by(cast.agent), ticket=other(cast), person=cast.stranger)
    left = add_copied(
        **by(cast.anna, "mail"), ticket=cast.ticket, mail=a_mail(), named=[(cast.stranger.email or "", "Степан")]
    )
    assert left == [] and Participant.objects.filter(ticket=cast.ticket, person=cast.stranger).exists()

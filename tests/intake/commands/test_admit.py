"""`admit` admits a held mail to its ticket."""

from django.utils import timezone

from otklik.intake.commands.placement import admit
from tests.cast import Cast
from tests.intake.test_apply import by
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, letter
from tests.refusing import refused_as


def test_only_a_held_mail_is_admitted(people: Cast, sink: Sink) -> None:
    to = signed(people.anna, people.ticket)
    row = inject(letter(text="Моё", to=to), to=to)
    assert row.fate == "comment"
    with refused_as("intake.not_held"):
        admit(actor=by(people.agent), at=timezone.now(), mail=row)
    with refused_as("intake.not_held"):
        admit(actor=by(people.agent), at=timezone.now(), mail=inject(letter(Auto_Submitted="auto-replied")))

"""How often a canned answer is inserted is counted for each person."""

from datetime import timedelta

import pytest

from otklik.desks.commands.canned_answers import add_canned_answer, note_use
from otklik.desks.models import CannedAnswerUse
from otklik.people.actor import Actor
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.desks.commands.canned_values import values
from tests.meanwhile import meanwhile


def test_each_use_counts_for_whoever_inserted_it(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ"))
    with tells():
        note_use(**by(cast.agent), answer=answer)
    note_use(actor=Actor(cast.agent, "agent"), at=LATER + timedelta(hours=1), answer=answer)
    note_use(**by(cast.lead), answer=answer)
    uses = {use.person: (use.times, use.used_at) for use in CannedAnswerUse.objects.filter(answer=answer)}
    assert uses == {cast.agent: (2, LATER + timedelta(hours=1)), cast.lead: (1, LATER)}
    with refuses("desk.canned_answer_of_others"):
        note_use(**by(), answer=answer)


@pytest.mark.django_db(transaction=True)
def test_two_first_uses_at_once_both_count(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ"))
    with meanwhile(lambda: note_use(**by(cast.agent), answer=answer)) as other:
        note_use(**by(cast.agent), answer=answer)
    assert other.waited and CannedAnswerUse.objects.get(answer=answer).times == 2

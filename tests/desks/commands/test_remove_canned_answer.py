"""A canned answer is deleted."""

from otklik.desks.commands.canned_answers import add_canned_answer, remove_canned_answer
from otklik.desks.models import CannedAnswer
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.canned_values import values


def test_who_may_change_it_deletes_it(cast: Cast) -> None:
    answer = add_canned_answer(**by(cast.lead), desk=cast.desk, values=values("Доступ"))
    own = add_canned_answer(**by(cast.agent), values=values("Мой"))
    with refuses("desk.leads_only"):
        remove_canned_answer(**by(cast.agent), answer=answer)
    with refuses("desk.canned_answer_of_others"):
        remove_canned_answer(**by(cast.lead), answer=own)
    with tells("desk.changed"), locks(CannedAnswer):
        remove_canned_answer(**by(cast.lead), answer=answer)
    with tells():
        remove_canned_answer(**by(cast.agent), answer=own)
    assert not CannedAnswer.objects.exists() and CannedAnswer.with_removed.filter(removed_at=LATER).count() == 2

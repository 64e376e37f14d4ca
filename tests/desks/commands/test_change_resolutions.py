"""`change_resolutions` sets the resolutions of closing transitions."""

from otklik.desks.commands.resolutions import change_resolutions
from otklik.desks.commands.settings import undo
from otklik.desks.models import Resolution, Transition
from otklik.journal.models import Event
from tests.acting import by, refuses, tells
from tests.cast import Cast


def closing(cast: Cast) -> Transition:
    return Transition.objects.filter(desk=cast.desk, name="Закрыть")[0]


def test_a_lead_says_it_for_a_step_with_one_event_and_takes_it_back(cast: Cast) -> None:
    step, declined = closing(cast), Resolution.objects.get(name="Отклонено")
    with tells("desk.changed"):
        assert change_resolutions(**by(cast.lead), desk=cast.desk, wanted={step.pk: declined.pk})
        assert not change_resolutions(**by(cast.lead), desk=cast.desk, wanted={step.pk: declined.pk})
    assert closing(cast).resolution == declined
    undo(**by(cast.lead), desk=cast.desk, event_id=Event.objects.latest("id").pk)
    assert closing(cast).resolution is None


def test_steps_of_other_desks_and_those_that_end_nothing_count_as_not_said(cast: Cast) -> None:
    elsewhere = Transition.objects.filter(desk=cast.other_desk, target__category="done")[0]
    going_on = Transition.objects.filter(desk=cast.desk, target__category="progress")[0]
    first = Resolution.objects.all()[0].pk
    with tells():
        assert not change_resolutions(**by(cast.lead), desk=cast.desk, wanted={elsewhere.pk: first, going_on.pk: first})


def test_agents_say_nothing_and_what_is_out_of_use_is_not_chosen_but_stays(cast: Cast) -> None:
    step, old = closing(cast), Resolution.objects.get(name="Дубликат")
    with refuses("desk.leads_only"):
        change_resolutions(**by(cast.agent), desk=cast.desk, wanted={step.pk: old.pk})
    Transition.objects.filter(pk=step.pk).update(resolution=old)
    Resolution.objects.filter(pk=old.pk).update(archived=True)
    assert not change_resolutions(**by(cast.lead), desk=cast.desk, wanted={step.pk: old.pk})
    other = Transition.objects.filter(desk=cast.desk, target__category="done").exclude(pk=step.pk).first() or step
    Transition.objects.filter(pk=other.pk).update(resolution=None)
    for chosen in (old.pk, 987654):
        with refuses("desk.resolution_unknown"):
            change_resolutions(**by(cast.lead), desk=cast.desk, wanted={other.pk: chosen})

"""`end_sessions` ends sessions."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from otklik.people.commands.sessions import end_sessions, sessions_of
from otklik.people.models import LoginSession
from tests.acting import by, tells
from tests.cast import Cast
from tests.portal.helpers import as_


def sessions(cast: Cast) -> list[LoginSession]:
    for client in (as_(cast.anna), as_(cast.anna), as_(cast.boris)):
        client.get("/")
    return list(LoginSession.objects.filter(person=cast.anna).order_by("pk"))


def test_all_but_the_named_one_end_with_one_event(cast: Cast) -> None:
    first, second = sessions(cast)
    with tells("person.sessions_ended"):
        for _ in range(2):
            end_sessions(**by(cast.anna), person=cast.anna, but=first.session_key)
    assert list(LoginSession.objects.filter(person=cast.anna)) == [first]
    assert not Session.objects.filter(pk=second.session_key).exists()
    assert LoginSession.objects.filter(person=cast.boris).exists()


def test_one_row_ends_alone_and_nobody_elses(cast: Cast) -> None:
    first, second = sessions(cast)
    other = LoginSession.objects.get(person=cast.boris)
    assert end_sessions(**by(cast.anna), person=cast.anna, only=other.pk) == 0
    assert end_sessions(**by(cast.anna), person=cast.anna, only=second.pk) == 1
    assert set(LoginSession.objects.all()) == {first, other}


def test_a_session_that_ran_out_is_not_shown_and_its_row_goes(cast: Cast) -> None:
    first, second = sessions(cast)
    Session.objects.filter(pk=first.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert sessions_of(cast.anna, timezone.now()) == [second]
    assert list(LoginSession.objects.filter(person=cast.anna)) == [second]

"""`note_session` records a session."""

from datetime import datetime, timedelta

from otklik.people.commands.sessions import note_session
from otklik.people.models import LoginSession
from tests.acting import LATER
from tests.cast import Cast


def noted(cast: Cast, key: str, former: str = "", at: datetime = LATER) -> None:
    note_session(person=cast.anna, session_key=key, former_key=former, address="10.0.0.1", browser="B" * 500, at=at)


def test_a_session_has_one_row_though_its_key_changes(cast: Cast) -> None:
    noted(cast, "one")
    noted(cast, "two", "one", LATER + timedelta(hours=1))
    row = LoginSession.objects.get()
    assert (row.session_key, row.created_at, row.seen_at) == ("two", LATER, LATER + timedelta(hours=1))
    assert len(row.browser) == 400


def test_the_key_of_another_session_stays(cast: Cast) -> None:
    noted(cast, "one")
    noted(cast, "other")
    noted(cast, "two", "one")
    noted(cast, "two", "two")
    assert set(LoginSession.objects.values_list("session_key", flat=True)) == {"two", "other"}

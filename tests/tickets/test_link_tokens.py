"""Signed links in mails: each does one thing, for one person, while they participate in the ticket."""

from collections.abc import Callable

import pytest

from otklik.people.models import Person
from otklik.tickets.models import Participant
from otklik.tickets.ratings import (
    entry_token,
    newcomer_of,
    rater_of,
    rating_token,
    reopen_token,
    reopener_of,
    stop_token,
    stopper_of,
)
from tests.cast import START, Cast

Make, Read = Callable[[Participant], str], Callable[[str], Participant | None]
LINKS: dict[str, tuple[Make, Read]] = {
    "rate": (rating_token, rater_of),
    "reopen": (reopen_token, reopener_of),
    "stop": (stop_token, stopper_of),
    "enter": (entry_token, newcomer_of),
}


@pytest.fixture
def anna(cast: Cast) -> Participant:
    """Return the participation of the requester, who has never logged in."""
    Person.objects.filter(pk=cast.anna.pk).update(activated_at=None)
    return Participant.objects.get(ticket=cast.ticket, person=cast.anna)


@pytest.mark.parametrize("name", LINKS)
def test_ab_36_a_link_is_worth_something_for_its_own_act_alone(anna: Participant, name: str) -> None:
    make, read = LINKS[name]
    token = make(anna)
    assert read(token) == anna
    assert [other for other in LINKS if LINKS[other][1](token)] == [name]
    assert read(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert read(f"{anna.pk}.{anna.epoch}") is None and read("") is None


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("gone", [{"removed_at": START, "epoch": 2}, {"epoch": 2}])
def test_ab_07_a_link_ends_with_its_persons_time_on_the_request(
    anna: Participant, name: str, gone: dict[str, object]
) -> None:
    make, read = LINKS[name]
    token = make(anna)
    Participant.objects.filter(pk=anna.pk).update(**gone)
    assert read(token) is None
    anna.refresh_from_db()
    assert (read(make(anna)) is None) is ("removed_at" in gone)


@pytest.mark.parametrize("name", LINKS)
def test_ab_07_a_link_of_somebody_switched_off_is_worth_nothing(anna: Participant, name: str) -> None:
    make, read = LINKS[name]
    Person.objects.filter(pk=anna.person_id).update(is_active=False)
    assert read(make(anna)) is None


def test_only_the_requester_rates_by_link(cast: Cast, anna: Participant) -> None:
    boris = Participant.objects.get(ticket=cast.ticket, person=cast.boris)
    assert rater_of(rating_token(boris)) is None and reopener_of(reopen_token(boris)) == boris


def test_who_has_logged_in_once_gets_no_code_by_a_link(cast: Cast, anna: Participant) -> None:
    Person.objects.filter(pk=anna.person_id).update(activated_at=START)
    assert newcomer_of(entry_token(anna)) is None and reopener_of(reopen_token(anna)) == anna


@pytest.mark.parametrize("name", LINKS)
def test_blanks_with_which_a_mail_program_broke_a_link_say_nothing(anna: Participant, name: str) -> None:
    make, read = LINKS[name]
    token = make(anna)
    for broken in (f"{token[:9]} {token[9:]}", f"{token[:30]}\r\n  {token[30:]}", f" {token}\xa0"):
        assert read(broken) == anna
    assert read(f"{token[:9]} x{token[9:]}") is None

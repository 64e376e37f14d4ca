"""Sharing with people and organizations: who finds whom, who sees what, who removes."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.people.models import Organization, Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.share import share_with_organization, share_with_person
from otklik.tickets.known_people import acquaintances
from otklik.tickets.models import Participant, SharedOrganization
from tests.cast import Cast, person
from tests.portal.helpers import as_, card, words_said
from tests.refusing import refused_as


@pytest.fixture
def hospital(cast: Cast) -> Organization:
    """Return the organization of Anna and Vera; Boris is not a member."""
    made = Organization.objects.create(name="Больница № 4")
    made.members.add(cast.anna, person("Вера Коллега", "vera@clinic.test"))
    return made


def vera() -> Person:
    return Person.objects.get(email="vera@clinic.test")


def found(who: Person, cast: Cast, words: str) -> str:
    return as_(who).get(card(cast, "/share/search"), {"email": words}).content.decode()


def test_a_colleague_is_found_by_a_part_of_the_name_and_added(cast: Cast, hospital: Organization) -> None:
    page = found(cast.anna, cast, "колл")
    assert "Вера Коллега" in page and "vera@clinic.test" not in page
    response = as_(cast.anna).post(card(cast, "/share"), {"person": vera().pk, "email": "колл"})
    assert response.status_code == 302
    row = Participant.objects.get(ticket=cast.ticket, person=vera())
    assert row.added_by == cast.anna and row.sees_from is not None
    assert "добавлено: Анна Петрова" in as_(cast.boris).get(card(cast)).content.decode()
    assert "Вера" not in found(cast.anna, cast, "колл")  # on it already


def test_ab_55_nobody_else_is_ever_found(cast: Cast, hospital: Organization) -> None:
    for words in ("Степан", "stranger@", "Олег", "а", "", "%", "_", "@"):
        page = found(cast.anna, cast, words)
        for name in ("Степан", "Олег", "Лидия", "Ада"):
            assert name not in page, words
    assert "Вера" not in found(cast.boris, cast, "Вера")
    assert as_(cast.stranger).get(card(cast, "/share/search"), {"email": "Анна"}).status_code == 404
    for who, number in ((cast.anna, cast.stranger.pk), (cast.boris, vera().pk), (cast.anna, 10**18), (cast.anna, "x")):
        assert as_(who).post(card(cast, "/share"), {"person": number}).status_code == 404
    with refused_as("ticket.address_incomplete"):
        share_with_person(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, person=cast.stranger)
    assert not Participant.objects.filter(person__in=[cast.stranger, vera()]).exists()


def test_who_was_taken_off_is_no_acquaintance_any_more(cast: Cast) -> None:
    assert acquaintances(cast.anna).filter(pk=cast.boris.pk).exists()
    remove_participant(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, person=cast.boris)
    assert not acquaintances(cast.anna).filter(pk=cast.boris.pk).exists()
    assert not acquaintances(cast.boris).filter(pk=cast.anna.pk).exists()


def test_members_of_an_organisation_see_all_of_it_write_and_get_the_answers(cast: Cast, hospital: Organization) -> None:
    assert as_(vera()).get(card(cast)).status_code == 404
    assert "Больница № 4" in as_(cast.anna).get(card(cast)).content.decode()
    response = as_(cast.anna).post(card(cast, "/share/organization"), {"organization": hospital.pk})
    assert response.status_code == 302
    page = as_(vera()).get(card(cast)).content.decode()
    assert "Протокол комиссии не открывается." in page and "Смотрим, ответим сегодня." in page
    assert "вся организация" in page
    assert not Participant.objects.filter(person=vera()).exists()
    as_(vera()).post(card(cast, "/comment"), {"comment": "и у меня"})
    assert Participant.objects.get(ticket=cast.ticket, person=vera()).removed_at is None
    assert readable_messages(vera(), cast.ticket, as_agent=False).count() == 3


def test_only_the_requester_shares_with_an_own_organisation(cast: Cast, hospital: Organization) -> None:
    other = Organization.objects.create(name="Чужая")
    hospital.members.add(cast.boris)
    for who, where in ((cast.anna, other), (cast.boris, hospital), (cast.agent, hospital), (cast.stranger, hospital)):
        assert as_(who).post(card(cast, "/share/organization"), {"organization": where.pk}).status_code == 404
        with refused_as("ticket.organization_not_of_requester"):
            share_with_organization(
                actor=Actor(who, "portal"), at=timezone.now(), ticket=cast.ticket, organization=where
            )
    assert not SharedOrganization.objects.exists()


def test_taken_off_or_out_of_the_organisation_means_out(cast: Cast, hospital: Organization) -> None:
    actor = Actor(cast.anna, "portal")
    share_with_organization(actor=actor, at=timezone.now(), ticket=cast.ticket, organization=hospital)
    address = card(cast, f"/share/organization/{hospital.pk}/remove")
    as_(vera()).post(address)
    as_(cast.boris).post(address)
    assert SharedOrganization.objects.exists()
    hospital.members.remove(vera())
    assert as_(vera()).get(card(cast)).status_code == 404
    hospital.members.add(vera())
    as_(cast.anna).post(address)
    assert as_(vera()).get(card(cast)).status_code == 404


def test_ab_55_nobody_learns_by_numbers_how_other_organisations_are_called(cast: Cast, hospital: Organization) -> None:
    """The answer would name an organization that was never on the ticket."""
    for who in (cast.anna, cast.boris, cast.agent):
        there = as_(who).post(card(cast, f"/share/organization/{hospital.pk}/remove"), follow=True)
        assert there.status_code == 404 and "Больница" not in there.content.decode()


def test_a_participant_who_joined_late_reads_all_once_it_is_shared_with_the_organisation(
    cast: Cast, hospital: Organization
) -> None:
    later = timezone.now() + timedelta(minutes=1)
    share_with_person(actor=Actor(cast.anna, "portal"), at=later, ticket=cast.ticket, person=vera())
    assert not readable_messages(vera(), cast.ticket, as_agent=False).exists()
    share_with_organization(actor=Actor(cast.anna, "portal"), at=later, ticket=cast.ticket, organization=hospital)
    assert readable_messages(vera(), cast.ticket, as_agent=False).count() == 2


def test_ab_90_sharing_by_name_says_when_no_mail_goes_out(
    cast: Cast, hospital: Organization, settings: Settings
) -> None:
    Person.objects.filter(pk=vera().pk).update(activated_at=None, heard_at=None)
    settings.BUDGET_SITE_HOUR = 0
    response = as_(cast.anna).post(card(cast, "/share"), {"person": vera().pk})
    (said,) = words_said(response)
    assert "Вера Коллега" in said and "vera@" not in said and "сообщите" in said.lower()


def test_sharing_by_name_with_somebody_heard_warns_of_nothing(
    cast: Cast, hospital: Organization, settings: Settings
) -> None:
    settings.BUDGET_SITE_HOUR = 0
    (said,) = words_said(as_(cast.anna).post(card(cast, "/share"), {"person": vera().pk}))
    assert "Вера Коллега" in said and "сообщите" not in said.lower()


@pytest.mark.parametrize(
    ("who", "by", "whole"),
    [("anna", "name", True), ("anna", "address", True), ("boris", "name", False), ("boris", "address", False)],
)
def test_ab_01_the_tick_that_shows_what_was_written_before_counts_for_the_requester_alone(
    cast: Cast, hospital: Organization, who: str, by: str, whole: bool
) -> None:
    hospital.members.add(cast.boris)
    sent = {"person": vera().pk} if by == "name" else {"email": "vera@clinic.test"}
    response = as_(getattr(cast, who)).post(card(cast, "/share"), {**sent, "history": "on"})
    assert response.status_code == 302
    assert (Participant.objects.get(ticket=cast.ticket, person=vera()).sees_from is None) is whole


def test_who_may_only_answer_an_approval_finds_nobody_to_share_with(cast: Cast, hospital: Organization) -> None:
    hospital.members.add(cast.stranger)
    ask_approval(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, people=[cast.stranger], rule="one"
    )
    assert acquaintances(cast.stranger).filter(pk=vera().pk).exists()
    assert "Вера" in found(cast.anna, cast, "Вера") and "Вера" not in found(cast.stranger, cast, "Вера")


def test_who_was_taken_off_already_is_not_found_to_be_taken_off(cast: Cast) -> None:
    anna, remove = as_(cast.anna), card(cast, f"/share/{cast.boris.pk}/remove")
    assert anna.post(remove).status_code == 302
    before = Event.objects.count()
    assert anna.post(remove).status_code == 404 and Event.objects.count() == before

"""Organizations: members, domains, and the access that they give."""

from datetime import timedelta

import pytest

from otklik.desks.models import Desk
from otklik.people.actor import Actor, system
from otklik.people.commands.organizations import (
    add_organization,
    remove_member,
    set_member,
)
from otklik.people.commands.persons import ensure_person, mark_proved
from otklik.people.models import Organization, Person
from otklik.tickets.access import customer_messages, customer_tickets, organization_tickets, visible_tickets
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import SharedOrganization, Ticket
from tests.cast import NOTE_CANARY, START, Cast
from tests.portal.helpers import as_
from tests.refusing import refused_as

LIST = "/servicedesk/customer/user/requests"


def made(name: str = "Клиника", **more: object) -> Organization:
    return add_organization(actor=system("cli"), at=START, name=name, **more)  # type: ignore[arg-type]


def joined(organization: Organization, person: Person, *, sees_all: bool = False, days: int = 0) -> None:
    at = START + timedelta(days=days)
    set_member(actor=system("cli"), at=at, organization=organization, person=person, sees_all=sees_all)


def opened(cast: Cast, person: Person, desk: Desk | None = None) -> Ticket:
    return open_ticket(
        actor=Actor(person, "portal"),
        at=START + timedelta(hours=2),
        desk=desk or cast.desk,
        channel="portal",
        subject="Пропал журнал",
        words=Words("Журнал записи пуст."),
        requester=person,
    )


def seen(person: Person) -> set[str]:
    """Return the keys that the person sees as a customer; the list and the single pages must agree."""
    listed = set(customer_tickets(person).values_list("key", flat=True))
    assert listed == set(visible_tickets(person).values_list("key", flat=True))
    return listed


@pytest.mark.parametrize(
    "domain", ["gmail.com", "mail.ru", "MAIL.RU", "user@yandex.ru", "localhost", "no domain", "пример"]
)
def test_ab_55_a_domain_of_free_mail_is_no_organisation(db: None, domain: str) -> None:
    with refused_as("person.domain_public", "person.domain_invalid"):
        made(domains=[domain])
    assert not Organization.objects.exists()


def test_ab_55_members_see_nothing_of_each_other_unless_somebody_says_so(cast: Cast) -> None:
    clinic = made()
    joined(clinic, cast.anna)
    joined(clinic, cast.stranger)
    opened(cast, cast.anna)
    assert seen(cast.stranger) == set()
    assert not organization_tickets(cast.stranger, clinic.pk).exists()


def test_ab_55_only_a_proved_address_joins_by_its_domain(cast: Cast) -> None:
    clinic = made(domains=["hospital.example"], open_inside=True)
    claimed, _ = ensure_person(address="eve@hospital.example", name="Ева", at=START)
    other, _ = ensure_person(address="eve@hospital.example.evil.test", name="Ева", at=START)
    mark_proved(person=other, at=START)
    assert not clinic.members.exists()
    mark_proved(person=claimed, at=START)
    assert list(clinic.members.all()) == [claimed]


def test_ab_55_who_only_wrote_from_an_address_does_not_join_when_the_domain_is_named(cast: Cast) -> None:
    ensure_person(address="eve@hospital.example", name="Ева", at=START)
    assert not made(domains=["hospital.example"]).members.exists()


def test_who_proved_an_address_earlier_joins_when_the_domain_is_named(cast: Cast) -> None:
    clinic = made(domains=["clinic.test"])
    assert set(clinic.members.all()) == {cast.anna, cast.boris}
    with refused_as("person.domain_taken"):
        made("Другая", domains=["clinic.test"])


def test_members_of_an_open_organisation_see_what_was_asked_since_they_joined(cast: Cast) -> None:
    clinic = made(open_inside=True)
    joined(clinic, cast.anna)
    joined(clinic, cast.stranger)
    ticket = opened(cast, cast.anna)
    opened(cast, cast.anna, cast.other_desk)
    assert seen(cast.stranger) == {ticket.key, "OTHER-1", "ACCREDO-1"}
    joined(clinic, cast.boris)  # belongs to it, so what he asked before stays his
    Ticket.objects.filter(key="ACCREDO-1").update(created_at=START - timedelta(days=1))
    assert seen(cast.stranger) == {ticket.key, "OTHER-1"}
    assert set(organization_tickets(cast.stranger, clinic.pk).values_list("key", flat=True)) == {ticket.key, "OTHER-1"}


def test_a_head_sees_all_and_the_others_nothing(cast: Cast) -> None:
    clinic = made()
    for person in (cast.anna, cast.boris):
        joined(clinic, person)
    joined(clinic, cast.stranger, sees_all=True)
    ticket = opened(cast, cast.anna)
    assert ticket.key in seen(cast.stranger) and ticket.key not in seen(cast.boris)
    remove_member(actor=system("cli"), at=START, organization=clinic, person=cast.stranger)
    assert seen(cast.stranger) == set()


def test_ab_44_another_organisation_opens_nothing(cast: Cast) -> None:
    clinic, other = made(open_inside=True), made("Другая", open_inside=True)
    joined(clinic, cast.anna)
    joined(other, cast.stranger)
    opened(cast, cast.anna)
    assert seen(cast.stranger) == set()
    assert not organization_tickets(cast.stranger, clinic.pk).exists()
    assert as_(cast.stranger).get(f"{LIST}?reporter=org-{clinic.pk}&status=all").content.decode().count("ACCREDO-") == 0
    assert as_(cast.stranger).get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1").status_code == 404


def test_ab_48_a_member_reads_what_customers_read(cast: Cast) -> None:
    clinic = made(open_inside=True)
    joined(clinic, cast.anna)
    joined(clinic, cast.stranger)
    Ticket.objects.update(created_at=START)
    page = as_(cast.stranger).get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1")
    assert page.status_code == 200 and NOTE_CANARY not in page.content.decode()
    assert "ACCREDO-1<" in as_(cast.stranger).get(f"{LIST}?reporter=org-{clinic.pk}&filter=комиссии").content.decode()
    assert "ACCREDO-1<" not in as_(cast.stranger).get(f"{LIST}?reporter=all&filter={NOTE_CANARY}").content.decode()


def test_who_joined_a_request_late_reads_it_all_as_a_member(cast: Cast) -> None:
    clinic = made(open_inside=True)
    joined(clinic, cast.anna)
    late = START + timedelta(days=1)
    add_participant(actor=Actor(cast.agent, "agent"), at=late, ticket=cast.ticket, person=cast.stranger)
    comment(actor=Actor(cast.agent, "agent"), at=late, ticket=cast.ticket, words=Words("Поздно."))
    before = customer_messages(cast.stranger).filter(ticket=cast.ticket).count()
    joined(clinic, cast.stranger)
    assert (before, customer_messages(cast.stranger).filter(ticket=cast.ticket).count()) == (1, 3)


def test_what_is_shared_with_the_organisation_is_in_its_list(cast: Cast) -> None:
    clinic = made()
    joined(clinic, cast.stranger)
    SharedOrganization.objects.create(ticket=cast.ticket, organization=clinic, added_at=START)
    assert seen(cast.stranger) == {"ACCREDO-1"}
    assert "ACCREDO-1<" in as_(cast.stranger).get(f"{LIST}?reporter=org-{clinic.pk}").content.decode()


def test_an_admin_does_it_all_on_pages(cast: Cast) -> None:
    admin, place = as_(cast.admin), "/secure/admin/organizations"
    assert admin.post(place, {"name": "Клиника", "domains": "mail.ru"}).status_code == 422
    response = admin.post(place, {"name": "Клиника", "domains": "clinic.test\nb.example", "open_inside": "on"})
    clinic = Organization.objects.get()
    assert response.headers["Location"] == f"{place}/{clinic.pk}" and clinic.open_inside
    assert admin.post(f"{place}/{clinic.pk}/members", {"address": "нет"}).status_code == 422
    admin.post(f"{place}/{clinic.pk}/members", {"address": "New@Person.test", "sees_all": "on"})
    assert clinic.memberships.get(person__email="new@person.test").sees_all
    admin.post(f"{place}/{clinic.pk}/members/{cast.anna.pk}/change", {"sees_all": "1"})
    assert clinic.memberships.get(person=cast.anna).sees_all
    page = admin.get(f"{place}/{clinic.pk}").content.decode()
    assert "Анна Петрова" in page and "Участники видят запросы друг друга" in page
    admin.post(f"{place}/{clinic.pk}/members/{cast.anna.pk}/remove")
    assert not clinic.memberships.filter(person=cast.anna).exists()
    assert "Клиника" in admin.get(place).content.decode()
    assert as_(cast.lead).get(place).status_code == 404

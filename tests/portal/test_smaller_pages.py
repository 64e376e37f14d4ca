"""Values of the portal's smaller pages in both branches of each condition, without templates."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from otklik.desks.models import TypeGroup
from otklik.mail.models import AddressTrouble
from otklik.people.models import AccountToken
from otklik.portal.listing import Look, Wanted
from otklik.portal.pages.desk import desk_page, phone_link
from otklik.portal.pages.help_center import center_page
from otklik.portal.pages.list_columns import columns_of, directions, offered_columns, offered_orders
from otklik.portal.pages.profile import Address, addresses, tabs
from otklik.portal.pages.rating import score_words
from tests.cast import START, Cast

SECOND = timedelta(seconds=1)


def test_one_tab_is_open() -> None:
    assert [tab.here for tab in tabs("contacts")] == [False, True, False, False, False]


def test_addresses_say_which_is_the_main_one_and_what_is_wrong_with_them(cast: Cast) -> None:
    assert addresses(cast.anna, START) == [Address("anna@clinic.test", primary=True, proved=True)]
    EmailAddress.objects.create(user=cast.anna, email="second@clinic.test", verified=False, primary=False)
    AddressTrouble.objects.create(address="second@clinic.test", words="", last_at=START, stopped_at=START)
    AddressTrouble.objects.create(address="anna@clinic.test", words="450 busy", last_at=START, stopped_at=None)
    first, second = addresses(cast.anna, START)
    # What was refused once is not stopped; what is stopped without words is told by its address.
    assert (first.refuses, first.proved) == ("", True)
    assert (second.refuses, second.proved, second.primary) == ("second@clinic.test", False, False)
    AddressTrouble.objects.filter(address="anna@clinic.test").update(stopped_at=START)
    assert addresses(cast.anna, START)[0].refuses == "450 busy"


def test_an_address_waits_for_its_proof_until_the_link_ends(cast: Cast) -> None:
    link = {"purpose": AccountToken.ADDRESS, "address": "new@clinic.test", "created_at": START}
    AccountToken.objects.create(person=cast.anna, digest="a" * 64, expires_at=START + SECOND, **link)
    AccountToken.objects.create(person=cast.boris, digest="b" * 64, expires_at=START + SECOND, **link)
    assert addresses(cast.anna, START)[1:] == [Address("new@clinic.test", waits=True)]
    assert addresses(cast.anna, START + SECOND)[1:] == []


def test_a_column_sorts_the_other_way_when_it_sorts_already() -> None:
    look = Look(columns=("reference", "created"), sort="createdDate", descending=True)
    wanted = Wanted(sort="createdDate", descending=True)
    by_number, by_time = columns_of(look, wanted)
    assert (by_time.sorted, by_number.sorted) == ("descending", "")
    assert "sortOrder=ASC" in by_time.url
    upward = columns_of(look, Wanted(sort="createdDate", descending=False))[1]
    assert upward.sorted == "ascending" and "ASC" not in upward.url


def test_what_is_chosen_of_the_look_is_marked() -> None:
    look = Look(columns=("reference", "created"), sort="createdDate", descending=False)
    assert [offer.value for offer in offered_columns(look) if offer.chosen] == ["reference", "created"]
    assert any(offer.fixed for offer in offered_columns(look))
    assert len([offer for offer in offered_orders(look) if offer.chosen]) == 1
    assert [(offer.value, offer.chosen) for offer in directions(look)] == [("DESC", False), ("ASC", True)]


@pytest.mark.parametrize(
    ("phone", "link"), [("", ""), ("+7 (495) 000-00-00", "+74950000000"), ("доб. 12", "12"), ("нет", "")]
)
def test_a_number_as_a_link_takes_it(cast: Cast, phone: str, link: str) -> None:
    cast.desk.phone = phone
    assert phone_link(cast.desk) == link


def sections(cast: Cast, **more: int | str) -> list[tuple[str, int]]:
    return [(section.name, len(section.types)) for section in desk_page(cast.desk, cast.anna, **more).sections]  # type: ignore[arg-type]


def test_types_stand_under_headings_where_there_are_two(cast: Cast) -> None:
    TypeGroup.objects.filter(desk=cast.desk).delete()
    kinds = desk_page(cast.desk, cast.anna).types
    rows = list(cast.desk.request_types.filter(hidden=False, archived=False).order_by("position"))
    assert sections(cast) == [("", len(kinds))] and len(rows) >= 2
    first = TypeGroup.objects.create(desk=cast.desk, name="Первая", position=1)
    first.types.add(rows[0])
    assert sections(cast) == [("", len(kinds))]
    second = TypeGroup.objects.create(desk=cast.desk, name="Вторая", position=2)
    assert sections(cast) == [("", len(kinds))]
    second.types.add(rows[1])
    rest = [("Остальные запросы", len(kinds) - 2)] if len(kinds) > 2 else []
    shown = sections(cast)
    assert shown[:2] == [("Первая", 1), ("Вторая", 1)] and [number for _name, number in shown[2:]] == [
        number for _name, number in rest
    ]
    assert sections(cast, group_id=second.pk) == [("Вторая", 1)]
    TypeGroup.objects.filter(pk=second.pk).update(archived=True)
    assert sections(cast) == [("", len(kinds))] and sections(cast, group_id=second.pk) == [("", len(kinds))]


def test_a_search_within_a_group_looks_everywhere(cast: Cast) -> None:
    group = TypeGroup.objects.create(desk=cast.desk, name="Первая", position=1)
    kind = cast.desk.request_types.filter(hidden=False, archived=False).order_by("position")[0]
    page = desk_page(cast.desk, cast.anna, group_id=group.pk, query=kind.name)
    assert page.group == "Первая" and any(kind.name == card.name for part in page.sections for card in part.types)
    assert page.missed is None
    nothing = desk_page(cast.desk, cast.anna, query="абракадабра")
    assert nothing.missed is not None
    assert desk_page(cast.desk, cast.anna).own is None


def test_other_ways_are_told_where_nothing_fits(cast: Cast) -> None:
    assert center_page(cast.anna).contacts == [] and center_page(cast.anna).missed is None
    fits = center_page(cast.anna, query=cast.desk.request_types.filter(hidden=False).order_by("position")[0].name)
    assert fits.found and fits.contacts == [] and fits.missed is None
    nothing = center_page(cast.anna, query="абракадабра")
    assert {contact.address for contact in nothing.contacts} == {"accredo@desk.test", "other@desk.test"}
    assert nothing.missed is not None and nothing.several


def test_every_score_has_words_and_nothing_else_has() -> None:
    assert all(map(score_words, range(1, 6))) and len(set(map(score_words, range(1, 6)))) == 5
    assert (score_words(0), score_words(6)) == ("", "")

"""The help centre and a desk's portal: groups, search, announcements, translations."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from otklik.desks.models import Center, TypeGroup
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.cast import START, Cast, as_
from tests.statement_caps import statements_at_most


def portal(cast: Cast, tail: str = "", **headers: str) -> str:
    return Client().get(f"/servicedesk/customer/portal/{cast.desk.pk}{tail}", headers=headers).content.decode()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ошибку", "Ошибка"),
        ("jib,rf", "Ошибка"),  # «ошибка» in the other layout
        ("консультации", "Получить техническую консультацию"),
        ("учётная", "Получить новую учетную запись"),
        ("УЧЕТНУЮ ЗАПИСЬ", "Получить новую учетную запись"),
    ],
)
def test_the_search_forgives_typing(cast: Cast, typed: str, found: str) -> None:
    page = portal(cast, f"?q={typed}")
    assert found in page and page.count('class="type-card"') == 1
    centre = Client().get("/servicedesk/customer/portals", {"q": typed}).content.decode()
    assert found in centre and "Другая служба" in centre


def test_nothing_found_is_said(cast: Cast) -> None:
    assert "Ничего похожего не нашлось" in portal(cast, "?q=бегемот")
    assert "type-card" in portal(cast, "?q=%00")


def test_the_nearest_comes_where_nothing_has_all_the_words(cast: Cast) -> None:
    page = portal(cast, "?q=протокол+ошибка+отчёта")
    assert page.count('class="type-card"') == 1 and "Ошибка" in page and "вот самое похожее" in page
    assert "?summary=%D0%BF%D1%80%D0%BE%D1%82%D0%BE%D0%BA%D0%BE%D0%BB" in page
    first = as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}?q=учётная+лампа").content.decode()
    account = cast.desk.request_types.get(name="Получить новую учетную запись")
    assert f"/create/{account.pk}?summary=" in first.split("near-miss")[1].split("</a>")[0]
    assert "Ничего похожего не нашлось" in portal(cast, "?q=не+видно")  # «не» alone makes nothing alike


def test_words_that_nothing_offers_become_a_request_of_a_type_that_one_chooses(cast: Cast) -> None:
    client = as_(cast.anna)
    page = client.get("/servicedesk/customer/portals", {"q": "бегемот"}).content.decode()
    assert "Ваши запросы с этими словами" not in page
    desk = re.search(rf'href="(/servicedesk/customer/portal/{cast.desk.pk}\?q=[^"]+)"', page)
    assert desk is not None
    page = client.get(unescape(desk[1])).content.decode()
    forms = re.findall(r'href="([^"]+summary=[^"]+)"', page)
    kinds = list(cast.desk.request_types.filter(hidden=False).order_by("position"))
    assert len(kinds) > 1
    assert all(f"/create/{kind.pk}?" in form for kind, form in zip(kinds, forms, strict=True))
    assert all(f"Спросить этими словами: {kind.name}" in " ".join(page.split()) for kind in kinds)
    assert 'value="бегемот"' in client.get(unescape(forms[-1])).content.decode()

    cast.desk.request_types.exclude(pk=kinds[1].pk).update(hidden=True)
    page = client.get("/servicedesk/customer/portals", {"q": "бегемот"}).content.decode()
    assert f"/create/{kinds[1].pk}?summary=" in page


def test_own_requests_with_the_words_are_named(cast: Cast) -> None:
    page = as_(cast.anna).get("/servicedesk/customer/portals", {"q": "протокол"}).content.decode()
    assert "Ваши запросы с этими словами" in page and "filter=" in page
    assert (
        "Ваши запросы с этими словами" not in Client().get("/servicedesk/customer/portals?q=протокол").content.decode()
    )


def test_as_you_type_only_the_types_come(cast: Cast) -> None:
    part = portal(cast, "?q=ошибка", **{"HX-Request": "true", "HX-Target": "types"})
    assert part.lstrip().startswith('<div id="types"') and "<html" not in part and "Ошибка" in part


def test_groups_gather_the_types(cast: Cast) -> None:
    kinds = list(cast.desk.request_types.order_by("position"))
    one = TypeGroup.objects.create(desk=cast.desk, name="Сбои", position=1, texts={"en": {"name": "Trouble"}})
    one.types.set(kinds[:1])
    assert "Сбои" not in portal(cast)  # one group alone needs no heading
    two = TypeGroup.objects.create(desk=cast.desk, name="Помощь", position=2)
    two.types.set(kinds[:2])
    page = portal(cast)
    assert page.index("Сбои") < page.index("Помощь") < page.index("Другие запросы")
    assert page.count("Сообщите, что работает не так") == 2
    alone = portal(cast, f"/group/{one.pk}")
    assert "Помощь" not in alone and "Сообщите, что работает не так" in alone and "консультаци" not in alone
    assert Client().get(f"/servicedesk/customer/portal/{cast.desk.pk}/group/99999").status_code == 404
    assert Client().get(f"/servicedesk/customer/portal/{cast.other_desk.pk}/group/{one.pk}").status_code == 404
    client = Client()
    client.cookies["otklik_language"] = "en"
    assert "Trouble" in client.get(f"/servicedesk/customer/portal/{cast.desk.pk}").content.decode()


def test_texts_come_in_the_readers_language(cast: Cast) -> None:
    cast.desk.texts = {"en": {"name": "Accreditation", "welcome": "Hello there"}}
    cast.desk.save()
    client = Client()
    client.cookies["otklik_language"] = "en"
    page = client.get(f"/servicedesk/customer/portal/{cast.desk.pk}").content.decode()
    assert "Accreditation" in page and "Hello there" in page and "В чем требуется помощь?" in page
    assert "Аккредитация" in portal(cast)


def test_an_announcement_for_the_centre_and_one_for_the_desk(cast: Cast) -> None:
    Center.objects.create(pk=1, announcement="Сегодня <b>не</b> работаем, 2*3*4", texts={})
    cast.desk.announcement = "**Ночью обновление**\n2. C:\\_x\\*.tmp"
    cast.desk.save()
    centre = Client().get("/servicedesk/customer/portals").content.decode()
    assert "Сегодня &lt;b&gt;не&lt;/b&gt; работаем, 2*3*4" in centre and "Ночью обновление" not in centre
    assert "<strong>Ночью обновление</strong>" in portal(cast) and "2. C:\\_x\\*.tmp" in portal(cast)


def test_the_portal_costs_the_same_for_many_types(cast: Cast) -> None:
    with statements_at_most("portal of a desk"):
        portal(cast)


def test_a_search_that_ends_in_nothing_says_where_else_one_is_heard(cast: Cast) -> None:
    cast.desk.phone = "+7 495 000-00-00"
    cast.desk.save()
    nothing = Client().get("/servicedesk/customer/portals", {"q": "ёлка"}).content.decode()
    assert "tel:+74950000000" in nothing and "mailto:accredo@desk.test" in nothing
    assert "tel:" not in Client().get("/servicedesk/customer/portals").content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "прот",  # the beginning of the last word
        "протоколы",  # another form of the word
        "заседаний протоколу",
        "ghjnjrjk",  # the other layout
        "ACCREDO-1",
        "accredo 1",
        "№1",
        "1",
        "ошибка",  # a type has it, too
        "протокол бегемота",  # half of the words
        "бегемот жираф протокол заседание",
    ],
)
def test_own_requests_are_found_however_they_are_called(cast: Cast, typed: str) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(subject="Ошибка: не открывается протокол заседания")
    for path in ("/servicedesk/customer/portals", f"/servicedesk/customer/portal/{cast.desk.pk}"):
        page = as_(cast.anna).get(path, {"q": typed}).content.decode()
        assert "Ошибка: не открывается протокол заседания" in page and "ACCREDO-1</span>" in page, path
        for other in (as_(cast.stranger), Client()):
            assert "ACCREDO-1" not in other.get(path, {"q": typed}).content.decode().replace(typed, "")


@pytest.mark.parametrize("typed", ["бегемот", "бегемот жираф протокол", "ACCREDO-2", "не", "%00", "'"])
def test_own_requests_that_share_too_little_are_not_named(cast: Cast, typed: str) -> None:
    page = as_(cast.anna).get("/servicedesk/customer/portals", {"q": typed}).content.decode()
    assert 'class="own-found"' not in page


def test_words_that_only_held_or_internal_messages_have_find_nothing(cast: Cast) -> None:
    note = Words("Секретный жираф")
    comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=note, kind="internal")
    page = as_(cast.anna).get("/servicedesk/customer/portals", {"q": "жираф протокол бегемот"}).content.decode()
    assert 'class="own-found"' not in page


@pytest.mark.parametrize("typed", ["протокол", "протокол бегемота"])
def test_ab_48_a_note_changes_no_order_of_own_requests(cast: Cast, typed: str) -> None:
    """The order would reveal to customers that staff discusses a ticket."""
    newer = open_ticket(
        actor=Actor(cast.anna, "portal"),
        at=START + timedelta(hours=1),
        desk=cast.desk,
        channel=Ticket.Channel.PORTAL,
        subject="Второй протокол",
        words=Words("Как прежде."),
        requester=cast.anna,
    )

    def shown() -> list[str]:
        page = as_(cast.anna).get("/servicedesk/customer/portals", {"q": typed}).content.decode()
        return re.findall(r"(ACCREDO-\d+)</span>", page)

    assert shown() == [newer.key, cast.ticket.key]
    later = START + timedelta(hours=2)
    comment(actor=Actor(cast.agent, "agent"), at=later, ticket=cast.ticket, words=Words("Между нами."), kind="internal")
    assert shown() == [newer.key, cast.ticket.key]

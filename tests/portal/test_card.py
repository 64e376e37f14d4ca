"""Actions on the card."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from otklik.desks.models import Transition
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant
from tests.cast import START, Cast
from tests.portal.helpers import as_, card, nonce, words_said
from tests.statement_caps import statements_at_most

ACTS = ["/comment", "/transition/1", "/share", "/share/1/remove", "/notifications"]


def shown(person: Person, cast: Cast, tail: str = "") -> str:
    return as_(person).get(card(cast, tail)).content.decode()


def transition(cast: Cast, name: str) -> Transition:
    return Transition.objects.get(desk=cast.desk, name=name)


def test_the_card_says_everything_of_the_story(cast: Cast) -> None:
    page = shown(cast.anna, cast)
    for words in (
        *("Не открывается протокол", 'data-status="Открытый"', "Прокомментировать запрос…", "Активность", "ПОСЛЕДНИЙ"),
        *("Смотрим, ответим сегодня.", "Глеб Орлов", "Подробнее", "Описание", "Приоритет", "Стандартный"),
        *("Протокол комиссии не открывается.", "Участники", "Борис Щукин", "Отключить уведомления", "Закрыть"),
        *('name="comment"', 'name="attachments"', 'data-kind="public"'),
    ):
        assert words in page, words


def test_each_message_is_marked_and_the_opening_is_the_last_of_the_activity(cast: Cast) -> None:
    page = shown(cast.anna, cast)
    activity, details = page.split("<aside")
    opening = Message.objects.get(ticket=cast.ticket, opening=True)
    answer = Message.objects.get(ticket=cast.ticket, opening=False, kind="public")
    assert activity.index(f'data-message="{answer.pk}"') < activity.index(f'data-message="{opening.pk}"')
    assert "Протокол комиссии не открывается." in details and "Прочитать целиком" not in details
    assert page.count("data-message=") == 2


def test_of_a_long_description_the_details_show_how_it_begins(cast: Cast) -> None:
    Message.objects.filter(ticket=cast.ticket, opening=True).update(text="Не входит. " * 100 + "Конец рассказа.")
    activity, details = shown(cast.anna, cast).split("<aside")
    assert "Конец рассказа." in activity and "Конец рассказа." not in details
    assert "Не входит." in details and "Прочитать целиком" in details


def test_the_newest_comes_first(cast: Cast) -> None:
    for minute in (1, 2):
        words = Words(f"слова {minute}")
        comment(actor=Actor(cast.anna, "portal"), at=START + timedelta(minutes=minute), ticket=cast.ticket, words=words)
    page = shown(cast.anna, cast)
    assert page.index("ПОСЛЕДНИЙ") < page.index("слова 2") < page.index("слова 1") < page.index("Смотрим, ответим")


def test_quoted_words_are_folded(cast: Cast) -> None:
    words = Words("Спасибо", quoted="Вы писали: <вчера>")
    comment(actor=Actor(cast.anna, "mail"), at=START, ticket=cast.ticket, words=words)
    page = shown(cast.anna, cast)
    folded = page.split('<details class="quoted">')[1].split("</details>")[0]
    assert "Вы писали: &lt;вчера&gt;" in folded


def test_a_comment_is_added_with_its_files(cast: Cast, home: Path) -> None:
    files = [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")]
    response = as_(cast.boris).post(card(cast, "/comment"), {"comment": "И у меня", "attachments": files})
    message = Message.objects.latest("id")
    assert response["Location"] == f"{card(cast)}#message-{message.pk}"
    assert (message.author, message.kind, message.text) == (cast.boris, "public", "И у меня")
    assert message.attachments.count() == 2
    assert "И у меня" in shown(cast.anna, cast)


def test_an_agent_who_comments_here_speaks_publicly(cast: Cast) -> None:
    as_(cast.agent).post(card(cast, "/comment"), {"comment": "Ответ с портала", "kind": "internal"})
    assert Message.objects.latest("id").kind == "public"


def test_an_empty_comment_is_refused_on_the_spot(cast: Cast) -> None:
    response = as_(cast.anna).post(card(cast, "/comment"), {"comment": "  "})
    assert response.status_code == 422
    assert 'id="comment-error"' in response.content.decode()


def test_rl_33_a_comment_sent_twice_is_said_once(cast: Cast) -> None:
    anna = as_(cast.anna)
    words = {"comment": "один раз", "nonce": nonce(anna.get(card(cast)).content.decode())}
    places = {anna.post(card(cast, "/comment"), words)["Location"] for _ in range(3)}
    assert len(places) == 1
    assert Message.objects.filter(text="один раз").count() == 1


def test_rl_36_a_comment_survives_a_session_that_ended(cast: Cast) -> None:
    client = Client()
    response = client.post(card(cast, "/comment"), {"comment": "долго писал"})
    assert response["Location"] == f"/servicedesk/customer/user/login?next={card(cast)}"
    client.force_login(cast.anna)
    assert "долго писал" in client.get(card(cast)).content.decode()


def test_customers_close_and_open_again(cast: Cast) -> None:
    anna = as_(cast.anna)
    assert "Взять в работу" not in shown(cast.agent, cast)
    anna.post(card(cast, f"/transition/{transition(cast, 'Закрыть').pk}"))
    page = shown(cast.anna, cast)
    assert 'data-status="Закрыт"' in page and "Статус изменён на <strong>Закрыт</strong>" in page
    anna.post(card(cast, f"/transition/{transition(cast, 'Открыть снова').pk}"))
    assert 'data-status="Открытый"' in shown(cast.anna, cast)


@pytest.mark.parametrize("name", ["Взять в работу", "Открыть снова"])
def test_other_transitions_are_not_for_customers_nor_now(cast: Cast, name: str) -> None:
    for person in (cast.anna, cast.agent):
        response = as_(person).post(card(cast, f"/transition/{transition(cast, name).pk}"))
        assert response.status_code == 302 and "изменился" in words_said(response)[0]
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == "Открытый"


def test_a_reply_to_a_closed_request_shows_that_it_is_open_again(cast: Cast) -> None:
    actor = Actor(cast.agent, "agent")
    change_status(actor=actor, at=timezone.now(), ticket=cast.ticket, transition=transition(cast, "Закрыть"))
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "снова сломалось"})
    page = shown(cast.anna, cast)
    assert 'data-status="Открытый"' in page and "Статус изменён на <strong>Открытый</strong>" in page


def test_sharing_adds_a_person_who_sees_what_comes_later(cast: Cast) -> None:
    response = as_(cast.anna).post(card(cast, "/share"), {"email": " Vera@Clinic.Test "})
    assert response.status_code == 302
    vera = Person.objects.get(email="vera@clinic.test")
    page = shown(vera, cast)
    assert "Протокол комиссии не открывается." not in page and "Смотрим" not in page
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "теперь нас трое"})
    assert "теперь нас трое" in shown(vera, cast)


@pytest.mark.parametrize("address", ["", "nonsense", "a@b@c.test", "accredo@desk.test", "x@y.test\nBcc: z@z.test"])
def test_what_is_no_persons_address_is_refused_and_kept(cast: Cast, address: str) -> None:
    response = as_(cast.anna).post(card(cast, "/share"), {"email": address})
    assert response.status_code == 422 and 'id="share-error"' in response.content.decode()
    assert Participant.objects.filter(ticket=cast.ticket).count() == 2


def test_ab_90_sharing_has_an_end(cast: Cast) -> None:
    anna = as_(cast.anna)
    codes = [anna.post(card(cast, "/share"), {"email": f"p{n}@many.test"}).status_code for n in range(12)]
    assert codes == [302] * 10 + [422] * 2  # ten people who never wrote, a day


def test_people_can_be_removed_but_not_the_requester(cast: Cast) -> None:
    as_(cast.anna).post(card(cast, f"/share/{cast.boris.pk}/remove"))
    assert as_(cast.boris).get(card(cast)).status_code == 404
    as_(cast.anna).post(card(cast, f"/share/{cast.anna.pk}/remove"))
    assert as_(cast.anna).get(card(cast)).status_code == 200
    assert as_(cast.anna).post(card(cast, f"/share/{cast.stranger.pk}/remove")).status_code == 404


def test_who_leaves_goes_back_to_the_list(cast: Cast) -> None:
    response = as_(cast.boris).post(card(cast, f"/share/{cast.boris.pk}/remove"))
    assert response["Location"] == "/servicedesk/customer/user/requests"


def test_mails_can_be_turned_off_and_on_for_oneself(cast: Cast) -> None:
    as_(cast.boris).post(card(cast, "/notifications"), {"muted": "1"})
    assert Participant.objects.get(person=cast.boris).muted and not Participant.objects.get(person=cast.anna).muted
    assert "Включить уведомления" in shown(cast.boris, cast)
    as_(cast.boris).post(card(cast, "/notifications"), {"muted": "0"})
    assert not Participant.objects.get(person=cast.boris).muted
    assert "уведомления" not in shown(cast.agent, cast)


@pytest.mark.parametrize("act", ACTS)
def test_ab_44_acts_hide_from_strangers_and_take_no_get(cast: Cast, act: str) -> None:
    for person in (cast.stranger, cast.agent_elsewhere):
        assert as_(person).post(card(cast, act), {"comment": "x", "email": "a@b.test"}).status_code == 404
        assert as_(person).get(card(cast, act)).status_code == 404
    assert as_(cast.anna).get(card(cast, act)).status_code == 405
    assert Client().post(card(cast, act))["Location"] == f"/servicedesk/customer/user/login?next={card(cast)}"
    assert Message.objects.count() == 3 and Participant.objects.count() == 2


def test_the_open_page_asks_for_news_and_mostly_gets_nothing(cast: Cast) -> None:
    anna = as_(cast.anna)
    address = anna.get(card(cast)).content.decode().split('hx-get="')[1].split('"')[0]
    assert (anna.get(address).status_code, anna.get(address).content) == (204, b"")
    comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words("внутри"), kind="internal")
    assert anna.get(address).status_code == 204
    comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words("готово"))
    news = anna.get(address)
    assert news.status_code == 200 and "готово" in news.content.decode() and "<html" not in news.content.decode()


def test_a_change_of_status_is_news_too(cast: Cast) -> None:
    anna = as_(cast.anna)
    address = anna.get(card(cast)).content.decode().split('hx-get="')[1].split('"')[0]
    actor = Actor(cast.agent, "agent")
    change_status(actor=actor, at=START, ticket=cast.ticket, transition=transition(cast, "Взять в работу"))
    news = anna.get(address).content.decode()
    assert 'data-status="В работе"' in news and 'hx-swap-oob="true"' in news


def test_asking_for_news_costs_few_queries_and_keeps_an_open_page_open(cast: Cast) -> None:
    anna = as_(cast.anna)
    address = anna.get(card(cast)).content.decode().split('hx-get="')[1].split('"')[0]
    with statements_at_most("card poll"):
        anna.get(address)
    assert Client().get(address).status_code == 204
    assert as_(cast.stranger).get(address).status_code == 404


def test_a_longer_card_costs_no_more_queries(cast: Cast, home: Path) -> None:
    anna = as_(cast.anna)

    def cost() -> int:
        with statements_at_most("card") as asked:
            anna.get(card(cast))
        return len(asked)

    as_(cast.boris).post(card(cast, "/comment"), {"comment": "x", "attachments": SimpleUploadedFile("a", b"a")})
    short = cost()
    for n in range(5):
        as_(cast.boris).post(card(cast, "/comment"), {"comment": f"{n}", "attachments": SimpleUploadedFile("b", b"b")})
        add_participant(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, person=cast.lead)
    assert cost() == short


def test_closing_is_taken_back_by_one_click_right_afterwards(cast: Cast) -> None:
    anna = as_(cast.anna)
    close = re.search(r'action="([^"]+/transition/\d+)"', anna.get(card(cast)).content.decode())
    assert close
    shown = anna.post(close.group(1), follow=True).content.decode()
    back = re.search(r'undo-closing[^>]+action="([^"]+/transition/\d+)"', shown)
    assert back and "Открыть снова" in shown.split("undo-closing")[1].split("</form>")[0]
    assert "undo-closing" not in anna.get(card(cast)).content.decode(), "only right after the act"
    assert "undo-closing" not in anna.post(back.group(1), follow=True).content.decode()
    cast.ticket.refresh_from_db()
    assert cast.ticket.closed_at is None


def test_a_desk_that_lets_nobody_reopen_offers_nothing(cast: Cast) -> None:
    Transition.objects.filter(desk=cast.desk, name="Открыть снова").update(for_customers=False)
    anna = as_(cast.anna)
    close = re.search(r'action="([^"]+/transition/\d+)"', anna.get(card(cast)).content.decode())
    assert close and "undo-closing" not in anna.post(close.group(1), follow=True).content.decode()

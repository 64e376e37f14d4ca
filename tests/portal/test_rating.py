"""Ratings from 1 to 5: on the card, by the links of the closing mail, and permissions."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from otklik.desks.models import Desk, Transition
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.rate import rate
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Participant, Rating
from otklik.tickets.ratings import average_of, rating_token, reopen_token, stop_token
from otklik.worker.dispatch import dispatch_next
from tests.cast import Cast
from tests.portal.helpers import as_, card
from tests.refusing import refused_as


def close(cast: Cast, days_ago: float = 0) -> None:
    row = Transition.objects.get(desk=cast.desk, name="Закрыть")
    at = timezone.now() - timedelta(days=days_ago)
    change_status(actor=Actor(cast.agent, "agent"), at=at, ticket=cast.ticket, transition=row)
    cast.ticket.refresh_from_db()


def links(cast: Cast) -> list[str]:
    """Return the paths of the rating links in the closing mail."""
    while dispatch_next():
        pass
    mail = OutboundMail.objects.get(recipient="anna@clinic.test", kind="closed")
    return [address.partition("//")[2].partition("/")[2] for address in re.findall(r"\d: (http\S+)", mail.text)]


def test_the_requester_rates_on_the_card_and_agents_see_it(cast: Cast) -> None:
    anna = as_(cast.anna)
    assert "rating-panel" not in anna.get(card(cast)).content.decode()
    close(cast)
    assert "Как мы вам помогли?" in anna.get(card(cast)).content.decode()
    assert anna.post(card(cast, "/rating"), {"score": "4", "words": "Быстро, но с третьего раза"}).status_code == 302
    rating = Rating.objects.get()
    assert (rating.score, rating.words, rating.person) == (4, "Быстро, но с третьего раза", cast.anna)
    staff = as_(cast.agent).get(f"/browse/{cast.ticket.key}").content.decode()
    assert "4 из 5" in staff and "Быстро, но с третьего раза" in staff
    assert Event.objects.get(kind="ticket.rated").data["score"] == 4
    cast.ticket.refresh_from_db()
    assert cast.ticket.closed_at is not None


def test_a_rating_may_be_changed_for_some_days_and_the_journal_keeps_both(cast: Cast) -> None:
    close(cast, days_ago=2)
    for score in ("2", "5"):
        as_(cast.anna).post(card(cast, "/rating"), {"score": score})
    assert Rating.objects.get().score == 5
    assert [event.data.get("before") for event in Event.objects.filter(kind="ticket.rated").order_by("id")] == [None, 2]
    Desk.objects.update(rating_days=1)
    as_(cast.anna).post(card(cast, "/rating"), {"score": "1"})
    assert Rating.objects.get().score == 5
    assert "Ваша оценка: 5 из 5." in as_(cast.anna).get(card(cast)).content.decode()


def test_a_rating_without_words_takes_none_back_and_other_words_replace_them(cast: Cast) -> None:
    close(cast)
    said = [(5, " Спасибо "), (3, ""), (3, "  "), (4, "Долго")]
    anna, now = Actor(cast.anna, "portal"), timezone.now()
    kept = [rate(actor=anna, at=now, ticket=cast.ticket, score=score, words=words).words for score, words in said]
    assert kept == ["Спасибо", "Спасибо", "Спасибо", "Долго"] and Rating.objects.get().score == 4
    told = Event.objects.filter(kind="ticket.rated").order_by("id").values_list("data__before", "data__words")
    assert list(told) == [(None, "Спасибо"), (5, "Спасибо"), (3, "Спасибо"), (3, "Долго")]


def test_nobody_but_the_requester_of_a_closed_request_rates(cast: Cast) -> None:
    now = timezone.now()
    with refused_as("ticket.not_ratable"):
        rate(actor=Actor(cast.anna, "portal"), at=now, ticket=cast.ticket, score=5)
    close(cast)
    for person in (cast.boris, cast.agent, cast.stranger, cast.admin):
        with refused_as("ticket.not_ratable"):
            rate(actor=Actor(person, "portal"), at=now, ticket=cast.ticket, score=5)
    for score in (0, 6, -1):
        with refused_as("ticket.rating_invalid"):
            rate(actor=Actor(cast.anna, "portal"), at=now, ticket=cast.ticket, score=score)
    with refused_as("ticket.not_ratable"):
        rate(actor=Actor(cast.anna, "portal"), at=now + timedelta(days=15), ticket=cast.ticket, score=5)
    assert "rating-panel" not in as_(cast.boris).get(card(cast)).content.decode()
    assert not Rating.objects.exists()


def test_five_links_of_the_closing_mail_rate_without_login_and_looking_changes_nothing(cast: Cast) -> None:
    close(cast)
    found = links(cast)
    assert len(found) == 5
    for address in found:
        for look in ("get", "head"):  # what scanners of mails do
            assert getattr(Client(), look)(f"/{address}").status_code == 200
    assert not Rating.objects.exists() and not Event.objects.filter(kind="ticket.rated").exists()
    page = Client().get("/" + found[1]).content.decode()
    assert re.search(r'value="4" required checked', page) and page.count(" checked") == 1
    assert cast.ticket.subject not in page and "Протокол" not in page
    done = Client().post("/" + found[1], {"score": "4", "words": "спасибо"})
    assert "Оценка сохранена" in done.content.decode()
    assert (Rating.objects.get().score, Rating.objects.get().person) == (4, cast.anna)


def test_words_without_a_number_stay_in_their_box(cast: Cast) -> None:
    close(cast)
    (address, *_rest) = links(cast)
    refused = Client().post("/" + address, {"words": "быстро и вежливо"})
    assert refused.status_code == 422 and "быстро и вежливо</textarea>" in refused.content.decode()
    for sent in ({"words": "на карточке"}, {"words": "на карточке", "score": "six"}):
        refused = as_(cast.anna).post(card(cast, "/rating"), sent)
        page = refused.content.decode()
        assert refused.status_code == 422 and "на карточке</textarea>" in page and "Выберите оценку от 1 до 5" in page
    long = "я" * 4_990 + "\r\n" * 10  # what a browser's own count of 5,000 lets through
    assert Client().post("/" + address, {"score": "5", "words": long}).status_code == 200
    assert Rating.objects.get().words.startswith("яяя")


def test_what_the_links_of_mails_show_names_the_desk_in_the_readers_language(cast: Cast) -> None:
    Desk.objects.filter(pk=cast.desk.pk).update(texts={"en": {"name": "Accreditation desk"}})
    close(cast)
    row = Participant.objects.get(ticket=cast.ticket, person=cast.anna)
    reader = Client(headers={"Accept-Language": "en"})
    reader.cookies["otklik_language"] = "en"
    for name, token in (("rating", rating_token(row)), ("reopen", reopen_token(row)), ("unsubscribe", stop_token(row))):
        page = reader.get(f"/servicedesk/customer/{name}/{token}").content.decode()
        assert "Accreditation desk" in page and cast.desk.name not in page, name


def test_only_the_requesters_mail_has_the_links(cast: Cast) -> None:
    close(cast)
    assert links(cast)
    assert "/rating/" not in OutboundMail.objects.get(recipient="boris@clinic.test", kind="closed").text


def test_a_desk_that_does_not_ask_mails_no_links(cast: Cast) -> None:
    Desk.objects.update(rating_days=0)
    close(cast)
    assert links(cast) == []
    assert "rating-panel" not in as_(cast.anna).get(card(cast)).content.decode()


def test_links_of_others_and_forged_ones_lead_nowhere(cast: Cast) -> None:
    close(cast)
    row = Participant.objects.get(ticket=cast.ticket, person=cast.anna)
    token = rating_token(row)
    other = rating_token(Participant.objects.get(ticket=cast.ticket, person=cast.boris))
    for wrong in (other, token[:-1] + ("A" if token[-1] != "A" else "B"), f"9{token}", "x", "1.1:", ":"):
        for act in ("get", "post"):
            assert getattr(Client(), act)(f"/servicedesk/customer/rating/{wrong}", {"score": 5}).status_code == 404
    Participant.objects.filter(pk=row.pk).update(epoch=row.epoch + 1)
    assert Client().get(f"/servicedesk/customer/rating/{token}").status_code == 404


def test_a_link_of_a_request_that_is_open_again_says_so(cast: Cast) -> None:
    close(cast)
    (address, *_rest) = links(cast)
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "опять"})
    assert "оценить нельзя" in Client().get("/" + address).content.decode()
    assert Client().post("/" + address, {"score": 5}).status_code == 422
    assert not Rating.objects.exists()


def test_ab_66_words_of_a_rating_stay_words(cast: Cast) -> None:
    close(cast)
    as_(cast.anna).post(card(cast, "/rating"), {"score": "1", "words": '"><img src=x onerror=pwn(1)>'})
    for page in (as_(cast.agent).get(f"/browse/{cast.ticket.key}"), as_(cast.anna).get(card(cast))):
        assert "<img src=x" not in page.content.decode()


def test_the_average_of_a_desk(cast: Cast) -> None:
    now = timezone.now()
    assert (average_of(cast.desk, now).mean, average_of(cast.desk, now).count) == (None, 0)
    close(cast)
    rate(actor=Actor(cast.anna, "portal"), at=now, ticket=cast.ticket, score=4)
    assert (average_of(cast.desk, now).mean, average_of(cast.desk, now).count) == (4.0, 1)
    assert average_of(cast.other_desk, now).count == 0
    assert average_of(cast.desk, now + timedelta(days=100)).count == 0

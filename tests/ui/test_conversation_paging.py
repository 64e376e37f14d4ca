"""Long conversations on portal and workspace: the newest entries are shown, the others on request."""

import re
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from otklik.ui.conversation_paging import (
    FULL_LOAD_LIMIT,
    MAX_CHARS,
    MAX_PINNED,
    NEWEST,
    PAGE_SIZE,
    SHOWN,
    SPARE,
    Window,
    conversation_page,
    window_of,
)
from tests.cast import Cast
from tests.portal.helpers import as_, card

MANY = SHOWN + SPARE + 5


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="message-(\d+)"', page)]


@pytest.fixture
def long(cast: Cast) -> Cast:
    """Return the cast, with a ticket on which customer and agent wrote in turn."""
    for number in range(MANY):
        author, kind = (cast.anna, "portal") if number % 2 else (cast.agent, "agent")
        at = timezone.now() + timedelta(seconds=number)
        comment(actor=Actor(author, kind), at=at, ticket=cast.ticket, words=Words(f"Слова {number}"))
    return cast


def public(cast: Cast) -> list[int]:
    return list(Message.objects.filter(ticket=cast.ticket, kind="public").order_by("id").values_list("pk", flat=True))


def page(person: Person, path: str, **headers: str) -> str:
    return as_(person).get(path, headers=headers).content.decode()


def test_the_card_shows_the_newest_and_how_it_began(long: Cast) -> None:
    there, every = shown(page(long.anna, card(long))), public(long)
    assert there[-1] == every[0], "the opening"
    assert there[:-1] == every[::-1][: len(there) - 1]
    assert SHOWN // 2 <= len(there) <= SHOWN + 1 < len(every)


def test_the_card_says_how_many_are_earlier_and_shows_them_when_asked(long: Cast) -> None:
    folded, whole = page(long.anna, card(long)), page(long.anna, card(long, "?all=1"))
    assert shown(whole) == public(long)[::-1]
    assert f'href="{card(long)}?all=1#activity"' in folded and "data-earlier" not in whole
    [number] = re.findall(r"Показать ещё (\d+)", folded)
    entries = r'<li id="entry-\d+">|<li class="event-line">'
    assert len(re.findall(entries, folded)) + int(number) == len(re.findall(entries, whole))


def test_an_open_card_stays_as_it_was_opened(long: Cast) -> None:
    folded = page(long.anna, card(long, "/activity?seen=old"))
    whole = page(long.anna, card(long, "/activity?seen=old&all=1"))
    assert "data-earlier" in folded and len(shown(folded)) < len(shown(whole)) == len(public(long))
    assert "&amp;all=1" in whole and "&amp;all=1" not in folded


def test_the_question_that_the_card_leads_to_is_there(long: Cast) -> None:
    waiting = long.desk.statuses.get(category="waiting")
    long.ticket.status = waiting
    long.ticket.save()
    question = Message.objects.filter(ticket=long.ticket, author=long.agent, kind="public").order_by("id")[1]
    Message.objects.filter(ticket=long.ticket, author=long.agent, pk__gt=question.pk).update(
        author=long.anna, side=Message.Side.CUSTOMER
    )
    there = page(long.anna, card(long))
    assert f'href="#message-{question.pk}"' in there and question.pk in shown(there)


def test_staff_see_the_opening_and_the_newest(long: Cast) -> None:
    address = f"/browse/{long.ticket.key}"
    folded, whole = page(long.agent, address), page(long.agent, f"{address}?all=1")
    every = shown(whole)
    there = shown(folded)
    assert there[0] == every[0] and there[1:] == every[-len(there) + 1 :]
    assert len(there) < len(every)
    # Right behind the opening, where the others would be.
    assert folded.index(f"message-{every[0]}") < folded.index("data-earlier") < folded.index(f"message-{there[1]}")
    assert "data-earlier" not in whole


def test_what_is_held_is_not_folded_away(long: Cast) -> None:
    held = Message.objects.filter(ticket=long.ticket).order_by("id")[3]
    Message.objects.filter(pk=held.pk).update(held=True)
    assert held.pk in shown(page(long.agent, f"/browse/{long.ticket.key}"))


def test_held_mails_do_not_make_a_page_endless(long: Cast) -> None:
    """Anybody who knows one reply address can send any number of them."""
    opening = Message.objects.get(ticket=long.ticket, opening=True)
    Message.objects.bulk_create(
        Message(ticket=long.ticket, created_at=timezone.now() - timedelta(days=1), held=True, text=f"Чужое {number}")
        for number in range(SHOWN + SPARE + MAX_PINNED + 5)
    )
    there = page(long.agent, f"/browse/{long.ticket.key}")
    assert len(shown(there)) <= SHOWN + MAX_PINNED + 1 and opening.pk in shown(there)
    number = Message.objects.filter(ticket=long.ticket).count()
    assert len(shown(page(long.agent, f"/browse/{long.ticket.key}?all=1"))) == number


@pytest.mark.parametrize("face", ["card", "ticket"])
def test_long_messages_do_not_make_a_page_slow(cast: Cast, face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages that the page does not show are not rendered."""
    at = timezone.now()
    for number in range(12):
        words = Words(f"Слова {number} " + "x" * (MAX_CHARS // 6))
        comment(actor=Actor(cast.anna, "portal"), at=at + timedelta(seconds=number), ticket=cast.ticket, words=words)
    made: list[str] = []
    for module in ("otklik.portal.pages.activity", "otklik.workspace.pages.conversation"):
        drawing = import_module(module).words_html
        monkeypatch.setattr(
            f"{module}.words_html", lambda text, *more, draw=drawing: made.append(text) or draw(text, *more)
        )
    reader, path = (cast.anna, card(cast)) if face == "card" else (cast.agent, f"/browse/{cast.ticket.key}")
    there, drawn = page(reader, path), sum(map(len, made))
    assert MAX_CHARS / 2 < drawn < 1.5 * MAX_CHARS
    assert "Слова 11 " in there and "Слова 3 " not in there and "data-earlier" in there
    assert public(cast)[0] in shown(there)
    assert set(public(cast)) <= set(shown(page(reader, f"{path}?all=1")))


@pytest.mark.parametrize("face", ["card", "ticket"])
@pytest.mark.parametrize("asked", ["", "?all=1", "?all=before-{}"])
def test_of_a_flooded_request_only_those_are_read_that_may_be_shown(
    cast: Cast, face: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its messages may not fit into memory."""
    at = timezone.now()
    rows = Message.objects.bulk_create(
        Message(
            ticket=cast.ticket, kind="public", author=cast.anna, text=f"Слова {number}", html="<p>x",
            created_at=at + timedelta(seconds=number), edited_at=at if number == 3 else None,
        )
        for number in range(FULL_LOAD_LIMIT * 3)
    )  # fmt: skip
    reader, path = (cast.anna, card(cast)) if face == "card" else (cast.agent, f"/browse/{cast.ticket.key}")
    short = page(reader, path + asked.format(rows[-5].pk))
    read: list[int] = []
    make = Message.from_db.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Message], db: str, names: Sequence[str], values: Sequence[object]) -> Message:
        if {"text", "html", "layout", "quoted"} & set(names):
            read.append(1)
        return make(cls, db, names, values)  # type: ignore[no-any-return]

    monkeypatch.setattr(Message, "from_db", classmethod(counted))
    there = page(reader, path + asked.format(rows[-5].pk))
    assert shown(there) == shown(short) and FULL_LOAD_LIMIT < len(read) <= 2 * FULL_LOAD_LIMIT + MAX_PINNED
    later = {rows[-number].pk for number in range(1, 6)}
    assert bool(later & set(shown(there))) is ("before" not in asked)
    assert len(shown(there)) >= SHOWN and public(cast)[0] in shown(there)
    [number] = re.findall(r"Показать ещё (\d+)", there)
    assert int(number) >= FULL_LOAD_LIMIT * 3 - 5 - PAGE_SIZE


def test_an_open_ticket_stays_as_it_was_opened(long: Cast) -> None:
    address = f"/browse/{long.ticket.key}"
    whole, folded = page(long.agent, f"{address}?all=1"), page(long.agent, address)
    assert re.search(r'name="all" value="1" id="whole"', whole)
    assert re.search(r'name="all" value="" id="whole"', folded)
    [news] = re.findall(rf'hx-get="(/[^"?]*{long.ticket.key}[^"?]*)\?[^"]*" *\n? *hx-trigger="every', whole)
    client = as_(long.agent)
    live = client.get(f"{news}?shows=old&seen=0&all=1", headers={"HX-Request": "true"}).content.decode()
    assert len(shown(live)) == len(shown(whole))


def test_after_an_act_an_open_ticket_stays_as_it_was_opened(long: Cast) -> None:
    client: Client = as_(long.agent)
    address = f"/browse/{long.ticket.key}"
    whole = client.get(f"{address}?all=1").content.decode()
    [act] = set(re.findall(r'hx-post="([^"]*/priority)"', whole))
    long.ticket.refresh_from_db()
    [seen] = set(re.findall(r'name="seen" value="(\d+)"', whole))
    sent = {"priority": long.ticket.priority_id, "before": long.ticket.priority_id, "version": long.ticket.version}
    sent["seen"] = int(seen)
    for said, number in (("1", len(shown(whole))), ("", len(shown(client.get(address).content.decode())))):
        live = client.post(act, {**sent, "all": said}, headers={"HX-Request": "true"})
        assert live.status_code == 200 and len(shown(live.content.decode())) == number


@pytest.mark.parametrize("face", ["card", "ticket"])
@pytest.mark.parametrize("limit", ["PAGE_SIZE", "MAX_CHARS_EARLIER"])
def test_a_flooded_request_is_shown_part_by_part_and_nothing_is_lost(
    cast: Cast, face: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers determine how much there is; a page shows one part at most."""
    at, most, number = timezone.now(), 8, 40
    monkeypatch.setattr(f"otklik.ui.conversation_paging.{limit}", most if limit == "PAGE_SIZE" else 80_000)
    Message.objects.bulk_create(
        Message(
            ticket=cast.ticket,
            kind="public",
            side="customer",
            author=cast.anna,
            created_at=at + timedelta(seconds=second),
            text=f"Слова {second} " + "x" * 10_000,
        )
        for second in range(number)
    )
    reader, path = (cast.anna, card(cast)) if face == "card" else (cast.agent, f"/browse/{cast.ticket.key}")
    opening, seen, asked = public(cast)[0], set[int](), "?all=1"
    while asked:
        text = page(reader, path + asked)
        there = set(shown(text)) - {opening}
        # What the head of the card leads to stands there, too.
        assert 0 < len(there - seen) <= len(there) <= most + 1 and opening in shown(text)
        seen |= there
        assert ("?all=1#" in text) is (asked != "?all=1"), "the way back"
        found = re.findall(r'href="[^"]*(\?all=before-\d+)#', text)
        asked = found[0] if found else ""
    every = (
        public(cast)
        if face == "card"
        else list(Message.objects.filter(ticket=cast.ticket).values_list("pk", flat=True))
    )
    assert sorted({*seen, opening}) == sorted(every)


@pytest.mark.parametrize("face", ["card", "ticket"])
def test_what_happened_between_two_parts_is_told_once(cast: Cast, face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otklik.ui.conversation_paging.PAGE_SIZE", 2)
    agent, first = Actor(cast.agent, "agent"), timezone.now()
    for number in range(8):
        at = first + timedelta(minutes=number)
        comment(actor=agent, at=at, ticket=cast.ticket, words=Words(f"Слова {number}"))
        ticket = Ticket.objects.get(pk=cast.ticket.pk)
        step = next(step for step in allowed_transitions(agent, ticket) if not step.target.is_done)
        change_status(actor=agent, at=at + timedelta(seconds=9), ticket=ticket, transition=step)
    reader, path = (cast.anna, card(cast)) if face == "card" else (cast.agent, f"/browse/{cast.ticket.key}")
    told, asked = list[str](), "?all=1"
    while asked:
        text = page(reader, path + asked)
        told += re.findall(r'<li class="event-line.*?<time[^>]*datetime="([^"]+)"', text, re.S)
        found = re.findall(r'href="[^"]*(\?all=before-\d+)#', text)
        asked = found[0] if found else ""
    monkeypatch.undo()
    whole = set(
        re.findall(r'<li class="event-line.*?<time[^>]*datetime="([^"]+)"', page(reader, path + "?all=1"), re.S)
    )
    assert len(whole) >= 8 and sorted(told) == sorted(whole)


def test_what_is_asked_for_is_read_of_the_address_and_the_open_page() -> None:
    def asked(query: str) -> str:
        return str(window_of(RequestFactory().get(f"/{query}")))

    assert [asked(query) for query in ("", "?all=", "?all=x", "?all=before-", "?all=before-1x")] == [""] * 5
    assert [asked(query) for query in ("?all=1", "?all=1&all=")] == ["1", "1"]
    # The button's own words, beside those of the page on which it stands.
    assert asked("?all=before-7&all=1") == asked("?all=before-7&all=before-9") == "before-7"
    assert str(window_of(RequestFactory().post("/", {"all": "1"}))) == "1"


def test_a_few_more_are_not_worth_a_button() -> None:
    def stretch(
        number: int, window: Window = NEWEST, is_pinned: int = -1, undrawn: int = -1
    ) -> tuple[list[int], int, int, str]:
        """Return the cut of a list in which even numbers are messages."""
        cut = conversation_page(
            range(number),
            window,
            message=lambda entry: 0 if entry % 2 else 1000 - entry,
            drawn=lambda entry: entry != undrawn,
            is_pinned=lambda entry: entry == is_pinned,
        )
        return cut.shown, cut.earlier, cut.later, str(cut.next)

    for number in (0, SHOWN, SHOWN + SPARE):
        assert stretch(number)[:3] == (list(range(number)), 0, 0)
    assert stretch(SHOWN + SPARE + 1) == (list(range(SHOWN)), SPARE + 1, 0, "1")
    assert stretch(100, is_pinned=70)[:2] == ([*range(SHOWN), 70], 79)
    assert stretch(100, Window(whole=True))[:3] == (list(range(100)), 0, 0)
    # A part ends before the first message that is not drawn, with its last message; the next begins behind that.
    assert stretch(100, Window(whole=True), undrawn=60) == (list(range(59)), 41, 0, "before-942")
    assert stretch(100, Window(whole=True, before=942), undrawn=80)[:3] == (list(range(59, 79)), 21, 59)
    assert stretch(100, Window(whole=True, before=942), is_pinned=4, undrawn=80)[:3] == ([4, *range(59, 79)], 21, 58)
    assert stretch(100, Window(whole=True, before=5))[:3] == (list(range(100)), 0, 0)

"""Values of the ticket page in both branches of each condition, without templates."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.desks.models import Resolution
from otklik.mail.inbox import accept
from otklik.mail.models import AddressTrouble, Mailbox
from otklik.people.actor import Actor
from otklik.people.commands.phones import add_phone
from otklik.people.models import Person
from otklik.tickets.access import ticket_at
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.commands.edit_message import withdraw_message
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, Rating, Ticket
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.conversation import EventEntry, MessageEntry
from otklik.workspace.pages.ticket import OTHERS_SHOWN, TicketPage, ticket_page
from tests.cast import START, Cast


def page_for(person: Person, key: str = "ACCREDO-1", **more: Any) -> TicketPage:
    """Return the page as its view builds it for this person."""
    stands = Standing(person)
    ticket = ticket_at(stands.desks, key)
    assert ticket is not None
    return ticket_page(stands=stands, ticket=ticket, **more)


def change(ticket: Ticket, **values: Any) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(**values)


def said(page: TicketPage, message: Message) -> MessageEntry:
    """Return the entry of a message."""
    return next(entry for entry in page.entries if isinstance(entry, MessageEntry) and entry.id == message.pk)


def written(cast: Cast, author: Person, text: str, *, at: datetime | None = None, kind: str = "public") -> Message:
    via = "agent" if author in {cast.agent, cast.lead} else "portal"
    return comment(actor=Actor(author, via), at=at or timezone.now(), ticket=cast.ticket, words=Words(text), kind=kind)


def by_mail(cast: Cast, sender: str = "x@y.test") -> Message:
    """Return a held message from this address."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = f"From: {sender}\r\nSubject: x\r\n\r\nx".encode()
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from=sender, envelope_to=box.address, at=START)
    mail.from_address = sender
    mail.save(update_fields=["from_address"])
    return hold_comment(
        at=START, ticket=cast.ticket, words=Words("Добавьте меня"), claimed_author=sender, inbound=mail, why="x"
    )


def test_mine_is_what_the_reader_has(cast: Cast) -> None:
    assert not page_for(cast.agent).work.mine
    change(cast.ticket, assignee=cast.agent)
    assert page_for(cast.agent).work.mine and not page_for(cast.lead).work.mine


def test_who_has_it_can_be_chosen_even_when_they_left_the_desk(cast: Cast) -> None:
    assert str(cast.stranger.pk) not in {choice.id for choice in page_for(cast.agent).work.assignees}
    change(cast.ticket, assignee=cast.stranger)
    chosen = [choice.id for choice in page_for(cast.agent).work.assignees if choice.chosen]
    assert chosen == [str(cast.stranger.pk)]


def test_resolutions_are_those_in_use_and_the_tickets_own(cast: Cast) -> None:
    assert page_for(cast.agent).steps.resolutions == []
    used, retired, other = (Resolution.objects.create(name=name, position=90 + n) for n, name in enumerate("абв"))
    Resolution.objects.filter(pk__in=[retired.pk, other.pk]).update(archived=True)
    change(cast.ticket, closed_at=START, resolution=retired)
    choices = {choice.id: choice.chosen for choice in page_for(cast.agent).steps.resolutions}
    assert choices[str(retired.pk)] and choices[str(used.pk)] is False and str(other.pk) not in choices


def test_a_rating_is_shown_while_the_ticket_is_closed(cast: Cast) -> None:
    Rating.objects.create(ticket=cast.ticket, person=cast.anna, score=5, rated_at=START)
    assert page_for(cast.agent).rating is None
    change(cast.ticket, closed_at=START)
    rating = page_for(cast.agent).rating
    assert rating is not None and rating.score == 5


@pytest.mark.parametrize(
    ("days", "closed", "overdue"), [(-1, False, True), (0, False, False), (1, False, False), (-1, True, False)]
)
def test_overdue_is_an_open_ticket_whose_day_has_passed(cast: Cast, days: int, closed: bool, overdue: bool) -> None:
    due = timezone.localdate() + timedelta(days=days)
    change(cast.ticket, due=due, closed_at=START if closed else None)
    page = page_for(cast.agent)
    assert (page.work.due, page.work.overdue, bool(page.work.due_typed)) == (due, overdue, True)


def test_without_a_day_nothing_is_overdue(cast: Cast) -> None:
    page = page_for(cast.agent)
    assert (page.work.due, page.work.due_typed, page.work.overdue) == (None, "", False)


def _opened(cast: Cast, number: int) -> Ticket:
    return open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=cast.desk, channel="portal", subject=f"Ещё {number}",
        words=Words("x"), requester=cast.anna,
    )  # fmt: skip


def test_all_others_are_offered_only_where_there_are_more(cast: Cast) -> None:
    for number in range(OTHERS_SHOWN):
        _opened(cast, number)
    exactly = page_for(cast.agent).requester
    assert exactly is not None and len(exactly.others) == OTHERS_SHOWN and exactly.more_url == ""
    _opened(cast, OTHERS_SHOWN)
    more = page_for(cast.agent).requester
    assert more is not None and len(more.others) == OTHERS_SHOWN and "anna%40clinic.test" in more.more_url


def test_what_is_closed_is_no_other_open_request(cast: Cast) -> None:
    other = _opened(cast, 1)
    change(other, closed_at=START, status=cast.desk.statuses.get(category="done"))
    requester = page_for(cast.agent).requester
    assert requester is not None and requester.others == []


def test_nobody_asks(cast: Cast) -> None:
    change(cast.ticket, requester=None)
    page = page_for(cast.agent)
    assert page.requester is None and all(not person.requester for person in page.participants)


def test_the_requester_stays_others_can_be_taken_off(cast: Cast) -> None:
    anna, boris = page_for(cast.agent).participants
    assert (anna.requester, anna.remove_url) == (True, "")
    assert not boris.requester and boris.remove_url.endswith(f"/{cast.boris.pk}/remove")
    assert "Глеб Орлов" in boris.added and anna.added == ""


def test_who_was_taken_off_is_not_on_it(cast: Cast) -> None:
    Participant.objects.filter(ticket=cast.ticket, person=cast.boris).update(removed_at=START, epoch=2)
    assert [person.person_id for person in page_for(cast.agent).participants] == [cast.anna.pk]


def test_who_made_it_is_told_where_it_was_somebody_else(cast: Cast) -> None:
    change(cast.ticket, created_by=cast.anna)
    assert page_for(cast.agent).created_by == ""
    change(cast.ticket, created_by=cast.lead)
    assert "Лидия Главная" in page_for(cast.agent).created_by


def test_an_unproved_sender_is_marked_where_senders_are_checked(cast: Cast, settings: Settings) -> None:
    settings.DKIM_CHECK = True
    assert not page_for(cast.agent).unverified
    change(cast.ticket, sender_unverified=True)
    assert page_for(cast.agent).unverified
    settings.DKIM_CHECK, settings.AUTHSERV_ID = False, ""
    assert not page_for(cast.agent).unverified


def test_mail_that_did_not_arrive_is_marked(cast: Cast) -> None:
    assert not page_for(cast.agent).undelivered
    change(cast.ticket, undelivered_at=START)
    assert page_for(cast.agent).undelivered


# --- how a reply reaches people -------------------------------------------------------------------------------------


def test_who_writes_is_not_among_those_whom_the_reply_reaches(cast: Cast) -> None:
    Participant.objects.create(ticket=cast.ticket, person=cast.agent, added_at=START)
    lines = " ".join(line.names for line in page_for(cast.agent).reach.lines)
    assert "Глеб Орлов" not in lines and "Анна Петрова" in lines
    assert "Глеб Орлов" in " ".join(line.names for line in page_for(cast.lead).reach.lines)


@pytest.mark.parametrize(
    ("outgoing", "demo", "off"), [("", False, True), ("", True, False), ("smtp://127.0.0.1:1", False, False)]
)
def test_mail_is_off_where_none_leaves_and_no_post_office_keeps_it(
    cast: Cast, settings: Settings, outgoing: str, demo: bool, off: bool
) -> None:
    settings.OUTGOING, settings.DEMO = outgoing, demo
    assert page_for(cast.agent).reach.mail_off is off


def test_a_call_is_proposed_only_where_nothing_written_arrives(cast: Cast) -> None:
    add_phone(actor=Actor(cast.agent, "agent"), at=START, person=cast.anna, number="+7 495 123-45-67")
    assert page_for(cast.agent).reach.call is None
    AddressTrouble.objects.create(address="anna@clinic.test", words="550", last_at=START, stopped_at=START)
    call = page_for(cast.agent).reach.call
    assert call is not None and call.number == "+74951234567"


def test_the_button_names_whom_the_reply_reaches(cast: Cast) -> None:
    assert page_for(cast.agent).reach.to == "requester"
    AddressTrouble.objects.create(address="anna@clinic.test", words="550", last_at=START, stopped_at=START)
    assert page_for(cast.agent).reach.to == "others"
    AddressTrouble.objects.create(address="boris@clinic.test", words="550", last_at=START, stopped_at=START)
    assert page_for(cast.agent).reach.to == ""
    assert not page_for(cast.agent).reach.any_mail


# --- entries --------------------------------------------------------------------------------------------------------


def test_a_withdrawn_message_offers_nothing_and_tells_of_no_limit(cast: Cast) -> None:
    message = written(cast, cast.agent, "Поспешил")
    Message.objects.filter(pk=message.pk).update(cuts=["text"])
    before = said(page_for(cast.agent), message)
    assert before.cut and before.quote_url and before.forward_url and before.edit_url and before.withdraw_url
    withdraw_message(actor=Actor(cast.agent, "agent"), at=timezone.now(), message=message)
    after = said(page_for(cast.agent), message)
    assert (after.cut, after.quote_url, after.forward_url, after.edit_url, after.withdraw_url) == ("",) * 5
    assert after.withdrawn_at is not None


def test_a_message_is_corrected_by_its_author_for_a_while(cast: Cast) -> None:
    minutes = timedelta(minutes=cast.desk.edit_minutes)
    fresh = written(cast, cast.agent, "Сейчас")
    late = written(cast, cast.agent, "Давно", at=timezone.now() - minutes - timedelta(seconds=5))
    assert said(page_for(cast.agent), fresh).edit_url and not said(page_for(cast.agent), late).edit_url
    assert not said(page_for(cast.lead), fresh).edit_url
    cast.desk.edit_minutes = 0
    cast.desk.save(update_fields=["edit_minutes"])
    assert not said(page_for(cast.agent), fresh).edit_url


def test_a_note_is_quoted_in_the_note_and_not_forwarded(cast: Cast) -> None:
    note, reply = written(cast, cast.agent, "Между нами", kind="internal"), written(cast, cast.agent, "Всем")
    page = page_for(cast.agent)
    assert "write=note" in said(page, note).quote_url and said(page, note).forward_url == ""
    assert "write=note" not in said(page, reply).quote_url and said(page, reply).forward_url


def test_only_mails_are_moved_and_only_later_ones_split(cast: Cast) -> None:
    opening = Message.objects.get(ticket=cast.ticket, opening=True)
    mailed = by_mail(cast)
    page = page_for(cast.agent)
    assert said(page, mailed).move_url and said(page, mailed).split_url and said(page, mailed).original_url
    typed = said(page, opening)
    assert (typed.move_url, typed.split_url, typed.original_url, typed.mail_url) == ("",) * 4
    inbound, mailed.inbound_id = mailed.inbound_id, None
    mailed.save(update_fields=["inbound"])
    Message.objects.filter(pk=opening.pk).update(inbound=inbound)
    typed = said(page_for(cast.agent), opening)
    assert typed.move_url and typed.split_url == ""


def test_what_can_be_done_with_a_held_message(cast: Cast) -> None:
    message = by_mail(cast)
    entry, page = said(page_for(cast.agent), message), page_for(cast.agent)
    assert entry.admit_url and entry.ask_owner_url and (entry.writer, entry.owner) == ("x@y.test", "Анна Петрова")
    assert (entry.quote_url, entry.forward_url) == ("", "") and page.held_count == 1
    Message.objects.filter(pk=message.pk).update(held=False)
    entry, page = said(page_for(cast.agent), message), page_for(cast.agent)
    assert (entry.admit_url, entry.ask_owner_url, entry.writer, entry.owner) == ("",) * 4
    assert entry.quote_url and page.held_count == 0


def test_nobody_owns_a_held_message_where_nobody_asks(cast: Cast) -> None:
    message = by_mail(cast)
    change(cast.ticket, requester=None)
    entry = said(page_for(cast.agent), message)
    assert entry.admit_url and (entry.owner, entry.ask_owner_url) == ("", "") and entry.writer == "x@y.test"


def test_a_claim_that_names_the_requester_is_told_of_a_held_message_only(cast: Cast) -> None:
    message = by_mail(cast)
    claims = [{"address": "anna@clinic.test", "name": ""}, {"address": "vera@clinic.test", "name": ""}]
    Message.objects.filter(pk=message.pk).update(claims=claims)
    known = {claim["address"]: claim["known"] for claim in said(page_for(cast.agent), message).claims}
    assert known == {"anna@clinic.test": True, "vera@clinic.test": False}
    Message.objects.filter(pk=message.pk).update(held=False)
    entry = said(page_for(cast.agent), message)
    assert [claim["address"] for claim in entry.claims] == ["vera@clinic.test"] and entry.claim_url


def test_fresh_is_what_others_did_since(cast: Cast) -> None:
    seen = page_for(cast.agent).seen
    own, theirs = written(cast, cast.agent, "Своё"), written(cast, cast.anna, "Чужое")
    page = page_for(cast.agent, fresh_after=seen)
    assert (said(page, own).fresh, said(page, theirs).fresh) == (False, True)
    assert not said(page_for(cast.agent, fresh_after=page.seen), theirs).fresh
    assert not any(entry.fresh for entry in page_for(cast.agent).entries if isinstance(entry, MessageEntry))


def test_entries_stand_in_the_order_of_time(cast: Cast) -> None:
    entries = page_for(cast.agent).entries
    times = [entry.at for entry in entries if isinstance(entry, MessageEntry | EventEntry)]
    assert times == sorted(times) and len(times) == len(entries)


def test_sides_and_ways_of_a_message(cast: Cast) -> None:
    page = page_for(cast.agent)
    opening, answer, _note = (entry for entry in page.entries if isinstance(entry, MessageEntry))
    assert (opening.side, opening.opening, opening.via_icon) == ("customer", True, "world")
    assert (answer.side, answer.opening, answer.via, answer.via_icon) == ("agent", False, "", "")
    held = by_mail(cast)
    mailed = said(page_for(cast.agent), held)
    assert (mailed.side, mailed.via_icon) == ("customer", "mail")
    change(cast.ticket, channel="phone")
    called = next(entry for entry in page_for(cast.agent).entries if isinstance(entry, MessageEntry))
    assert called.via_icon == "phone"


def test_the_day_typed_is_the_day(cast: Cast) -> None:
    change(cast.ticket, due=date(2026, 12, 5))
    assert page_for(cast.agent).work.due_typed in {"05.12.2026", "2026-12-05"}


def test_the_page_is_a_value(cast: Cast) -> None:
    page = page_for(cast.agent)
    assert replace(page, nonce="") == replace(page_for(cast.agent), nonce="")

"""Buttons of agents' pages are shown exactly while their action is possible."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.desks.models import MailText, Transition
from otklik.intake.commands.senders import rule_sender
from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import ErasureRequest
from otklik.tickets.commands.approve import ask_approval, withdraw_approval
from otklik.tickets.commands.comment import admit_message, comment, hold_comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Message, PendingReply
from tests.cast import START, Cast
from tests.portal.helpers import inbound_mail
from tests.workspace.helpers import as_, page_of, words_said
from tests.workspace.test_ledger import row

TICKET, SETTINGS = "/browse/ACCREDO-1", "/projects/ACCREDO/settings"


def by(cast: Cast) -> Actor:
    return Actor(cast.agent, "agent")


def taken(cast: Cast) -> None:
    assign(actor=by(cast), at=timezone.now(), ticket=cast.ticket, assignee=cast.agent)


def refusing(cast: Cast) -> None:
    AddressTrouble.objects.create(address="boris@clinic.test", last_at=START, words="no", stopped_at=START)


def asked(cast: Cast) -> None:
    ask_approval(actor=by(cast), at=timezone.now(), ticket=cast.ticket, people=[cast.stranger], rule="one")


def asked_no_more(cast: Cast) -> None:
    withdraw_approval(actor=by(cast), at=timezone.now(), approval=Approval.objects.get())


def closed(cast: Cast) -> None:
    step = Transition.objects.filter(desk=cast.desk, target__category="done")[0]
    change_status(actor=by(cast), at=timezone.now(), ticket=cast.ticket, transition=step)


def held_words(cast: Cast) -> None:
    hold_comment(
        at=timezone.now(), ticket=cast.ticket, words=Words("x"), claimed_author="E", inbound=inbound_mail(), why=""
    )


def admitted(cast: Cast) -> None:
    admit_message(actor=by(cast), at=timezone.now(), message=Message.objects.get(held=True))


def own_words(cast: Cast) -> None:
    cast.desk.edit_minutes = 60
    cast.desk.save()
    comment(actor=by(cast), at=timezone.now(), ticket=cast.ticket, words=Words("Моё"))


def too_late(cast: Cast) -> None:
    Message.objects.update(created_at=timezone.now() - timedelta(hours=2))


def waits(cast: Cast, *, scheduled: bool, state: str = "waiting") -> None:
    PendingReply.objects.all().delete()
    due = timezone.now() + timedelta(hours=1)
    PendingReply.objects.create(
        ticket=cast.ticket,
        author=cast.agent,
        text="x",
        written_at=START,
        due_at=due,
        scheduled=scheduled,
        state=state,
        why="Запрос закрыт." if state == "stopped" else "",
    )


def nothing(cast: Cast) -> None:
    """Leave the cast as it is."""


def wished(cast: Cast, ago: int) -> None:
    ErasureRequest.objects.all().delete()
    due = timezone.now() - timedelta(minutes=ago)
    ErasureRequest.objects.create(person=cast.anna, asked_at=START, due_at=due)


Step = tuple[Callable[[Cast], object], bool]
CASES: dict[str, tuple[str, str, str, list[Step]]] = {
    "take": ("agent", TICKET, 'action="/browse/ACCREDO-1/take"', [(nothing, True), (taken, False)]),
    "clear": ("agent", TICKET, "/clear\"", [(nothing, False), (refusing, True)]),
    "withdraw an approval": (
        "agent", TICKET, "/approvals/", [(nothing, False), (asked, True), (asked_no_more, False)],
    ),
    "ask for an approval": (
        "agent", TICKET, 'action="/browse/ACCREDO-1/approvals"',
        [(nothing, True), (asked, False), (asked_no_more, True), (closed, False)],
    ),
    "admit": ("agent", TICKET, "/admit\"", [(nothing, False), (held_words, True), (admitted, False)]),
    "split": ("agent", TICKET, "/split\"", [(nothing, False), (held_words, True)]),
    "settings": ("lead", "/projects", f'href="{SETTINGS}"', [(nothing, True)]),
    "no settings for agents": ("agent", "/projects", f'href="{SETTINGS}"', [(nothing, False)]),
    "people and places": ("admin", "/secure/Dashboard.jspa", "/secure/admin/", [(nothing, True)]),
    "no people and places for leads": ("lead", "/secure/Dashboard.jspa", "/secure/admin/", [(nothing, False)]),
    "edit": ("agent", TICKET, "/edit\"", [(nothing, False), (own_words, True), (too_late, False)]),
    "edit another's": ("lead", TICKET, "/edit\"", [(own_words, False)]),
    "another time": (
        "agent", TICKET, "/move\"",
        [
            (nothing, False), (lambda cast: waits(cast, scheduled=False), False),
            (lambda cast: waits(cast, scheduled=True), True),
            (lambda cast: waits(cast, scheduled=False, state="stopped"), True),
        ],
    ),
    "default words again": (
        "lead", f"{SETTINGS}/mail/comment?language=ru", "/mail/comment/reset",
        [
            (nothing, False),
            (lambda cast: MailText.objects.create(desk=cast.desk, kind="comment", language="ru", subject="a", body="b"),
             True),
        ],
    ),
    "erase": (
        "admin", "/secure/admin/erasures", 'class="erase-form"',
        [(nothing, False), (lambda cast: wished(cast, -60), False), (lambda cast: wished(cast, 1), True)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_can_be_done_is_offered_and_nothing_else(cast: Cast, case: tuple[str, str, str, list[Step]]) -> None:
    who, address, button, steps = case
    for happens, offered in steps:
        happens(cast)
        assert (button in page_of(as_(getattr(cast, who)).get(address, follow=True))) == offered, happens


@pytest.mark.parametrize("happens", [asked, closed])
def test_a_question_that_finds_no_form_any_more_is_said_back_with_its_words(
    cast: Cast, happens: Callable[[Cast], None]
) -> None:
    client, typed = as_(cast.agent), {"addresses": "boris@clinic.test", "question": "Можно ли?", "rule": "one"}
    happens(cast)
    said = words_said(client.post(f"{TICKET}/approvals", typed))
    assert len(said) == 1 and "boris@clinic.test, Можно ли?" in said[0]


def test_a_question_that_is_refused_while_its_form_stands_is_said_back_there(cast: Cast) -> None:
    client, typed = as_(cast.agent), {"addresses": "нет адреса", "question": "Можно ли?", "rule": "one"}
    response = client.post(f"{TICKET}/approvals", typed)
    assert "Можно ли?" not in words_said(response)[0]
    assert "Можно ли?" in page_of(client.get(TICKET)).split('id="approval-question"')[1].split("</textarea>")[0]


def test_a_decision_about_a_sender_is_taken_back_where_there_is_one(cast: Cast) -> None:
    mail = row(cast, 1)
    address, button = f"/projects/ACCREDO/mail/{mail.pk}", f"/projects/ACCREDO/mail/{mail.pk}/forget"
    assert button not in page_of(as_(cast.agent).get(address))
    rule_sender(actor=by(cast), at=START, desk=cast.desk, pattern="p1@clinic.test", verdict="block")
    assert button in page_of(as_(cast.agent).get(address))


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        ("queued", {"now", "cancel"}), ("failed", {"again"}), ("cancelled", {"again"}), ("sent", set()),
    ],
)  # fmt: skip
def test_a_mail_of_ours_offers_what_its_state_allows(cast: Cast, state: str, acts: set[str]) -> None:
    mail = OutboundMail.objects.create(
        recipient="anna@clinic.test", sender="accredo@desk.test", kind="comment", cause="offered", subject="x",
        text="x", message_id="<o@desk.test>", desk_id=cast.desk.pk, created_at=START, retry_at=START, state=state,
        sent_at=START if state == "sent" else None,
    )  # fmt: skip
    page = page_of(as_(cast.agent).get(f"/projects/ACCREDO/outbox/{mail.pk}"))
    base = f'action="/projects/ACCREDO/outbox/{mail.pk}/'
    assert {act for act in ("now", "cancel", "again") if f'{base}{act}"' in page} == acts

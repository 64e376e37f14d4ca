"""Slow processing of texts and files happens before anything is locked (RL-10, AB-93)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from otklik.core import blobs
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor, system
from otklik.tickets import content, new_files
from otklik.tickets.commands.by_mail import Mailed, close_by_mail, rate_by_mail
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.commands.inbound_placement import add_mailed
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Message, NumberSequence, Ticket
from tests.cast import Cast
from tests.meanwhile import at_once
from tests.postoffice import put_mail

SLOW = "слова, в которых долго ищут"


def _file() -> NewFile:
    digest, size = blobs.put(SLOW.encode())
    return NewFile(name="a.txt", content_type="text/plain", size=size, digest=digest)


def _mail() -> InboundMail:
    return put_mail()


def _step(cast: Cast) -> Any:
    return next(row for row in allowed_transitions(Actor(cast.agent, "agent"), cast.ticket) if row.target.is_done)


def _close(cast: Cast) -> None:
    step = _step(cast)
    at = timezone.now()
    change_status(actor=Actor(cast.agent, "agent"), at=at, ticket=cast.ticket, transition=step, words=Words("готово"))
    cast.ticket.refresh_from_db()


def _by_mail(act: Callable[..., object], cast: Cast, **more: object) -> Callable[..., object]:
    """Return the command with text and files from a mail."""
    mailed = Mailed(words=Words(SLOW), files=[_file()], inbound=_mail(), why="")
    given = partial(act, actor=Actor(cast.anna, "mail"), ticket=cast.ticket, mailed=mailed, **more)
    return lambda at, words, files: given(at=at)


ACTS: dict[str, Callable[[Cast], Callable[..., object]]] = {
    "open": lambda cast: partial(
        open_ticket,
        actor=Actor(cast.anna, "portal"),
        desk=cast.desk,
        channel=Ticket.Channel.PORTAL,
        subject="x",
        requester=cast.anna,
    ),
    "comment": lambda cast: partial(comment, actor=Actor(cast.anna, "portal"), ticket=cast.ticket),
    "hold": lambda cast: partial(hold_comment, ticket=cast.ticket, claimed_author="x", inbound=_mail(), why=""),
    "step": lambda cast: partial(
        change_status, actor=Actor(cast.agent, "agent"), ticket=cast.ticket, transition=_step(cast)
    ),
    "placed": lambda cast: partial(
        add_mailed, actor=system("test"), ticket=cast.ticket, claimed_author="x", inbound=_mail(), why=""
    ),
    "closed by mail": lambda cast: _by_mail(close_by_mail, cast),
    "rated by mail": lambda cast: _by_mail(rate_by_mail, cast, score=5, words=""),
}


@pytest.mark.parametrize("name", ACTS)
def test_rl_10_nobody_waits_for_a_lock_while_words_and_files_are_searched(
    people: Cast, home: object, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "rated by mail":
        _close(people)
    act, looked = ACTS[name](people), list[object]()
    NumberSequence.objects.get_or_create(desk=people.desk, defaults={"last": 100})

    def others_go_on() -> None:
        Ticket.objects.select_for_update(nowait=True, of=("self",)).get(pk=people.ticket.pk)
        NumberSequence.objects.select_for_update(nowait=True).get(desk=people.desk)

    def searched(given: Any) -> Any:
        if SLOW in (given if isinstance(given, str) else given.decode()):
            looked.extend(at_once(_in_transaction(others_go_on)))
        return given

    monkeypatch.setattr(content, "blanked", searched)
    monkeypatch.setattr(new_files, "blanked_file", searched)
    act(at=timezone.now() + timedelta(seconds=1), words=Words(SLOW), files=[_file()])
    assert looked == [None, None], "a text and a file were looked at, each while nothing was locked"
    assert Message.objects.filter(text=SLOW, attachments__name="a.txt", attachments__searched=new_files.RULES).exists()


def _in_transaction(act: Callable[[], None]) -> Callable[[], None]:
    return transaction.atomic(act)

"""Staff, a customer, mail servers and the worker on the same ten tickets: no failure, loss or duplicate."""

import random
import re
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.base import Words
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.models import Message, PendingReply, Ticket
from otklik.worker import pumps
from otklik.worker.run import SHARES
from tests.cast import Cast, as_
from tests.intake.test_decisions import signed
from tests.meanwhile import deadlocks
from tests.postoffice import Sink, intake, letter, post, run_all

__all__ = ["intake"]
pytestmark = [pytest.mark.services, pytest.mark.slow]
SECONDS = 15.0
TICKETS = 10
FATES = {"request", "comment", "held_comment"}


@dataclass
class Hammer:
    """Lets people act on the tickets until `end`; records the accepted words and what went wrong."""

    people: Cast
    tickets: list[Ticket]
    port: int
    end: float = 0.0
    said: set[str] = field(default_factory=set)
    mailed: set[str] = field(default_factory=set)
    done: "Counter[str]" = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Run all parts concurrently."""
        staff = (self.people.agent, self.people.lead, self.people.admin)
        parts: list[Callable[[random.Random], None]] = [self._staff(who) for who in staff]
        parts += [self._customer(self.people.anna), self._sender, self._sender]
        self.end = time.monotonic() + SECONDS
        threads = [threading.Thread(target=self._repeat, args=(part, seed)) for seed, part in enumerate(parts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS + 60)
        assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"

    def _repeat(self, part: Callable[[random.Random], None], seed: int) -> None:
        dice = random.Random(seed)
        try:
            while time.monotonic() < self.end:
                part(dice)
        except Exception as error:
            self.wrong.append(repr(error))
        finally:
            connection.close()

    def _staff(self, who: Person) -> Callable[[random.Random], None]:
        client = as_(who)
        client.raise_request_exception = False
        agents = [self.people.agent.pk, self.people.lead.pk, ""]

        def act(dice: random.Random) -> None:
            ticket = dice.choice(self.tickets)
            at = f"/browse/{ticket.key}"
            acts: list[Callable[[], object]] = [
                lambda: self._say(client, f"{at}/reply"),
                lambda: self._say(client, f"{at}/reply", send_at=_soon()),
                lambda: self._say(client, f"{at}/note"),
                lambda: self._press(client, at, rf"{at}/transition/\d+", dice),
                lambda: self._press(client, at, rf"{at}/replies/\d+/(?:undo|now)", dice),
                lambda: self._press(client, at, rf"{at}/messages/\d+/split", dice),
                lambda: self._press(client, at, rf"{at}/messages/\d+/move", dice, to=dice.choice(self.tickets).key),
                lambda: self._post(client, f"{at}/take"),
                lambda: self._post(client, f"{at}/assign", assignee=dice.choice(agents)),
                lambda: self._post(client, f"{at}/priority", priority=dice.choice(priorities)),
                lambda: self._post(client, f"{at}/subject", subject=f"тема {dice.random()}"),
                lambda: self._post(client, f"{at}/participants", address=f"p{dice.randrange(5)}@clinic.test"),
                lambda: self._bulk(client, dice),
            ]
            dice.choice(acts)()

        priorities = list(self.people.desk.priorities.values_list("pk", flat=True))
        return act

    def _customer(self, who: Person) -> Callable[[random.Random], None]:
        client = as_(who)
        client.raise_request_exception = False

        def act(dice: random.Random) -> None:
            at = f"/servicedesk/customer/portal/{self.people.desk.pk}/{dice.choice(self.tickets).key}"
            acts: list[Callable[[], object]] = [
                lambda: self._say(client, f"{at}/comment"),
                lambda: self._press(client, at, rf"{at}/transition/\d+", dice),
                lambda: self._post(client, f"{at}/share", email=f"q{dice.randrange(5)}@clinic.test"),
            ]
            dice.choice(acts)()

        return act

    def _sender(self, dice: random.Random) -> None:
        """Send a mail: an answer, a new request, or the same mail twice."""
        ticket, word = dice.choice(self.tickets), _word(dice)
        to = dice.choice([signed(self.people.anna, ticket), "accredo@desk.test"])
        raw = letter(text=word, subject=f"Re: {ticket.key} {word}")
        try:
            for _copy in range(dice.choice([1, 1, 1, 2])):
                post(self.port, raw, to=to)
        except (smtplib.SMTPException, OSError) as error:
            self.wrong.append(repr(error))
            return
        self.mailed.add(word)
        time.sleep(dice.random() / 4)

    def _say(self, client: Client, path: str, **fields: str) -> None:
        word = _word(random.Random())
        if self._post(client, path, comment=word, **fields) == 302:
            self.said.add(word)

    def _press(self, client: Client, page: str, button: str, dice: random.Random, **fields: str) -> None:
        """Press one of the page's buttons, which may be out of date by then."""
        answer = client.get(page)
        self._look("page", answer.status_code, page)
        if found := re.findall(button, answer.content.decode()):
            self._post(client, dice.choice(found), **fields)

    def _bulk(self, client: Client, dice: random.Random) -> None:
        mails = [str(pk) for pk in OutboundMail.objects.order_by("-pk").values_list("pk", flat=True)[:20]]
        self._post(client, "/projects/ACCREDO/outbox/bulk", act=dice.choice(["now", "again"]), mail=mails)

    def _post(self, client: Client, path: str, **fields: object) -> int:
        status = client.post(path, fields).status_code
        self._look(re.sub(r"\d+", "N", path.rpartition("/")[2]), status, path)
        return status

    def _look(self, what: str, status: int, path: str) -> None:
        self.done[what] += 1
        if status >= 500:
            self.wrong.append(f"{status} {path}")


def _word(dice: random.Random) -> str:
    return f"w{dice.getrandbits(60):015x}{time.monotonic_ns():x}"


def _soon() -> str:
    return timezone.localtime(timezone.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")


@contextmanager
def worker() -> Iterator[None]:
    """Run all pumps of the worker except the housekeeping ones."""
    stop = threading.Event()
    idle = {"retention", "rewording", "tidying", "unused files", "vouching"}
    threads = [pumps.PumpThread(pump, stop) for share in SHARES.values() for pump in share if pump.name not in idle]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.wake()
        pumps.wait_for(threads, 30)
    assert not any(thread.is_alive() for thread in threads)


def test_everybody_at_the_same_ten_requests_loses_and_doubles_nothing(
    people: Cast, sink: Sink, intake: int, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    cache.clear()
    settings.HOLD_SECONDS = 1
    monkeypatch.setattr(pumps, "POLL_SECONDS", 0.1)
    before, tickets = deadlocks(), [_ticket(people, number) for number in range(TICKETS)]
    hammer = Hammer(people, tickets, intake)
    with worker():
        hammer.run()
    assert hammer.wrong == []
    assert min(hammer.done[what] for what in ("reply", "note", "comment", "take")) > 0 and len(hammer.mailed) > 10
    PendingReply.objects.filter(state=PendingReply.State.WAITING).update(due_at=timezone.now())
    run_all()
    assert deadlocks() == before
    assert [one.getMessage() for one in caplog.records if one.exc_info] == []
    nothing_is_lost(hammer)
    nothing_is_left(sink)


def _ticket(people: Cast, number: int) -> Ticket:
    return open_ticket(
        actor=Actor(people.anna, "portal"), at=timezone.now(), desk=people.desk, channel="portal",
        subject=f"Запрос {number}", words=Words("начало"), requester=people.anna,
    )  # fmt: skip


def nothing_is_lost(hammer: Hammer) -> None:
    """Require that each accepted word is stored exactly once, where somebody reads it."""
    texts = "\n".join(Message.objects.values_list("text", flat=True))
    waiting = PendingReply.objects.exclude(state=PendingReply.State.SENT).values_list("text", flat=True)
    found = Counter(re.findall(r"\bw[0-9a-f]{25,}\b", "\n".join([texts, *waiting])))
    assert {word: found[word] for word in hammer.said | hammer.mailed if found[word] != 1} == {}
    mails = InboundMail.objects.all()
    assert mails.count() == len(hammer.mailed)
    assert {mail.fate for mail in mails} <= FATES and {mail.attempts for mail in mails} == {0}
    numbers = list(Ticket.objects.filter(desk=hammer.people.desk).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def nothing_is_left(sink: Sink) -> None:
    """Require that every event was dispatched and every mail sent once."""
    assert not Event.objects.filter(dispatched_at=None).exists()
    assert set(OutboundMail.objects.values_list("state", flat=True)) <= {"sent"}
    went = Counter(str(mail.message["Message-ID"]) for mail in sink.taken)
    assert [one for one, times in went.items() if times > 1] == []

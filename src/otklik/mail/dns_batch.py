"""Look up several DNS names at once, each with its own timeout and error (ADR 42).

Whoever writes us a mail chooses the server that is asked about it. One that does not answer must cost nobody else
anything: nobody waits for an answer here, what failed is remembered of the very name alone, and organisations whose
servers failed lately leave half of the room to all others.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from otklik.mail.dns_lookup import Unanswered
from otklik.mail.domains import organisational_domain

log = logging.getLogger("otklik.mail")

MOST_AT_ONCE, MOST_OF_ONE, MOST_OF_THE_FAILING = 32, 4, 16
_KEPT_SECONDS, _AGAIN_SECONDS, _FULL_SECONDS = 60.0, 5.0, 0.5
_FAILING_SECONDS = 600.0
_REMEMBERED = 2000


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is known of a name until `until`; `failed`: DNS did not answer."""

    until: float
    record: bytes | None = None
    failed: bool = False


class Questions:
    """Resolves names in its own threads and caches the answers. To be used by one thread."""

    def __init__(self, text: Callable[[str], bytes | None]) -> None:
        self._text = text
        self._answers: dict[str, _Answer] = {}
        self._under_way: dict[str, str] = {}
        self._failing: dict[str, float] = {}
        self._answered = 0
        self._changed = threading.Condition()

    def answer(self, name: str) -> bytes | None:
        """Return the cached record. Otherwise start a query, if there is room, and raise Unanswered."""
        with self._changed:
            answer = self._kept(name)
            if answer is None and name not in self._under_way:
                self._begin(name)
        if answer is None or answer.failed:
            raise Unanswered(name)
        return answer.record

    def is_open(self, name: str) -> bool:
        """Return whether asking is pointless now: a query is running, or failed recently."""
        with self._changed:
            answer = self._kept(name)
            return name in self._under_way or (answer is not None and answer.failed)

    @property
    def answered(self) -> int:
        """The number of queries answered or given up so far."""
        return self._answered

    def wait(self, seconds: float, answered: int) -> bool:
        """Wait until more than `answered` are, for `seconds` at most; return whether there was anything to wait for."""
        with self._changed:
            worth_it = bool(self._under_way) or self._answered > answered
            self._changed.wait_for(lambda: self._answered > answered, seconds if worth_it else 0.0)
        return worth_it

    def _kept(self, name: str) -> _Answer | None:
        answer = self._answers.get(name)
        return answer if answer is not None and answer.until > time.monotonic() else None

    def _begin(self, name: str) -> None:
        organisation = organisational_domain(name)
        if not self._has_room(organisation):
            self._keep(name, _Answer(time.monotonic() + _FULL_SECONDS, failed=True))
            return
        self._under_way[name] = organisation
        threading.Thread(target=self._ask, args=(name,), name="dns", daemon=True).start()

    def _has_room(self, organisation: str) -> bool:
        now, asked = time.monotonic(), list(self._under_way.values())
        if asked.count(organisation) >= MOST_OF_ONE or len(asked) >= MOST_AT_ONCE:
            return False
        self._failing = {name: until for name, until in self._failing.items() if until > now}
        return organisation not in self._failing or sum(map(self._failing.__contains__, asked)) < MOST_OF_THE_FAILING

    def _ask(self, name: str) -> None:
        answer = _Answer(0.0, failed=True)
        try:
            answer = _Answer(0.0, self._text(name))
        except Unanswered:
            pass
        except Exception:
            log.exception("the DNS was not asked about %s", name)
        with self._changed:
            seconds = _AGAIN_SECONDS if answer.failed else _KEPT_SECONDS
            self._keep(name, _Answer(time.monotonic() + seconds, answer.record, answer.failed))
            self._note(self._under_way.pop(name), failed=answer.failed)
            self._answered += 1
            self._changed.notify_all()

    def _note(self, organisation: str, *, failed: bool) -> None:
        if not failed:
            self._failing.pop(organisation, None)
        elif organisation in self._failing or len(self._failing) < _REMEMBERED:
            self._failing[organisation] = time.monotonic() + _FAILING_SECONDS

    def _keep(self, name: str, answer: _Answer) -> None:
        if len(self._answers) >= _REMEMBERED:
            now = time.monotonic()
            self._answers = {name: answer for name, answer in self._answers.items() if answer.until > now}
        self._answers[name] = answer

"""Two Otklik desks that mail each other through a relay that removes all loop headers (RL-29, AB-91)."""

import contextlib
import email
import logging
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.homes import started_home
from tests.reliability.house import House, house, steady_port, wait_until
from tests.reliability.sweep import left

HERE, THERE = "accredo@desk.test", "help@other.test"
KEPT = {"from", "to", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}
MOST_TOGETHER = 4
# OTKLIK_BUDGET_ADDRESS_HOUR: the most that goes to one unproved address by itself, if nothing else stops it.
MOST_EACH = 6


@dataclass
class Relay:
    """Forwards every mail to one intake with only the basic headers.

    `rewrites`: composes the mail anew, as gateways that add footers do, so that not even its structure is the
    original's.
    """

    rewrites: bool = False
    port: int = 0
    target: int = 0
    passed: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=SMTP)
        for name in set(message.keys()):
            if name.lower() not in KEPT:
                del message[name]
        if self.rewrites:
            message = rewritten(message)
        with smtplib.SMTP("127.0.0.1", self.target, timeout=20) as link:
            link.sendmail(message["From"].addresses[0].addr_spec, envelope.rcpt_tos, message.as_bytes())
        self.passed.append(message["Subject"])
        return "250 passed on"


def rewritten(message: EmailMessage) -> EmailMessage:
    """Return a new mail with the same text."""
    made = EmailMessage(policy=SMTP)
    for name in ("From", "To", "Subject", "Date"):
        made[name] = message[name]
    part = message.get_body(("plain",))
    made.set_content(part.get_content() if part is not None else "")
    return made


@contextlib.contextmanager
def relay(*, rewrites: bool = False) -> Iterator[Relay]:
    """Run a relay without a target."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    made = Relay(rewrites=rewrites)
    controller = Controller(made, hostname="127.0.0.1", port=steady_port(), data_size_limit=2**26)
    controller.start()
    made.port = controller.port
    try:
        yield made
    finally:
        controller.stop()


def quiet(homes: list[House], relays: list[Relay], seconds: float = 4.0) -> None:
    """Wait until nothing was forwarded for `seconds` and no home has anything to do."""
    seen, since = -1, 0.0

    def is_so() -> bool:
        nonlocal seen, since
        passed = sum(len(one.passed) for one in relays)
        if passed != seen or any(any(left(home).values()) for home in homes):
            seen, since = passed, time.monotonic()
        assert passed < 100, "they go on and on"
        return time.monotonic() - since > seconds

    wait_until("silence", is_so, 90)


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("rewrites", [False, True], ids=["stripped", "written anew"])
def test_ab_91_rl_29_two_desks_fall_silent_by_themselves(tmp_path: Path, ready_made: Path, rewrites: bool) -> None:
    with contextlib.ExitStack() as stack:
        from_here = stack.enter_context(relay(rewrites=rewrites))
        from_there = stack.enter_context(relay(rewrites=rewrites))
        here = stack.enter_context(
            house(tmp_path / "here", ready_made, OTKLIK_OUTGOING=f"smtp://127.0.0.1:{from_here.port}")
        )
        there = stack.enter_context(
            house(tmp_path / "there", started_home(), THERE, OTKLIK_OUTGOING=f"smtp://127.0.0.1:{from_there.port}")
        )
        from_here.target, from_there.target = there.smtp, here.smtp
        first = EmailMessage()
        first["From"], first["To"], first["Subject"] = THERE, HERE, "B-17 Request accepted"
        first.set_content("Your request B-17 is accepted.")
        with smtplib.SMTP("127.0.0.1", here.smtp, timeout=20) as link:
            link.send_message(first)
        quiet([here, there], [from_here, from_there])
        counts = len(from_here.passed), len(from_there.passed)
        if rewrites:
            assert 1 <= counts[0] <= MOST_EACH and 1 <= counts[1] <= MOST_EACH, counts
        else:
            assert counts[0] >= 1 and sum(counts) <= MOST_TOGETHER, counts
        for home in (here, there):
            assert not home.sql("SELECT 1 FROM mail_inboundmail WHERE state <> 'filed'")

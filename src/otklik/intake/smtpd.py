"""The SMTP and LMTP server (RFC 5321, RFC 2033). Meant to run behind a mail server, not on the open internet."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from otklik.intake.smtp_session import LmtpSession, SmtpSession
from otklik.intake.store_pool import Reception

log = logging.getLogger("otklik.intake")

Address = tuple[str, int]
_GRACE_SECONDS = 6.0
_LOOK_SECONDS = 0.1


def serve(
    smtp: Address | None,
    lmtp: Address | None,
    stop: threading.Event,
    ready: Callable[[list[Address]], None] | None = None,
) -> None:
    """Accept mail at these addresses until `stop` is set; transfers in progress get up to 6 s to finish.

    `ready` is called with the bound addresses, in the order smtp, lmtp. Raises OSError if an address cannot be bound.
    """
    # aiosmtpd logs every command, including addresses.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio.run(_serve(smtp, lmtp, stop, ready))


async def _serve(
    smtp: Address | None,
    lmtp: Address | None,
    stop: threading.Event,
    ready: Callable[[list[Address]], None] | None,
) -> None:
    loop = asyncio.get_running_loop()
    with Reception() as reception, contextlib.ExitStack() as stack:
        servers = []
        for kind, place in ((SmtpSession, smtp), (LmtpSession, lmtp)):
            if place is not None:
                server = await loop.create_server(_factory(kind, reception, loop), *place, backlog=512)
                stack.callback(server.close)
                servers.append(server)
        if ready is not None:
            ready([tuple(server.sockets[0].getsockname()[:2]) for server in servers])
        while not stop.is_set():
            await asyncio.sleep(_LOOK_SECONDS)
        for server in servers:
            server.close()
        await _finish(reception)


def _factory(kind: Any, reception: Reception, loop: asyncio.AbstractEventLoop) -> Callable[[], Any]:
    return lambda: kind(reception, loop)


async def _finish(reception: Reception) -> None:
    """Let clients that are sending finish; close the other connections."""
    reception.stopping = True
    end = asyncio.get_running_loop().time() + _GRACE_SECONDS
    while reception.sessions and asyncio.get_running_loop().time() < end:
        for session in reception.sessions.all():
            session.leave_if_idle()
        await asyncio.sleep(0.02)
    for session in reception.sessions.all():
        session.drop()
    await asyncio.sleep(0.02)

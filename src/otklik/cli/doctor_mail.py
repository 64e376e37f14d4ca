"""The checks of ``otklik doctor`` for outgoing mail: would the mail server accept what waits to be sent?"""

from collections.abc import Iterator

from django.conf import settings

from otklik.cli.doctor import Finding
from otklik.desks.events import DeskAdded
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.models import Mailbox, OutboundMail
from otklik.mail.outgoing_server import parse_outgoing
from otklik.mail.queries import own_trouble
from otklik.mail.smtp_connection import Refused, SmtpConnection, check_connection
from otklik.mail.smtp_refusals import OURS
from otklik.mail.suppressed_addresses import wrongly_stopped as stopped_for_our_sake
from otklik.mail.verp import example_path
from otklik.people.models import Person

_SECONDS = 30.0
_MOST_SENDERS = 20
_WHAT = "outgoing mail"


def outgoing() -> Iterator[Finding]:
    """Connect and log in to the mail server, and try each sender's address with an external recipient; send nothing."""
    if not settings.OUTGOING:
        mute = real_desks()
        remedy = f"set OTKLIK_OUTGOING: nobody who writes to {mute[0]} gets an answer (docs/install.md)" if mute else ""
        yield Finding(_WHAT, "OTKLIK_OUTGOING is not set: mail is kept, not sent", remedy)
        return
    server = parse_outgoing(settings.OUTGOING)
    assert server is not None
    yield Finding(_WHAT, f"{server.host}:{server.port} takes mail: {check_connection(server)}")
    connection = SmtpConnection(server, _SECONDS)
    try:
        for box in Mailbox.objects.order_by("pk")[:_MOST_SENDERS]:
            yield _sender(connection, box.address)
    finally:
        connection.close()


def real_desks() -> list[str]:
    """Return the keys of desks that were not created by the demo."""
    made_for_show = Event.objects.filter(DeskAdded.where(), via="demo").values("subject_id")
    return list(Desk.objects.exclude(pk__in=made_for_show).order_by("key").values_list("key", flat=True))


def refused() -> Iterator[Finding]:
    """Report mails that wait because our mail is refused, including refusals of their content."""
    ours = own_trouble()
    if not ours.mails + ours.some:
        return
    since = f"{ours.since:%Y-%m-%d %H:%M:%S} UTC" if ours.since else "now"
    seen = f"{ours.mails + ours.some} mails wait since {since}: {ours.words[:200]}"
    yield Finding("refused mail", seen, "end what the server has against us; all goes by itself within a minute then")


def wrongly_stopped() -> Iterator[Finding]:
    """Report addresses that an earlier version stopped because of refusals that concerned us."""
    rows = stopped_for_our_sake()
    if rows:
        names = ", ".join(trouble.address for trouble in rows[:5]) + (", …" if len(rows) > 5 else "")
        seen = f"{len(rows)} were stopped for a refusal that is about us: {names}"
        yield Finding("stopped addresses", seen, "otklik mail clear --wrongly-stopped")


def _sender(connection: SmtpConnection, address: str) -> Finding:
    recipient, marked = _somebody(address), example_path(address)
    refusal = _ours(connection.refusal_of(marked, recipient))
    if refusal is None:
        return Finding(_WHAT, f"mail from {address} is taken")
    if marked != address and _ours(connection.refusal_of(address, recipient)) is None:
        seen = f"mail from {address} is taken, but not with a return address of its own ({marked}): {refusal}"
        return Finding(_WHAT, seen, f"let the server take {address.replace('@', '+…@', 1)}, or set OTKLIK_VERP=0")
    return Finding(_WHAT, f"mail from {address} is refused: {refusal}", _REMEDY)


_REMEDY = "let this server take mail from this address to anybody: its login, relaying, SPF (docs/mail.md)"


def _ours(refusal: Refused | None) -> Refused | None:
    return refusal if refusal is not None and refusal.blame in OURS else None


def _somebody(sender: str) -> str:
    """Return an address outside our domains that got mail from us, to test relaying."""
    own = {address.rpartition("@")[2] for address in Mailbox.objects.values_list("address", flat=True)}
    sent = OutboundMail.objects.filter(state__in=[OutboundMail.State.SENT, OutboundMail.State.QUEUED])
    people = Person.objects.exclude(email=None).order_by("-is_admin", "pk").values_list("email", flat=True)
    known = [*sent.order_by("-id").values_list("recipient", flat=True)[:200], *people[:200]]
    beyond = [address for address in known if address and address.isascii() and address.rpartition("@")[2] not in own]
    return beyond[0] if beyond else f"postmaster@{sender.rpartition('@')[2]}"

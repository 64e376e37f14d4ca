"""`otklik mailbox dkim`: keys that sign our mail, and the DNS records that make them known."""

from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from django.utils import timezone

from otklik.cli.bootstrap import django_ready, fail
from otklik.cli.doctor import Finding
from otklik.cli.output import say
from otklik.core.errors import UnableTo
from otklik.mail.dkim_sign import Signer, all_signers, make_key, record_of
from otklik.mail.dns_lookup import Unanswered, configured
from otklik.mail.models import DkimKey
from otklik.people.addresses import canonical

Lookup = Callable[[str], bytes | None]
_TXT_PIECE = 255


def dkim(
    address: Annotated[str, typer.Argument(help="An address of a desk, or its domain.")],
    algorithm: Annotated[str, typer.Option(help="rsa, which all can read, or ed25519, beside it.")] = "rsa",
    selector: Annotated[str, typer.Option(help="Where it is published; by default otklik and the day.")] = "",
) -> None:
    """Make a signing key for the address' domain and print the DNS record to publish. Signing begins at once."""
    if algorithm not in DkimKey.Algorithm.values:
        fail(f"--algorithm is {' or '.join(DkimKey.Algorithm.values)}, not {algorithm!r}")
    with django_ready():
        at = timezone.now()
        name = (selector or f"otklik-{at:%Y%m%d}" + ("-e" if algorithm == DkimKey.Algorithm.ED25519 else "")).lower()
        try:
            domain = canonical(address if "@" in address else f"x@{address}").rpartition("@")[2]
            key = make_key(domain=domain, selector=name, algorithm=algorithm, at=at)
        except UnableTo as error:
            fail(str(error))
        signer = next(
            signer for signer in all_signers() if (signer.domain, signer.selector) == (key.domain, key.selector)
        )
        say("Publish this record; `otklik doctor --dns` says whether it is there:")
        say(_as_zone(signer))


def findings(*, ask: bool, lookup: Lookup | None = None) -> Iterator[Finding]:
    """Yield a finding for each key: its DNS record and, if `ask`, whether the DNS has it."""
    signers = all_signers()
    if not signers:
        yield Finding("signing", "no key: mail is not signed here (otklik mailbox dkim, or your mail server signs)")
    for signer in signers:
        name, value = record_of(signer)
        if not ask:
            yield Finding("signing", f"{name} ({signer.algorithm}); otklik doctor --dns asks whether it is published")
            continue
        yield _asked(name, value, lookup or configured().text)


def _asked(name: str, value: str, lookup: Lookup) -> Finding:
    try:
        record = (lookup(name) or b"").decode("ascii", "replace")
    except Unanswered:
        return Finding("signing", f"nobody answered whether {name} is in the DNS", "look after the DNS, then ask again")
    if _public(record) == _public(value):
        return Finding("signing", f"{name} is published")
    seen = f"{name} holds another key" if record else f"{name} is not in the DNS"
    return Finding("signing", seen, f"publish the TXT record: {value}")


def _public(record: str) -> str:
    """Return the public key of a record, without blanks from its splitting."""
    tags = dict(part.strip().partition("=")[::2] for part in record.split(";") if "=" in part)
    return "".join(tags.get("p", "").split())


def _as_zone(signer: Signer) -> str:
    name, value = record_of(signer)
    pieces = [value[start : start + _TXT_PIECE] for start in range(0, len(value), _TXT_PIECE)]
    quoted = " ".join(f'"{piece}"' for piece in pieces)
    return f"{name}. IN TXT ( {quoted} )"

"""DKIM (RFC 6376): which domains vouch, by a signature over the stored bytes, for what a mail says. An option.

Asks the DNS through the `lookup` it is given. Whatever goes wrong, a signature that cannot be checked states nothing.
"""

import logging
import re
import time
from collections.abc import Callable

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from otklik.mail.domains import organisational_domain

log = logging.getLogger("otklik.mail")

Lookup = Callable[[str], bytes | None]
"""The TXT record of a name, or None: none there, or it cannot be had now."""

MOST_SIGNATURES = 5
SECONDS = 10.0
LARGEST_HEAD, LARGEST = 256 * 1024, 20 * 1024 * 1024
LEAST_KEY = 1024
_ALGORITHMS = {b"rsa-sha256", b"ed25519-sha256"}  # RFC 8301: SHA-1 proves nothing
# A signature that leaves these open says little about the mail in hand: it could be any other one of the sender.
_MUST_SIGN = {b"from", b"to", b"subject"}
_DOMAINS = re.compile(rb"@([a-z0-9.-]{1,253})", re.IGNORECASE)
_QUIET = logging.getLogger("otklik.mail.dkim")
_QUIET.setLevel(logging.CRITICAL)


def vouching_domains(raw: bytes, mailbox: str, lookup: Lookup) -> list[str]:
    """The domains whose signature is good, among those that belong to an address in From.

    Args: raw, the mail as it was received; mailbox, our address that took it, which must stand in the signed To or Cc,
    so that a mail to somebody else cannot be sent to us once more. Takes about SECONDS at most; raises nothing.
    """
    if len(raw) > LARGEST or len(re.split(rb"\r?\n\r?\n", raw[: LARGEST_HEAD + 1], maxsplit=1)[0]) > LARGEST_HEAD:
        return []
    deadline = time.monotonic() + SECONDS
    try:
        reader = dkim.DKIM(_without_mbox_line(raw), logger=_QUIET, minkey=LEAST_KEY)
        found = _candidates(reader, mailbox)
    except (dkim.DKIMException, ValueError) as error:
        log.info("no signature can be read: %s", error)
        return []
    good = (domain for index, domain in found if time.monotonic() < deadline and _is_good(reader, index, lookup))
    return list(dict.fromkeys(good))


def is_vouched(address: str, domains: str) -> bool:
    """Whether one of the domains (separated by blanks) belongs to the organisation of the address."""
    ours = organisational_domain(address)
    return any(organisational_domain(domain) == ours for domain in domains.split())


def _candidates(reader: dkim.DKIM, mailbox: str) -> list[tuple[int, str]]:
    """(number of the signature, its domain) of those worth a question to the DNS."""
    fields = [(name.strip().lower(), value) for name, value in reader.headers]
    written = b" ".join(value for name, value in fields if name in {b"to", b"cc"}).lower()
    local, _at, domain = mailbox.lower().rpartition("@")
    named = re.search(rb"%s(\+[^@\s<>]*)?@%s" % (re.escape(local.encode()), re.escape(domain.encode())), written)
    authors = {_of(one) for name, value in fields if name == b"from" for one in _DOMAINS.findall(value)}
    must = _MUST_SIGN | {name for name, _value in fields if name == b"cc"}
    if named is None:
        return []
    signatures = [value for name, value in fields if name == b"dkim-signature"][:MOST_SIGNATURES]
    tags = [(index, _tags(value, must)) for index, value in enumerate(signatures)]
    return [(index, signer) for index, signer in tags if signer and organisational_domain(signer) in authors]


def _tags(value: bytes, must: set[bytes]) -> str:
    """The signing domain; "" for a signature that would prove too little."""
    try:
        tags = parse_tag_value(value)
    except InvalidTagValueList:
        return ""
    signed = {name.strip().lower() for name in tags.get(b"h", b"").split(b":")}
    # l= leaves the end of the body open to anybody.
    if b"l" in tags or tags.get(b"a") not in _ALGORITHMS or not must <= signed:
        return ""
    return str(tags.get(b"d", b"").decode("ascii", "replace").strip().lower())


def _is_good(reader: dkim.DKIM, index: int, lookup: Lookup) -> bool:
    def key(name: bytes | str, timeout: float = 0) -> bytes | None:
        asked = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        record = lookup(asked.rstrip("."))
        return record if record is not None and _is_for_mail(record) else None

    try:
        return bool(reader.verify(index, dnsfunc=key))
    except Exception as error:
        # The library raises many kinds over hostile input; none of them says more than "no statement".
        log.info("a signature cannot be checked: %s: %s", type(error).__name__, error)
        return False


def _is_for_mail(record: bytes) -> bool:
    """Whether the key counts: not one that is only tried out (t=y), not one for other services."""
    try:
        tags = parse_tag_value(record)
    except InvalidTagValueList:
        return False
    flags = {flag.strip() for flag in tags.get(b"t", b"").split(b":")}
    services = {service.strip() for service in tags.get(b"s", b"*").split(b":")}
    return b"y" not in flags and bool(services & {b"*", b"email"})


def _of(domain: bytes) -> str:
    return organisational_domain(domain.decode("ascii").rstrip("."))


def _without_mbox_line(raw: bytes) -> bytes:
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw

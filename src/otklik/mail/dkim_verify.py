"""DKIM verification (RFC 6376): which domains signed the stored bytes of a mail. Optional.

Asks the DNS through the `lookup` it is given. Whatever goes wrong, a signature that cannot be checked states nothing.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from otklik.core.lazy_modules import Later
from otklik.mail.dns_lookup import Unanswered
from otklik.mail.domains import organisational_domain
from otklik.mail.inbox import spellings
from otklik.mail.parse import Address, addresses, header_ambiguity
from otklik.people.addresses import BadAddress, canonical

dkim, dkim_util = Later("dkim"), Later("dkim.util")
log = logging.getLogger("otklik.mail")

Lookup = Callable[[str], bytes | None]
"""Returns the TXT record of a name, None if there is none. Raises Unanswered if DNS does not answer."""

MOST_SIGNATURES = 5
SECONDS = 10.0
LARGEST_HEAD, LARGEST = 256 * 1024, 20 * 1024 * 1024
LEAST_KEY = 1024
_LONGEST_FROM, _LONGEST_TO = 2000, 16 * 1024
_DMARC = re.compile(rb"\s*v\s*=\s*DMARC1\s*(?:;|$)", re.IGNORECASE)
_STRICT = re.compile(rb";\s*adkim\s*=\s*s\s*(?:;|$)", re.IGNORECASE)
_ALGORITHMS = {b"rsa-sha256", b"ed25519-sha256"}  # RFC 8301: SHA-1 proves nothing
_QUIET = logging.getLogger("otklik.mail.dkim")
_QUIET.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A signature worth checking: its number, the author's domain and its own, the name of its key, its tags."""

    index: int
    author: str
    domain: str
    key: str
    tags: dict[bytes, bytes]


def vouching_domains(raw: bytes, mailbox: str, lookup: Lookup) -> list[str]:
    """Return the domains of valid signatures that cover all we use and belong to the From address.

    `raw`: the mail as received. `mailbox`: our address that received it, which must be in the signed To or Cc, so that
    a mail to somebody else cannot be replayed to us. Takes about SECONDS at most. Raises Unanswered if none is valid
    and a DNS query was not answered; nothing else.
    """
    deadline, unanswered, good = time.monotonic() + SECONDS, False, dict[str, None]()
    try:
        reader, candidates = _read(raw, mailbox)
    except (dkim.DKIMException, ValueError, IndexError) as error:
        log.info("no signature can be read: %s", error)
        return []
    for candidate in candidates:
        try:
            if (
                time.monotonic() < deadline
                and _is_good(reader, candidate, lookup(candidate.key))
                and _is_aligned(candidate, lookup)
            ):
                good[candidate.domain] = None
        except Unanswered:
            unanswered = True
    if unanswered and not good:
        raise Unanswered
    return list(good)


def is_vouched(address: str, domains: str) -> bool:
    """Return whether one of the domains (separated by blanks) belongs to the address's organization."""
    ours = organisational_domain(address)
    return any(organisational_domain(domain) == ours for domain in domains.split())


def names_mailbox(named: list[Address], mailbox: str) -> bool:
    """Return whether one of the addressees is our mailbox, or `local+anything@domain` of it."""
    for address in named:
        try:
            if mailbox.lower() in spellings(canonical(address.address)):
                return True
        except BadAddress:
            continue
    return False


def _read(raw: bytes, mailbox: str) -> tuple[Any, list[_Candidate]]:
    """Return dkimpy's reader and the signatures worth checking; none if it parses the headers differently than we
    do."""
    head = header_ambiguity.strict_head(raw[: LARGEST_HEAD + 1]) if len(raw) <= LARGEST else None
    if head is None or header_ambiguity.stands_twice([name for name, _value in head[0]]):
        return dkim.DKIM(logger=_QUIET), []
    items, start = head
    if "dkim-signature" not in dict(items):
        return dkim.DKIM(logger=_QUIET), []
    reader = dkim.DKIM(_without_mbox_line(raw), logger=_QUIET, minkey=LEAST_KEY)
    author = _author(items)
    if not author or not _is_for(items, mailbox) or _unfolded(reader) != items:
        return reader, []
    return reader, list(_candidates(items, raw[start:], author.rpartition("@")[2]))


def _author(items: list[tuple[str, bytes]]) -> str:
    value = dict(items).get("from", b"")
    return (addresses.strict(value) or "") if len(value) <= _LONGEST_FROM else ""


def _is_for(items: list[tuple[str, bytes]], mailbox: str) -> bool:
    written = b", ".join(value for name, value in items if name in {"to", "cc"})
    return len(written) <= _LONGEST_TO and names_mailbox(list(addresses.parse_list(written)), mailbox)


def _unfolded(reader: Any) -> list[tuple[str, bytes]]:
    """Return the header fields as dkimpy parses them, in our format."""
    lines = ((name, re.split(rb"\r?\n", value)) for name, value in reader.headers)
    return [(name.decode("ascii").lower(), b" ".join(filter(None, map(bytes.strip, pieces)))) for name, pieces in lines]


def _candidates(items: list[tuple[str, bytes]], body: bytes, author: str) -> Iterator[_Candidate]:
    ours = organisational_domain(author)
    values = [value for name, value in items if name == "dkim-signature"]
    written = header_ambiguity.signatures(items, body)
    for index, (value, signature) in enumerate(zip(values[:MOST_SIGNATURES], written, strict=False)):
        tags = _tags(value)
        if tags and signature.covers_all and organisational_domain(signature.domain) == ours:
            selector = tags.get(b"s", b"").decode("ascii", "replace")
            yield _Candidate(index, author, signature.domain, f"{selector}._domainkey.{signature.domain}", tags)


def _tags(value: bytes) -> dict[bytes, bytes]:
    """Return a signature's tags; {} if it would prove too little."""
    try:
        tags: dict[bytes, bytes] = dkim_util.parse_tag_value(value)
    except dkim_util.InvalidTagValueList:
        return {}
    # l= leaves the end of the body open to anybody. The library lets a signature live ten hours longer than it says.
    over = tags.get(b"x", b"").isdigit() and int(tags[b"x"][:15]) < time.time()
    return {} if b"l" in tags or tags.get(b"a") not in _ALGORITHMS or over else tags


def _is_good(reader: Any, candidate: _Candidate, record: bytes | None) -> bool:
    if record is None or not _is_for_mail(record, candidate):
        return False
    try:
        return bool(reader.verify(candidate.index, dnsfunc=lambda name, timeout=0: record))
    except Exception as error:
        # dkimpy raises many exceptions for hostile input; each means that the signature proves nothing.
        log.info("a signature cannot be checked: %s: %s", type(error).__name__, error)
        return False


def _is_aligned(candidate: _Candidate, lookup: Lookup) -> bool:
    """Return whether the domain may sign for the author's.

    With a DMARC policy of adkim=s it must be the same domain (RFC 7489 sections 3.1.1 and 6.6.3); otherwise any domain
    of the organization may.
    """
    if candidate.domain == candidate.author:
        return True
    for name in dict.fromkeys([candidate.author, organisational_domain(candidate.author)]):
        policy = lookup(f"_dmarc.{name}") or b""
        if _DMARC.match(policy):
            return _STRICT.search(policy) is None
    return True


def _is_for_mail(record: bytes, candidate: _Candidate) -> bool:
    """Return whether the key counts: not in test mode (t=y), nor for other services, hashes or subdomains."""
    try:
        tags = dkim_util.parse_tag_value(record)
    except dkim_util.InvalidTagValueList:
        return False
    flags, services, hashes = (_listed(tags, name) for name in (b"t", b"s", b"h"))
    identity = candidate.tags.get(b"i", b"@" + candidate.domain.encode()).rpartition(b"@")[2].lower()
    if b"y" in flags or (b"s" in flags and identity != candidate.domain.encode()):
        return False
    return (not services or bool(services & {b"*", b"email"})) and (not hashes or b"sha256" in hashes)


def _listed(tags: dict[bytes, bytes], name: bytes) -> set[bytes]:
    return {word.strip().lower() for word in tags.get(name, b"").split(b":")} - {b""}


def _without_mbox_line(raw: bytes) -> bytes:
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw

"""Addresses in headers: a lenient reader for what is shown, a strict one for who is meant (AB-09, AB-10)."""

import re
import unicodedata
from collections.abc import Iterator

import idna

from otklik.mail.parse import limits, text, words
from otklik.mail.parse.model import Address, FromResult

_ENCODED = r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]{0,4000}\?=)"
_REST = r'<([^<>]*)>|([,;])|([()])|([^"<>,;()=]+)|(.)'
_TOKEN = re.compile(rf'{_ENCODED}|"((?:[^"\\]|\\.)*+)"|{_REST}', re.DOTALL)
_TOKEN_UNQUOTED = re.compile(rf"{_ENCODED}|(?!)()|{_REST}", re.DOTALL)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_STRICT = re.compile(rf"({_LOCAL})@({_LABEL}(?:\.{_LABEL})*)")
_PLAIN_NAME = re.compile(r"[^\"<>()\[\]:;@,\\\x00-\x1f\x7f]*")
_FLAT_COMMENT = re.compile(r"\([^()<>@\"\\]*\)")
_QUOTED_NAME = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*"')
_LOOSE = re.compile(r"[^\s<>()\[\]:;,\"@\\]{1,200}@[^\s<>()\[\]:;,\"@\\]{1,260}")
_EMPTY = re.compile(r"\[\s*+\]|<\s*+>")
_AROUND = "<>" + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_WORD_ONLY = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")


def parse_list(raw: bytes, hint: str = "") -> tuple[Address, ...]:
    """Addresses of a To or Cc, at most 200, in one pass; groups are flattened. Never raises."""
    source = raw.decode("utf-8", "surrogateescape")
    found: list[Address] = []
    pieces: list[tuple[str, str]] = []
    depth = 0
    for match in _tokens(source):
        word, quoted, angle, stop, bracket, plain, other = match.groups()
        if bracket:
            depth = max(0, depth + (1 if bracket == "(" else -1))
        elif depth:
            pieces.append(("comment", match.group()))
        elif stop:
            _flush(pieces, found, hint)
            if len(found) >= limits.ADDRESSES:
                break
        elif quoted is not None:
            pieces.append(("quoted", quoted))
        elif angle is not None:
            pieces.append(("angle", angle))
        else:
            pieces.append(("plain", word or plain or other))
    _flush(pieces, found, hint)
    return tuple(found[: limits.ADDRESSES])


def _tokens(source: str) -> Iterator[re.Match[str]]:
    """Tokens of an address list. From a quotation mark that nothing closes on, such marks are plain characters."""
    position, pattern = 0, _TOKEN
    while (match := pattern.match(source, position)) is not None:
        if match.group() == '"' and pattern is _TOKEN:
            pattern = _TOKEN_UNQUOTED
        yield match
        position = match.end()


def _flush(pieces: list[tuple[str, str]], found: list[Address], hint: str) -> None:
    if pieces:
        one = _one(pieces, hint)
        if one.name or one.address:
            found.append(one)
        pieces.clear()


def _one(pieces: list[tuple[str, str]], hint: str) -> Address:
    angles = [value for kind, value in pieces if kind == "angle" and value.strip()]
    plain = "".join(value for kind, value in pieces if kind == "plain").strip()
    if ":" in plain and "@" not in plain.split(":", 1)[0]:
        plain = plain.split(":", 1)[1].strip()
    address = clean_address(angles[-1]) if angles else ""
    loose = None if address else _LOOSE.search(plain)
    if loose:
        address, plain = clean_address(loose.group()), (plain[: loose.start()] + plain[loose.end() :]).strip()
    quoted = " ".join(value for kind, value in pieces if kind == "quoted")
    comment = "".join(value for kind, value in pieces if kind == "comment")
    if not address and comment and _WORD_ONLY.fullmatch(plain):
        address, plain = plain, ""
    name = decode_name(
        " ".join(p for p in (re.sub(r"\\(.)", r"\1", quoted), _EMPTY.sub("", plain.strip(_AROUND)).strip()) if p)
        or comment,
        hint,
    )
    inside = None if address else _LOOSE.search(name)
    if inside and "<" in name:
        name, address = name[: name.index("<")].strip(), clean_address(inside.group())
    return Address(name, address)


def decode_name(name: str, hint: str = "") -> str:
    """A display name for people: decoded, one line, without outer quotes."""
    decoded = text.line(words.decode_header(name.encode("utf-8", "surrogateescape"), hint), limits.NAME_CHARS)
    while len(decoded) > 1 and decoded[0] == decoded[-1] and decoded[0] in "\"'":
        decoded = decoded[1:-1].strip()
    return decoded


def clean_address(value: str) -> str:
    """An address for show: no brackets, no white space, no trailing dot or comma."""
    value = value.rpartition("<")[2].partition(">")[0]
    value = re.sub(r"\s+", "", text.line(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")))
    return value.removeprefix("mailto:").strip("<>,;\"'").rstrip(".")[:320]


def canonical(local: str, domain: str) -> str | None:
    """One comparable form: the domain in lower case, the local part lower-cased; None when over the RFC's
    lengths (AB-16).
    """
    if len(local) > limits.LOCAL_PART or len(domain) > limits.DOMAIN:
        return None
    return f"{local.lower()}@{domain.lower()}"


def strict(raw: bytes) -> str | None:
    """The one mailbox of a header value without any doubt, else None.

    Accepts `address`, `<address>`, `name <address>` and `address (name)` where the name (also decoded) holds
    no second address. No
    groups, routes, quoted local parts, address literals; the local part is ASCII, the domain may be an
    international one.
    """
    source = raw.decode("utf-8", "replace").strip(" \t")
    if source.endswith(">") and source.count("<") == 1:
        name, _, inner = source[:-1].partition("<")
    elif source.endswith(")") and source.count("(") == source.count(")") == 1:
        inner, _, name = source[:-1].partition("(")
    else:
        name, inner = "", source
    name = name.strip(" \t")
    if not (_PLAIN_NAME.fullmatch(_FLAT_COMMENT.sub("", _WORD.sub("", name))) or _QUOTED_NAME.fullmatch(name)):
        return None
    identity = _mailbox(inner.strip(" \t"))
    return identity if identity and _same_in_name(name, identity) else None


def _mailbox(value: str) -> str | None:
    """The comparable form of exactly one `local@domain`, else None."""
    local, _, domain = value.rpartition("@")
    if not domain.isascii():
        domain = domain_to_ascii(domain) or ""
    match = _STRICT.fullmatch(f"{local}@{domain}")
    return canonical(local, domain) if match and "=?" not in local else None


def _same_in_name(name: str, identity: str) -> bool:
    """Whether every address inside a display name, as written and as decoded, is the very address it stands
    beside.
    """
    for shown in {name, unicodedata.normalize("NFKC", decode_name(name))} if name else ():
        if any(found.group().lower().strip("'.") != identity for found in _LOOSE.finditer(shown)):
            return False
    return True


def read_from(values: list[bytes], hint: str = "") -> FromResult:
    """Who the From headers of a mail name; `values` are all of them, topmost first. Never raises."""
    if len(values) != 1:
        shown = next((one for value in values for one in parse_list(value, hint) if one.address), Address("", ""))
        return FromResult(None, shown.address, shown.name, malformed=True)
    listed = parse_list(values[0], hint)
    identity = strict(values[0])
    shown = next((one for one in listed if one.address), listed[0] if listed else Address("", ""))
    if shown.address and len(listed) > 1 and not identity:
        shown = _with_whole_name(values[0], shown, hint) or shown
    return FromResult(identity, shown.address, shown.name, malformed=identity is None)


def _with_whole_name(raw: bytes, shown: Address, hint: str) -> Address | None:
    """`Petrov, Ivan <a@b>` without quotes is one person, as long as there is one address."""
    source = raw.decode("utf-8", "surrogateescape")
    if len({m.group().lower() for m in _LOOSE.finditer(source)}) != 1 or "<" not in source:
        return None
    return Address(decode_name(source.partition("<")[0].strip().strip('"'), hint), shown.address)


def domain_to_ascii(domain: str) -> str | None:
    """A domain name in its comparable form (IDNA 2008), None when it is none."""
    if len(domain) > limits.DOMAIN:
        return None
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return None

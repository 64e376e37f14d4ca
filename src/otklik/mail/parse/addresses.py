"""Parse address headers: leniently for display, strictly for identification (AB-09, AB-10)."""

import re
import unicodedata
from collections.abc import Iterator

import idna

from otklik.mail.parse import encoded_words, limits, text_cleaning
from otklik.mail.parse.model import Address, FromResult

_ENCODED = r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]{0,4000}\?=)"
_REST = r'<([^<>]*)>|([,;])|([()])|([^"<>,;()=]+)|(.)'
_TOKEN = re.compile(rf'{_ENCODED}|"((?:[^"\\]|\\.)*+)"|{_REST}', re.DOTALL)
_TOKEN_UNQUOTED = re.compile(rf"{_ENCODED}|(?!)()|{_REST}", re.DOTALL)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_STRICT = re.compile(rf"({_LOCAL})@({_LABEL}(?:\.{_LABEL})*)")
_GROUPS = ":;,[]"
# Quoted strings, comments, angles, and plain text.
_REMARK = r"[^()<>\"\\\x00-\x1f\x7f]"
_INNER_REMARK = r"[^()<>\"\\@\x00-\x1f\x7f]"
_PIECE = re.compile(
    r"(?P<quoted>\"(?:[^\"\\\x00-\x1f\x7f]|\\[ -~])*\")"
    rf"|(?P<comment>\((?:{_REMARK}++|\({_INNER_REMARK}*+\))*\))"
    r"|<(?P<angle>[^<>\"()\x00-\x1f\x7f]*)>|(?P<plain>(?:=\?[^?\s]+\?[bBqQ]\?[^?]*\?=|[^\"()<>\\\x00-\x08\x0a-\x1f\x7f])+)"
)
_MOST_TIMES = 10
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,4000}\?=")
_IN_ANGLES = re.compile(r"([^@\"=]*)(<[^<>@\"]*@[^<>@\"]*>)([^@\"=]*)")
_NO_BRACKETS = str.maketrans("<>)\\", "    ")
# "Vera Ilina <vera@clinic.example": a name, and one address to mean.
_UNCLOSED = re.compile(r"""(?=[^<]*\w)([^<>@"():;,\\]*)<([^<>@"():;,\\\s]+@[^<>@"():;,\\\s]+)""")
_DOUBLED = re.compile(r"([^<>]*)<(<[^<>]*>)>([^<>]*)")
_MAILTO = re.compile(r"(?:(?<=\s)|\A)\[?mailto:([^\s<>()\[\]\"\\]{1,320})(?:\]|(?=\s|\Z))", re.I)
_QUOTED_ALONE = re.compile(r"\"\s*([^\"\\<>()\s]+)\s*\"")
_LOOSE = re.compile(r"[^\s<>()\[\]:;,\"@\\]{1,200}@[^\s<>()\[\]:;,\"@\\]{1,260}")
_EMPTY = re.compile(r"\[\s*+\]|<\s*+>")
_AROUND = "<>" + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_HOST = r"[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}"
_SRS = re.compile(rf"SRS0[=+\-][^=\s]{{1,20}}=[^=\s]{{1,5}}=({_HOST})=([^=@\s]{{1,64}})", re.I)
_REWRITTEN = re.compile(rf"(?:[A-Za-z0-9\-]{{1,20}}\+)?([^=@+\s]{{1,64}}(?:\+[^=@\s]{{1,64}})?)=(?:40|3D)?({_HOST})")
_WORD_ONLY = re.compile(r"[A-Za-z0-9._\-]{1,64}")


def parse_list(raw: bytes, hint: str = "") -> tuple[Address, ...]:
    """Parse the addresses of To or Cc, at most 200; groups are flattened. Linear, never raises."""
    source = raw.decode("utf-8", "surrogateescape")
    addresses_read: list[Address] = []
    pieces: list[tuple[str, str]] = []
    depth, grouped = 0, ";" in source
    for match in _tokens(source):
        word, quoted, angle, stop, bracket, plain, other = match.groups()
        if bracket:
            depth = max(0, depth + (1 if bracket == "(" else -1))
        elif depth:
            pieces.append(("comment", match.group()))
        elif stop:
            _flush(pieces, addresses_read, hint, grouped=grouped)
            if len(addresses_read) >= limits.ADDRESSES:
                break
        elif quoted is not None:
            pieces.append(("quoted", quoted))
        elif angle is not None:
            pieces.append(("angle", angle))
        else:
            pieces.append(("plain", word or plain or other))
    _flush(pieces, addresses_read, hint, grouped=grouped)
    return tuple(addresses_read[: limits.ADDRESSES])


def _tokens(source: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of an address list. After an unclosed quotation mark such marks are plain characters."""
    position, pattern = 0, _TOKEN
    while (match := pattern.match(source, position)) is not None:
        if match.group() == '"' and pattern is _TOKEN:
            pattern = _TOKEN_UNQUOTED
        yield match
        position = match.end()


def _flush(pieces: list[tuple[str, str]], flushed: list[Address], hint: str, *, grouped: bool) -> None:
    if pieces:
        address = _one(pieces, hint, grouped=grouped)
        if address.name or address.address:
            flushed.append(address)
        pieces.clear()


def _one(pieces: list[tuple[str, str]], hint: str, *, grouped: bool) -> Address:
    """Return one addressee. `grouped`: a name before a colon may be a group's, which a semicolon ends."""
    angles = [value for kind, value in pieces if kind == "angle" and value.strip()]
    plain = "".join(value for kind, value in pieces if kind == "plain").strip()
    if ":" in plain and "@" not in plain.split(":", 1)[0] and (grouped or not angles):
        plain = plain.split(":", 1)[1].strip()
    address = clean_address(angles[-1]) if angles else ""
    loose = None if address else _LOOSE.search(plain)
    if loose:
        address, plain = clean_address(loose.group()), (plain[: loose.start()] + plain[loose.end() :]).strip()
    quoted = " ".join(value for kind, value in pieces if kind == "quoted")
    comment = " ".join(value.strip() for kind, value in pieces if kind == "comment")
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
    """Decode a display name to one line, without outer quotes."""
    decoded = text_cleaning.line(
        encoded_words.decode_header(name.encode("utf-8", "surrogateescape"), hint), limits.NAME_CHARS
    )
    while len(decoded) > 1 and decoded[0] == decoded[-1] and decoded[0] in "\"'":
        decoded = decoded[1:-1].strip()
    return decoded


def in_name(name: str) -> list[str]:
    """Return the addresses inside a display name, as written."""
    return [match.group().strip("'.") for match in _LOOSE.finditer(name)]


def in_local_part(address: str) -> list[str]:
    """Return the original address in a rewritten local part: `vera=40clinic.example@…`, `vera=clinic.example@…`,
    `SRS0=hash=day=clinic.example=vera@…` (Sender Rewriting Scheme)."""
    local = address.rpartition("@")[0]
    if sender := _SRS.fullmatch(local):
        return [f"{sender[2]}@{sender[1]}"]
    match = _REWRITTEN.fullmatch(local)
    return [f"{match[1]}@{match[2]}"] if match else []


def clean_address(value: str) -> str:
    """Return an address for display: without brackets, white space, trailing dots and commas."""
    value = value.rpartition("<")[2].partition(">")[0]
    value = re.sub(r"\s+", "", text_cleaning.line(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")))
    return value.removeprefix("mailto:").strip("<>,;\"'").rstrip(".")[:320]


def canonical(local: str, domain: str) -> str | None:
    """Return the comparable form: domain in lower case, an ASCII local part as well; None beyond the RFC's lengths
    (AB-16)."""
    if len(local) > limits.LOCAL_PART or len(domain) > limits.DOMAIN:
        return None
    return f"{local.lower() if local.isascii() else local}@{domain.lower()}"


def strict(raw: bytes) -> str | None:
    """Return the single mailbox of a header value if there is no other way to read it, otherwise None.

    Names, quotes, commas and comments are allowed around it. A second address may occur only where no parser can take
    it for the mailbox: in a quoted or encoded name, or in a comment, beside angle brackets. No groups around a bare
    address, routes, quoted local parts or address literals.
    """
    source = _undressed(raw.decode("utf-8", "replace").strip(" \t"))
    pieces = _pieces(source)
    if pieces is None and source.count("@") == 1 and source.count('"') % 2 and "\\" not in source:
        # Nothing closes the last quotation mark, and there is but one address to mean.
        pieces = _pieces("".join(source.rsplit('"', 1)))
    if pieces is None and (alone := _IN_ANGLES.fullmatch(source)):
        # "Vera > Ilina <vera@clinic.example>": what opens or closes nothing is a sign in the name.
        pieces = _pieces(f"{alone[1].translate(_NO_BRACKETS)}{alone[2]}{alone[3].translate(_NO_BRACKETS)}")
    if pieces is None:
        return None
    inside = [value for kind, value in pieces if kind == "angle"]
    beside = [_ENCODED_WORD.sub(" ", value) for kind, value in pieces if kind == "plain"]
    if source.count("@") == 1 and any("@" in value for value in inside) and all(map(str.strip, inside)):
        # "Vera <head physician> Ilina <vera@clinic.example>": words in brackets of their own are part of the name.
        beside += [value for value in inside if "@" not in value]
        inside = [value for value in inside if "@" in value]
    if not inside:
        bare = " ".join(value for kind, value in pieces if kind == "plain").strip(" \t,;").split()
        bare = [word.rstrip(",;") if "@" in word else word for word in bare]
        inside = [word for word in bare if "@" in word]
        beside = [word for word in bare if "@" not in word] + [value for kind, value in pieces if kind == "comment"]
        if not _are_names(pieces) or any(set(word) & set(_GROUPS) for word in bare):
            return None
    named = {_mailbox(value.strip(" \t,;").removeprefix("mailto:").removesuffix(".")) for value in inside[:_MOST_TIMES]}
    identity = named.pop() if len(named) == 1 and len(inside) <= _MOST_TIMES else None
    return identity if identity and _same_in_name(beside, identity) else None


def _are_names(pieces: list[tuple[str, str]]) -> bool:
    """Return whether the quoted parts can only be names: without an address, and separated by blanks."""
    around = [" ", *(value if kind == "plain" else "" for kind, value in pieces), " "]
    return all(
        "@" not in value and around[at][-1:] in {" ", "\t"} and around[at + 2][:1] in {" ", "\t"}
        for at, (kind, value) in enumerate(pieces)
        if kind == "quoted"
    )


def _undressed(source: str) -> str:
    """Strip doubled brackets, `mailto:` and quotes from a value with a single address, and close its bracket."""
    if source.count("@") != 1:
        return source
    source = _without_mailto(source)
    if doubled := _DOUBLED.fullmatch(source):
        return "".join(doubled.groups())
    if unclosed := _UNCLOSED.fullmatch(source):
        return f"{unclosed[1]}<{unclosed[2]}>"
    alone = _QUOTED_ALONE.fullmatch(source)
    return alone[1] if alone else source


def _without_mailto(source: str) -> str:
    return _MAILTO.sub(r"<\1>", source) if source.count("@") == 1 else source


def _pieces(source: str) -> list[tuple[str, str]] | None:
    """Split a value into quoted strings, flat comments, angle addresses and the text between; None if impossible."""
    pieces: list[tuple[str, str]] = []
    end = 0
    while end < len(source):
        match = _PIECE.match(source, end)
        if match is None:
            return None
        pieces.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        end = match.end()
    return pieces


def _mailbox(value: str) -> str | None:
    """Return the comparable form of exactly one `local@domain`, otherwise None."""
    local, _, domain = value.rpartition("@")
    if not domain.isascii():
        domain = domain_to_ascii(domain) or ""
    if not local.isascii():
        return canonical(local, domain) if _is_word(local) and _STRICT.fullmatch(f"x@{domain}") else None
    match = _STRICT.fullmatch(f"{local}@{domain}")
    return canonical(local, domain) if match and "=?" not in local else None


def _is_word(local: str) -> bool:
    """Return whether a non-ASCII local part consists of letters that NFKC does not change (AB-16)."""
    plain = "".join("x" if unicodedata.category(char)[0] in "LMN" else char for char in local)
    return unicodedata.normalize("NFKC", local) == local and re.fullmatch(_LOCAL, plain) is not None


def _same_in_name(names: list[str], identity: str) -> bool:
    """Return whether every other address, as written and as decoded, equals the mailbox."""
    name = " ".join(names)
    for shown in {name, unicodedata.normalize("NFKC", decode_name(name))} if name else ():
        if any(_comparable(match.group().strip("'.")) != identity for match in _LOOSE.finditer(shown)):
            return False
    return True


def _comparable(value: str) -> str | None:
    return _mailbox(value) or value.lower()


def read_from(values: list[bytes], hint: str = "") -> FromResult:
    """Return the author named by the From headers; `values`: all of them, topmost first. Never raises."""
    if len(values) != 1:
        shown = next(
            (address for value in values for address in parse_list(value, hint) if address.address), Address("", "")
        )
        return FromResult(None, shown.address, shown.name, malformed=True)
    plain = _without_mailto(values[0].decode("utf-8", "surrogateescape"))
    listed = parse_list(plain.encode("utf-8", "surrogateescape"), hint)
    identity = strict(values[0])
    shown = next((address for address in listed if address.address), listed[0] if listed else Address("", ""))
    if shown.address and len(listed) > 1:
        shown = _with_whole_name(values[0], shown, hint) or shown
    return FromResult(identity, shown.address or identity or "", shown.name, malformed=identity is None)


def _with_whole_name(raw: bytes, shown: Address, hint: str) -> Address | None:
    """Read `Petrov, Ivan <a@b>` without quotes as one person, if there is only one address."""
    source = raw.decode("utf-8", "surrogateescape")
    if len({m.group().lower() for m in _LOOSE.finditer(source)}) != 1 or "<" not in source:
        return None
    return Address(decode_name(source.partition("<")[0].strip().strip('"'), hint), shown.address)


def domain_to_ascii(domain: str) -> str | None:
    """Return a domain's comparable form (IDNA 2008), None if it is invalid."""
    if len(domain) > limits.DOMAIN:
        return None
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return None

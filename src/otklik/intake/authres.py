"""Authentication-Results (RFC 8601), read strictly: anything unexpected means that nothing is believed (AB-11)."""

import re
from dataclasses import dataclass, field

from otklik.mail.domains import organisational_domain

_SEPARATOR = ";"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[;=]|[^\s;="()]+')


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one method, e.g. dmarc=pass header.from=example.org."""

    method: str
    value: str
    properties: dict[str, str] = field(default_factory=dict)


def dmarc_passed(headers: tuple[str, ...], authserv: str, domain: str) -> bool:
    """Return whether our own mail server reports that DMARC passed for exactly this From domain.

    `headers`: the Authentication-Results fields above the first Received, topmost first. `authserv`: the only trusted
    authserv-id, "" for none. `domain`: of the From address. Two DMARC results are rejected as contradictory.
    """
    if not authserv or not headers:
        return False
    top = parsed(headers[0])
    if top is None or top[0] != authserv.lower():
        return False
    verdicts = [result for result in _ours(headers, authserv) if result.method == "dmarc"]
    if len(verdicts) != 1 or verdicts[0] not in top[1]:
        return False
    return verdicts[0].value == "pass" and verdicts[0].properties.get("header.from", "") == domain.lower()


def spf_passed(headers: tuple[str, ...], authserv: str, domain: str) -> bool:
    """Return whether our own mail server got the mail directly from a server of the From domain's organization.

    Then no intermediary can have added header fields. Arguments as for `dmarc_passed`.
    """
    results = [result for result in _ours(headers, authserv) if result.method == "spf"] if authserv else []
    named = [result.properties.get("smtp.mailfrom", "") for result in results if result.value == "pass"]
    return any(name and organisational_domain(name) == organisational_domain(domain) for name in named)


def _ours(headers: tuple[str, ...], authserv: str) -> list[Result]:
    read = filter(None, map(parsed, headers))
    return [result for name, results in read if name == authserv.lower() for result in results]


def parsed(header: str) -> tuple[str, list[Result]] | None:
    """Parse the field into (authserv-id, results), lower-cased; None if it violates the grammar of RFC 8601."""
    bare = _without_comments(header)
    tokens = _tokens(bare) if bare is not None else None
    if not tokens:
        return None
    groups = _groups(tokens)
    if len(groups[0]) not in (1, 2) or (len(groups[0]) == 2 and groups[0][1] != "1") or "=" in groups[0]:
        return None
    results = [_result(group) for group in groups[1:] if group and group != ["none"]]
    if any(result is None for result in results):
        return None
    return groups[0][0].lower(), [result for result in results if result is not None]


def _without_comments(text: str) -> str | None:
    """Remove (nested (comments)); None if parentheses or quotes are unbalanced."""
    characters, depth, quoted, skip = [], 0, False, False
    for char in text:
        if skip:
            skip = False
        elif char == "\\" and (depth or quoted):
            skip = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif not quoted and char in "()":
            depth += 1 if char == "(" else -1
            if depth < 0:
                return None
            characters.append(" ")
            continue
        if not depth:
            characters.append(char)
    return None if depth or quoted else "".join(characters)


def _tokens(text: str) -> list[str] | None:
    tokens, position = [], 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        tokens.append(match.group())
        position = match.end()
    return tokens


def _groups(tokens: list[str]) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for token in tokens:
        if token == _SEPARATOR:
            groups.append([])
        else:
            groups[-1].append(token)
    return groups


def _result(tokens: list[str]) -> Result | None:
    """Parse `method = value [name = value]…`; None for any other form, and for duplicate names."""
    if len(tokens) % 3 or any(tokens[at] != "=" for at in range(1, len(tokens), 3)):
        return None
    pairs = [(tokens[at].lower(), _plain(tokens[at + 2])) for at in range(0, len(tokens), 3)]
    if any(name in "=;" or value in {"=", ""} for name, value in pairs):
        return None
    properties = dict(pairs[1:])
    if len(properties) != len(pairs) - 1:
        return None
    return Result(pairs[0][0].partition("/")[0], pairs[0][1], properties)


def _plain(token: str) -> str:
    if token.startswith('"'):
        token = re.sub(r"\\(.)", r"\1", token[1:-1])
    return token.lower()

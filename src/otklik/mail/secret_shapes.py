"""Patterns of our secrets, and the check which matches are real ones.

A secret is a link with power (`core.secret_links` reads them off the URL table), the signed part of a reply address or
Message-ID (`mail.tokens`), or that of a return address (`mail.verp`). Pure but for the keys that prove the last two
and signed links.
"""

import base64
import codecs
import re
from collections.abc import Callable, Iterator
from functools import cache

from otklik.core.secret_links import is_signed, secret_paths
from otklik.mail import tokens
from otklik.mail.verp import returned_mail
from otklik.people.commands.api_tokens import START

TOKEN = START
"""How a script's token begins."""

Proof = Callable[[re.Match[str]], bool]

_MOST_PROVED, _EPOCHS = 300, 20
# As they are written in addresses, and as mail programs, redirectors and proxies write them.
_SLASH = r"(?:/(?:\.?/)*+|%(?:25){0,3}2[Ff]|=2[Ff]|&#(?:47|x2[Ff]);|&sol;|\\/|\\u002[Ff]|-2F|_|\\)"
_COLON = r"(?::|%(?:25){0,3}3[Aa]|=3[Aa]|&#(?:58|x3[Aa]);|&colon;|\\u003[Aa]|-3A)"
_DOT = r"(?:\.|%(?:25){0,3}2[Ee]|=2[Ee]|&#(?:46|x2[Ee]);)"
_SIGNED = rf"[0-9]{{1,12}}(?:{_DOT}[0-9]{{1,9}})?{_COLON}[A-Za-z0-9_-]{{43}}"
_RESET = r"[0-9A-Za-z]{1,13}-[0-9a-z]{4,13}-[0-9a-f]{32,64}"
_RANDOM = r"[A-Za-z0-9_-]{43}"
_TOKEN = TOKEN + _RANDOM
# A rewriter of links sets its own underscores behind ours: `…__;!!`.
_END = r"(?![A-Za-z0-9-]|_{1,3}[A-Za-z0-9-]|_{4})"
ADDRESS = re.compile(
    r"[1bB](?:(?<![0-9A-Za-z].)|(?<=[^0-9A-Za-z]2[Bb].))"  # a plus sign may be %2B, =2B, +2B (RFC 3461, Exchange)
    r"(?:(?<=1)[0-9A-Za-z]{1,13}[A-Za-z2-7]{26}|(?<=[bB])[0-9]{1,18}-[A-Za-z2-7]{26})(?![0-9A-Za-z])",
    re.ASCII,
)
"""The signed part of an address, if it is proved."""

ALONE = re.compile(
    r"(?<![0-9A-Za-z.])(?P<number>[0-9]{1,12}(?:[._][0-9]{1,9})?)[^0-9A-Za-z.]{1,3}?"
    r"(?P<signature>[A-Za-z0-9_-]{43})(?![A-Za-z0-9])"
)
"""The secret of a signed link with anything for its colon, as in the name of a file, if it is proved."""

RANDOM_ALONE = re.compile(rf"(?<![A-Za-z0-9_-]){_RANDOM}{_END}", re.ASCII)
BARE = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_TOKEN}|{_RANDOM}|{_RESET}|{_SIGNED}){_END}", re.ASCII)
CODE = re.compile(r"(?<![0-9-])[0-9](?:[ -]?[0-9]){7}(?![0-9-])")
"""Eight digits, in whatever groups they are written."""


def looks_random(secret: str) -> bool:
    """Return whether the characters look random: words in a row have no digits among them."""
    return (
        re.search("[0-9]", secret) is not None and re.search("[A-Z]", secret) is not None and secret != secret.upper()
    )


def signed_alone(match: re.Match[str]) -> str:
    """Return the secret that `ALONE` matched in its original form; "" if we did not sign it."""
    secret = f"{match['number'].replace('_', '.')}:{match['signature']}"
    return secret if is_signed(secret) else ""


@cache
def words() -> tuple[str, ...]:
    """Return the last words of our secret paths; any text with such a link contains one of them."""
    return tuple(sorted({path.rstrip("/").rpartition("/")[2] for path in secret_paths()}))


def signs() -> tuple[str, ...]:
    """Return words, one of which is in every text that has a link of ours or an API token."""
    return (*words(), TOKEN)


@cache
def beginnings() -> tuple[str, ...]:
    """Return the first segments of our secret paths, with the slash."""
    return tuple(sorted({f"{path.partition('/')[0]}/" for path in secret_paths()}))


@cache
def path() -> re.Pattern[str]:
    """A pattern for the part before the secret in our links."""
    paths = "|".join(re.escape(path).replace("/", _SLASH) for path in secret_paths())
    return re.compile(rf"(?:{paths})")


@cache
def shown() -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """Patterns for pages: what contains our links or signed addresses, and what follows it there."""
    slash, signed = re.compile(_SLASH.encode()), re.compile(rb"[0-9A-Za-z]{27}")
    return (
        *((word.encode(), slash) for word in words()),
        (TOKEN.encode(), re.compile(_RANDOM.encode())),
        *((mark, signed) for mark in (b"+1", b"lt;1", b"2B1", b"2b1")),
        *((mark, re.compile(rb"[0-9]{1,18}-")) for mark in (b"+b", b"+B", b"2Bb", b"2bb")),
    )


@cache
def plain_links() -> re.Pattern[str]:
    """A pattern for unencoded links, with any rest, and for API tokens."""
    return re.compile(rf"{path().pattern}[A-Za-z0-9%&=#;._:-]{{6,}}|{_TOKEN}", re.ASCII)


@cache
def secret_ends() -> re.Pattern[str]:
    """A pattern for a secret path and everything behind it."""
    return re.compile(rf"({path().pattern})[^\s\"'<>|,)\]}}]+")


@cache
def links() -> re.Pattern[str]:
    """A pattern for links, and for secrets recognizable by shape."""
    return re.compile(rf"{plain_links().pattern}|{bare_shape().pattern}", re.ASCII)


@cache
def exact_links() -> re.Pattern[str]:
    """Like `links`, matching exactly the secret."""
    return re.compile(f"{behind_paths().pattern}|{bare_shape().pattern}", re.ASCII)


@cache
def bare_shape() -> re.Pattern[str]:
    """A pattern for secrets recognizable by shape."""
    return re.compile(rf"(?<![A-Za-z0-9._-])(?:{_SIGNED}|{_RESET}|{_TOKEN}){_END}", re.ASCII)


@cache
def behind_paths() -> re.Pattern[str]:
    """A pattern for a path and a complete secret, which is group 1."""
    return re.compile(rf"{path().pattern}({_SIGNED}|{_RESET}|{_RANDOM})", re.ASCII)


@cache
def marks() -> re.Pattern[str]:
    """A pattern for our words, plain, in base64 or hex. Only texts that match are decoded in all ways."""
    forms = {
        form
        for word in signs()
        for form in (word, word.encode().hex(), word.encode().hex().upper(), *base64_forms(word))
    }
    return re.compile("|".join(re.escape(form) for form in sorted(forms)))


@cache
def turned_marks() -> re.Pattern[str]:
    """A pattern for our words reversed or in ROT13."""
    return re.compile(
        "|".join(re.escape(form) for word in words() for form in (word[::-1], codecs.encode(word, "rot13")))
    )


def base64_forms(word: str) -> Iterator[str]:
    """Yield the base64 letters of a word for each alignment."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + word.encode()).decode()
        yield text[(before * 8 + 5) // 6 : (before + len(word)) * 8 // 6]


def prover() -> Proof:
    """Return a function that tells whether we signed a signed part.

    Each proof costs some hashes, so beyond _MOST_PROVED in one text all others count as ours.
    """
    known: dict[str, bool] = {}

    def is_ours(match: re.Match[str]) -> bool:
        secret = match.group()
        if secret not in known:
            known[secret] = len(known) >= _MOST_PROVED or _is_ours(match)
        return known[secret]

    return is_ours


def _is_ours(match: re.Match[str]) -> bool:
    if match.re is ALONE:
        return signed_alone(match) != ""
    secret = match.group()
    if secret[0] in "bB":
        return returned_mail(f"x+{secret}@x") is not None
    participant = tokens.participant_of(secret)
    return participant is not None and any(tokens.is_genuine(secret, participant, epoch) for epoch in range(1, _EPOCHS))

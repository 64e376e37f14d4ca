"""Which URL patterns carry a secret, derived from the URL configuration so that a new one cannot be forgotten."""

from collections.abc import Iterator
from functools import cache, partial

from django.core.signing import BadSignature, Signer
from django.urls import URLPattern, URLResolver, get_resolver

PARAMETERS = frozenset({"secret", "token", "uidb36", "broken"})
"""An address with one of these in it is a link with power: whoever has it may use it."""


class LinkSigner(Signer):
    """Signs the secret of a link. Mail programs break long links over lines; blanks in one, typed or copied, say
    nothing."""

    def unsign(self, signed_value: str) -> str:
        """The value. Raises BadSignature."""
        return super().unsign("".join(signed_value.split()))


_SIGNERS: dict[str, Signer] = {}


def link_signer(salt: str) -> Signer:
    """What signs the secrets of one kind of links; whatever it signed is known as a secret of ours (`is_signed`)."""
    return _SIGNERS.setdefault(salt, LinkSigner(salt=salt))


def is_signed(secret: str) -> bool:
    """Whether one of the signers made this, of whatever kind and age."""
    return any(map(partial(_has_signed, secret), _SIGNERS.values()))


def _has_signed(secret: str, signer: Signer) -> bool:
    try:
        return bool(signer.unsign(secret))
    except BadSignature:
        return False


@cache
def secret_paths() -> tuple[str, ...]:
    """What stands before the secret in each such address, without a slash at its beginning; the longest first."""
    paths = {before for before, names in routes(get_resolver()) if names & PARAMETERS}
    return tuple(sorted(paths, key=lambda path: (-len(path), path)))


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Of every address: the part before its first variable one, and the names of the variable ones."""
    for entry in resolver.url_patterns:
        text = before + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from routes(entry, text)
        elif isinstance(entry, URLPattern):
            names = frozenset(entry.pattern.regex.groupindex)
            yield text.replace("(", "<").partition("<")[0], names

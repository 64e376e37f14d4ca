"""Which URL patterns carry a secret, derived from the URL configuration so that a new one cannot be forgotten."""

from collections.abc import Iterator
from functools import cache, partial

from django.core.signing import BadSignature, Signer
from django.urls import URLPattern, URLResolver, get_resolver

PARAMETERS = frozenset({"secret", "token", "uidb36", "broken"})
"""An address with one of these in it is a link with power: whoever has it may use it."""


class LinkSigner(Signer):
    """Signer for secrets in links. Ignores whitespace, which mail programs insert when they wrap long links."""

    def unsign(self, signed_value: str) -> str:
        """Return the signed value. Raises BadSignature."""
        return super().unsign("".join(signed_value.split()))


_SIGNERS: dict[str, Signer] = {}


def link_signer(salt: str) -> Signer:
    """Return the signer for one kind of link, registering it for `is_signed`."""
    return _SIGNERS.setdefault(salt, LinkSigner(salt=salt))


def is_signed(secret: str) -> bool:
    """Return whether one of the registered signers made this text. Expiry is not checked."""
    return any(map(partial(_has_signed, secret), _SIGNERS.values()))


def _has_signed(secret: str, signer: Signer) -> bool:
    try:
        return bool(signer.unsign(secret))
    except BadSignature:
        return False


@cache
def secret_paths() -> tuple[str, ...]:
    """Return the part before the secret of each URL that contains one, without leading slash, longest first."""
    paths = {before for before, names in routes(get_resolver()) if names & PARAMETERS}
    return tuple(sorted(paths, key=lambda path: (-len(path), path)))


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Yield, for every URL pattern, the text before its first parameter and the names of its parameters."""
    for entry in resolver.url_patterns:
        text = before + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from routes(entry, text)
        elif isinstance(entry, URLPattern):
            names = frozenset(entry.pattern.regex.groupindex)
            yield text.replace("(", "<").partition("<")[0], names

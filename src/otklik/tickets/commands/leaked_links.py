"""Void approval links that leaked into a mail to the desk."""

from collections.abc import Collection
from datetime import datetime

from otklik.tickets.approvals import signature_of, votes_in, votes_signed
from otklik.tickets.models import Vote

MOST_COMPARED = 2_000
SIGNATURE_LENGTH = 43


def lock_approval_links(*, at: datetime, secrets: Collection[str]) -> set[str]:
    """Require a login for these approval links from now on, since others may have read them.

    `secrets`: whole secrets or their signatures. Returns the signatures of the links found.
    """
    votes = _votes(secrets)
    if votes:
        Vote.objects.filter(pk__in=votes, link_seen_at=None).update(link_seen_at=at)
    return set(map(signature_of, votes))


def approval_signatures_in(secrets: Collection[str]) -> set[str]:
    """Return the signatures of approval links among these texts, which may be whole secrets or signatures."""
    return set(map(signature_of, _votes(secrets)))


def _votes(secrets: Collection[str]) -> list[int]:
    signatures = {secret for secret in secrets if len(secret) == SIGNATURE_LENGTH}
    return [*votes_in(secrets), *votes_signed(signatures, MOST_COMPARED)]

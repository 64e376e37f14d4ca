"""Approval links that turned up in a mail to the desk."""

from collections.abc import Collection
from datetime import datetime

from otklik.tickets.approvals import votes_in
from otklik.tickets.models import Vote


def lock_approval_links(*, at: datetime, secrets: Collection[str]) -> None:
    """Others may have read these links: from now on they open for nobody but whom they were made for, logged in."""
    if votes := votes_in(secrets):
        Vote.objects.filter(pk__in=votes, link_seen_at=None).update(link_seen_at=at)

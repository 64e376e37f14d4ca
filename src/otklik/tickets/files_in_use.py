"""Which stored files are referred to by any row; asked before a file is deleted."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from otklik.core import blobs
from otklik.desks.models import CannedAnswer, Desk
from otklik.journal.models import Event
from otklik.mail.models import OutboundFile
from otklik.people.models import DataExport
from otklik.tickets.models import Attachment, Draft, ListExport, PendingReply, Unconfirmed

# Every column that refers to files: NAMING holds a digest, LISTING contains digests in JSON.
NAMING: tuple[tuple[type[Model], str], ...] = (
    (Attachment, "digest"),
    (OutboundFile, "digest"),
    (DataExport, "digest"),
    (ListExport, "digest"),
    (Desk, "logo_digest"),
)
LISTING: tuple[tuple[type[Model], str], ...] = (
    (PendingReply, "files"),
    (Draft, "files"),
    (Draft, "former"),
    (Unconfirmed, "files"),
    (CannedAnswer, "files"),
)
UNDER_WAY = timedelta(minutes=10)
"""Blobs stored so recently may belong to an uncommitted row."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def named_among(digests: Iterable[str]) -> set[str]:
    """Return those of the digests that some row refers to."""
    wanted = set(digests)
    if not wanted:
        return set()
    first, *others = [*_names(wanted), *_texts()]
    # One statement has one snapshot: a digest that moves between tables meanwhile is not missed.
    texts = first.union(*others, all=True)
    return wanted.intersection(digest for text in texts for digest in _DIGEST.findall(text))


def missing() -> set[str]:
    """Return the digests that rows refer to but the store does not have."""
    named = set[str]()
    for model, column in NAMING:
        named.update(model._default_manager.exclude(**{column: ""}).values_list(column, flat=True).distinct())
    return {digest for digest in named if digest and not blobs.path_of(digest).exists()}


def remove_unnamed(digest: str, at: datetime, stored: datetime | None = None) -> bool:
    """Delete the blob unless a row refers to it or the same was stored lately; return whether it is gone.

    Call after the row that referred to it is gone for good. What stays is removed later (worker.unused_files).
    `stored`: when that row had stored it at the latest; a later time, within UNDER_WAY of `at`, is another upload.
    """
    lately = at - UNDER_WAY
    return not named_among([digest]) and blobs.remove(digest, before=max(lately, stored) if stored else lately)


def _names(wanted: set[str]) -> list[QuerySet[Any, str]]:
    rows = [model._default_manager.filter(**{f"{column}__in": wanted}).order_by() for model, column in NAMING]
    return [
        named.annotate(said=Cast(column, TextField())).values_list("said", flat=True)
        for named, (_model, column) in zip(rows, NAMING, strict=True)
    ]


def _texts() -> list[QuerySet[Any, str]]:
    """JSON lists of files, and former files of desks; also of rows and values that can be restored."""
    lists = [
        model._base_manager.order_by().annotate(said=Cast(column, TextField())).values_list("said", flat=True)
        for model, column in LISTING
    ]
    history = Event.objects.order_by().filter(subject_kind="desk").annotate(said=Cast("data", TextField()))
    named = history.filter(Q(said__contains="logo_digest") | Q(said__contains='"digest"'))
    return [*lists, named.values_list("said", flat=True)]

"""Which stored files are referred to by any row; asked before a file is deleted."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast

from otklik.core import blobs
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.models import OutboundFile
from otklik.people.models import DataExport
from otklik.tickets.models import Attachment, Draft, ListExport, PendingReply, Unconfirmed

# Every column that names files: by the digest itself, and somewhere in its text.
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
)
UNDER_WAY = timedelta(minutes=10)
"""Bytes stored so lately may be named by a row that is not committed yet."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def named_among(digests: Iterable[str]) -> set[str]:
    """The digests to which some row refers."""
    wanted = set(digests)
    if not wanted:
        return set()
    first, *others = [*_names(wanted), *_texts()]
    # One statement sees all tables at one moment: a name that moves from one to another meanwhile is in either.
    said = first.union(*others, all=True)
    return wanted.intersection(digest for text in said for digest in _DIGEST.findall(text))


def missing() -> set[str]:
    """The digests that rows of files name and the store does not hold."""
    named = set[str]()
    for model, column in NAMING:
        named.update(model._default_manager.exclude(**{column: ""}).values_list(column, flat=True).distinct())
    return {digest for digest in named if digest and not blobs.path_of(digest).exists()}


def remove_unnamed(digest: str, at: datetime, stored: datetime | None = None) -> bool:
    """Remove the bytes now, unless a row names them or somebody else stored the same lately; returns whether they are
    gone. What stays is swept later (worker.unused_files). Call when the row that named them is gone for good.

    `stored`: when that row had stored them at the latest. After it, and within UNDER_WAY of `at`, it was somebody else.
    """
    lately = at - UNDER_WAY
    return not named_among([digest]) and blobs.remove(digest, before=max(lately, stored) if stored else lately)


def _names(wanted: set[str]) -> list[QuerySet[Any, str]]:
    rows = [model._default_manager.filter(**{f"{column}__in": wanted}).order_by() for model, column in NAMING]
    return [
        some.annotate(said=Cast(column, TextField())).values_list("said", flat=True)
        for some, (_model, column) in zip(rows, NAMING, strict=True)
    ]


def _texts() -> list[QuerySet[Any, str]]:
    """Lists of files, and the former logos of desks, which a lead may take back."""
    lists = [
        model._default_manager.order_by().annotate(said=Cast(column, TextField())).values_list("said", flat=True)
        for model, column in LISTING
    ]
    history = Event.objects.order_by().filter(subject_kind="desk").annotate(said=Cast("data", TextField()))
    return [*lists, history.filter(said__contains="logo_digest").values_list("said", flat=True)]

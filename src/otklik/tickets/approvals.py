"""Queries about approvals, and the signed addresses of approval mails (ADR 37)."""

from collections.abc import Collection, Iterable
from contextlib import suppress

from django.core.signing import BadSignature
from django.db.models import QuerySet, prefetch_related_objects

from otklik.core.fast_reads import fast_read
from otklik.core.secret_links import link_signer
from otklik.people.models import Person
from otklik.tickets.models import Approval, Ticket, Vote


def approvals_of(ticket: Ticket) -> list[Approval]:
    """Return the ticket's approvals, newest first, with votes and people, without withdrawn ones."""
    rows = _approvals(ticket=ticket.pk)
    prefetch_related_objects(rows, "votes__person")
    return rows


@fast_read("ticket")
def _approvals(*, ticket: int) -> QuerySet[Approval]:
    return approval_rows(Ticket(pk=ticket)).select_related("asked_by").order_by("-id")


def approval_rows(ticket: Ticket) -> QuerySet[Approval]:
    """The rows of `approvals_of`."""
    return Approval.objects.filter(ticket=ticket.pk).exclude(state=Approval.State.WITHDRAWN)


_SIGNER = link_signer("otklik.approval")


def vote_token(vote: Vote) -> str:
    """Return the secret of a link that lets the approver vote without login, and do nothing else."""
    return _SIGNER.sign(str(vote.pk))


def votes_in(tokens: Iterable[str]) -> list[int]:
    """Return the ids of the votes whose secrets are among these texts."""
    votes = []
    for token in tokens:
        with suppress(BadSignature, ValueError):
            votes.append(int(_SIGNER.unsign(token)))
    return votes


def votes_signed(signatures: Collection[str], limit: int) -> list[int]:
    """Return the ids of pending votes, newest first up to `limit`, whose secret has one of these signatures.

    A signature suffices for a leak, since the rest of the secret is an easily guessed number.
    """
    if not signatures:
        return []
    rows = Vote.objects.filter(answer="", approval__state=Approval.State.PENDING).order_by("-id")
    pending = rows.values_list("pk", flat=True)[:limit]
    return [pk for pk in pending if signature_of(pk) in signatures]


def signature_of(vote_id: int) -> str:
    """Return the signature part of a vote's secret."""
    return _SIGNER.signature(str(vote_id))


def vote_of(token: str) -> Vote | None:
    """Return the vote of this secret; None if invalid, withdrawn, or if the desk does not accept votes by link."""
    try:
        pk = int(_SIGNER.unsign(token))
    except BadSignature:
        return None
    votes = Vote.objects.filter(pk=pk, person__is_active=True, approval__ticket__desk__approval_links=True)
    votes = votes.exclude(approval__state=Approval.State.WITHDRAWN)
    return votes.select_related("person", "approval__ticket__desk", "approval__ticket__requester").first()


def votes_of(person: Person, *, pending: bool) -> QuerySet[Vote]:
    """The person's votes: pending ones, oldest first, or past ones, newest first."""
    votes = Vote.objects.filter(person=person.pk)
    if pending:
        return votes.filter(answer="", approval__state=Approval.State.PENDING).order_by("approval__asked_at", "id")
    decided = votes.exclude(approval__state__in=[Approval.State.PENDING, Approval.State.WITHDRAWN])
    return (decided | votes.exclude(answer="").exclude(approval__state=Approval.State.WITHDRAWN)).order_by("-id")

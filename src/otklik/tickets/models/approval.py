"""Approvals: people asked whether a ticket may go ahead, and their votes."""

from django.db import models

from otklik.core.retry_queue import Retried
from otklik.desks.models import ApprovalRule
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class Approval(Retried):
    """A request for approval by one or several people. `asked_by` null: the request type asked automatically."""

    class State(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="approvals")
    question = models.TextField(blank=True)
    rule = models.CharField(max_length=10, choices=ApprovalRule.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # With two pending approvals it would be unclear which one a vote counts for.
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(state="pending"), name="one_pending_approval"
            ),
            models.CheckConstraint(
                condition=models.Q(state="pending", settled_at=None)
                | ~models.Q(state="pending") & ~models.Q(settled_at=None),
                name="approval_settled_or_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state} on {self.ticket_id}"


class Vote(models.Model):
    """The vote of one approver; `answer` is blank until they vote.

    Approvers see what customers see of the ticket, unless the approval is withdrawn.
    """

    class Answer(models.TextChoices):
        APPROVED = "approved"
        DECLINED = "declined"

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="votes")
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    words = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    # When the mailed link was found in a mail that others may read; since then it requires a login (ADR 44).
    link_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "person"], name="asked_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.answer or '-'} in {self.approval_id}"

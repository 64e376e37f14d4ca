"""Bulk runs: one act on many tickets, and its result for each (ADR 119)."""

from uuid import uuid4

from django.db import models

from otklik.core.retry_queue import Retried
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class BulkRun(Retried):
    """Tickets that somebody chose, and the one act that is done to each of them by the worker.

    `parameters` belong to the `act` (tickets.bulk.acts). Events of the act carry `batch`, those of taking it back
    `undo_batch`. Until `undo_until` the whole run can be taken back, and its mails wait.
    """

    class State(models.TextChoices):
        PREPARED = "prepared"  # chosen; nobody has said yet what is to be done
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="bulk_runs")
    batch = models.UUIDField(default=uuid4, unique=True)
    undo_batch = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARED)
    act = models.CharField(max_length=30, blank=True)
    parameters = models.JSONField(default=dict)
    # The address of the list that they were chosen from.
    back = models.CharField(max_length=4000, blank=True)
    prepared_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state__in=["running", "undoing"]), name="bulk_active"),
            models.Index(fields=["person", "-id"], name="bulk_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.act} {self.state}"


class BulkItem(models.Model):
    """One ticket of a run. `before`: what stood on it, as `Act.before` gave it; `why`: a refusal, as
    `stored_refusals.stored` writes it, where the ticket was left or could not be taken back."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        LEFT = "left"
        UNDONE = "undone"
        STAYED = "stayed"

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    before = models.JSONField(default=dict)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "ticket"], name="bulk_item_once")]
        indexes = [models.Index(fields=["run", "state", "position"], name="bulk_item_next")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.ticket_id} {self.state}"

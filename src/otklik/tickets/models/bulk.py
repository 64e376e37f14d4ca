"""Bulk runs: one act on many tickets, and its result for each (ADR 119)."""

from uuid import uuid4

from django.db import models

from otklik.core.retry_queue import Retried
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class BulkRun(Retried):
    """Tickets selected by a person, and the action that the worker performs on each.

    `parameters` belong to the `act` (tickets.bulk.acts). Events of the action carry `batch`, those of its undoing
    `undo_batch`. Until `undo_until` the run can be undone, and its mails are held back.
    """

    class State(models.TextChoices):
        PREPARED = "prepared"  # tickets are selected, the action is not chosen yet
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
    # The URL of the list that they were selected from.
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
    """One ticket of a run. `before`: its former values (Act.before).

    `why`: the reason, as `stored_refusals.stored` writes it, if it was left out or could not be undone.
    """

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

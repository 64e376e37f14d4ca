"""Statuses, transitions and priorities."""

from django.db import models

from otklik.desks.models.desk import Desk
from otklik.desks.models.site import Resolution


class Status(models.Model):
    """A status of tickets. The program's logic depends on the category, people read the name."""

    class Category(models.TextChoices):
        NEW = "new"
        PROGRESS = "progress"
        WAITING = "waiting"
        DONE = "done"

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="statuses")
    name = models.CharField(max_length=60)
    texts = models.JSONField(default=dict, blank=True)  # {language: {"name": …}}
    category = models.CharField(max_length=10, choices=Category.choices)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="status_once")]

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.name}"

    @property
    def is_done(self) -> bool:
        return self.category == self.Category.DONE


class Transition(models.Model):
    """An allowed change of status (`source` null: from any other).

    `for_customers`: the requester may perform it as well. `on_customer_reply`: a customer's message performs it.
    `on_approved`, `on_declined`: the outcome of an approval performs it. `assigns`: assigns an unassigned ticket to the
    acting agent. `resolution`: set if the target closes the ticket; null: the site's default.
    """

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="transitions")
    name = models.CharField(max_length=60)
    texts = models.JSONField(default=dict, blank=True)  # {language: {"name": …}}
    source = models.ForeignKey(Status, on_delete=models.CASCADE, null=True, related_name="transitions_out")
    target = models.ForeignKey(Status, on_delete=models.CASCADE, related_name="transitions_in")
    for_customers = models.BooleanField(default=False)
    for_agents = models.BooleanField(default=True)
    on_customer_reply = models.BooleanField(default=False)
    on_approved = models.BooleanField(default=False)
    on_declined = models.BooleanField(default=False)
    assigns = models.BooleanField(default=False)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.name}"


class Priority(models.Model):
    """A priority; level 1 is the most urgent."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="priorities")
    name = models.CharField(max_length=60)
    texts = models.JSONField(default=dict, blank=True)  # {language: {"name": …}}
    level = models.PositiveSmallIntegerField()
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "name"], name="priority_once"),
            models.UniqueConstraint(fields=["desk"], condition=models.Q(is_default=True), name="one_default_priority"),
        ]

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.name}"

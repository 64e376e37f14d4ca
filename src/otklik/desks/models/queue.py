"""Queues: saved filters with columns and an order."""

from django.db import models

from otklik.desks.models.desk import Desk


class Queue(models.Model):
    """A saved filter. `criteria` is structured (tickets.search.filters); the filter language will replace it."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="queues")
    name = models.CharField(max_length=100)
    texts = models.JSONField(default=dict, blank=True)  # {language: {"name": …}}
    criteria = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    order = models.CharField(max_length=40, default="-updated_at")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="queue_once")]

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.name}"

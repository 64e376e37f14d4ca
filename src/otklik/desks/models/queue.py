"""Queues (saved filters with columns and an order), and what each person makes of them: stars, order, hiding."""

from django.db import models
from django.db.models import Q

from otklik.desks.models.desk import Desk
from otklik.people.models import Person


class _Kept(models.Manager["Queue"]):
    """The default manager, without deleted queues."""

    def get_queryset(self) -> models.QuerySet["Queue"]:
        return super().get_queryset().filter(removed_at=None)


class Queue(models.Model):
    """A saved filter: of a desk for its staff, of one person (`owner`), or of neither, for staff of any desk.

    The latter two list tickets of all desks where the reader works. `jql`: the filter in stored form, with ids for
    names (tickets.jql.stored_form). `typed`: as last typed. `removed_at`: when it was deleted; it can be restored for a
    while (commands.queues).
    """

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="queues", null=True, blank=True)
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="queues", null=True, blank=True)
    name = models.CharField(max_length=100)
    texts = models.JSONField(default=dict, blank=True)  # {language: {"name": …}}
    jql = models.TextField(default="", blank=True)
    typed = models.TextField(default="", blank=True)
    icon = models.CharField(max_length=40, default="", blank=True)
    hidden = models.BooleanField(default=False)
    columns = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = _Kept()
    with_removed = models.Manager["Queue"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "name"], condition=Q(removed_at=None), name="queue_once"),
            models.UniqueConstraint(fields=["owner", "name"], condition=Q(removed_at=None), name="queue_once_of_owner"),
            models.CheckConstraint(condition=Q(desk=None) | Q(owner=None), name="queue_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.desk_id or self.owner_id or ''}: {self.name}"


class QueueChoice(models.Model):
    """A person's choices for a queue, or without one for lists of filters.

    `columns` and `density` empty: the queue's. `sorting`: a column, with "-" for descending; empty: the queue's.
    `position`: among starred queues.
    """

    class Density(models.TextChoices):
        """The density of a list's rows."""

        COMFORTABLE = "comfortable"
        COMPACT = "compact"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="queue_choices")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="choices", null=True, blank=True)
    starred = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    columns = models.JSONField(default=list, blank=True)
    sorting = models.CharField(max_length=200, default="", blank=True)
    density = models.CharField(max_length=12, choices=Density.choices, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "queue"], name="queue_choice_once"),
            models.UniqueConstraint(fields=["person"], condition=Q(queue=None), name="filter_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.queue_id}"

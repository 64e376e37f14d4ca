"""Customers' ratings of closed tickets."""

from django.db import models

from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket

SCORES = (1, 2, 3, 4, 5)


class Rating(models.Model):
    """A ticket's rating, 1 (bad) to 5 (good), with a comment. Can be changed while the desk accepts ratings."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="rating")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ratings")
    score = models.PositiveSmallIntegerField()
    words = models.TextField(blank=True)
    rated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="rating_one_to_five")
        ]

    def __str__(self) -> str:
        return f"{self.score} for {self.ticket_id}"

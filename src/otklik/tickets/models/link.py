"""Links between tickets."""

from django.db import models

from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class TicketLink(models.Model):
    """`source` duplicates, blocks or causes `target`; "relates" has no direction.

    Written by `commands.links`, and by `commands.open` for a ticket opened from another. Removed links are deleted.
    """

    class Kind(models.TextChoices):
        RELATES = "relates"
        DUPLICATES = "duplicates"
        BLOCKS = "blocks"
        CAUSES = "causes"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    source = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_in")
    # Null: the system, because of a mail or a reply to a closed ticket.
    added_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="link_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="link_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"

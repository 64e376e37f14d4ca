"""Links between tickets."""

from django.db import models

from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class TicketLink(models.Model):
    """`source` duplicates, blocks or causes `target`; or the two have to do with each other, in either order.

    Written by `commands.links`, and by `commands.open` for a ticket that came of another. A removed link is no row.
    """

    class Kind(models.TextChoices):
        RELATES = "relates"
        DUPLICATES = "duplicates"
        BLOCKS = "blocks"
        CAUSES = "causes"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    source = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_in")
    # Null: the product, because of a mail or an answer to a closed ticket.
    added_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="link_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="link_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"

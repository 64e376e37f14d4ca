"""Suppressed addresses, which mail servers refused."""

from django.db import models


class AddressTrouble(models.Model):
    """Delivery failures of an address.

    While `stopped_at` is set, mails to it get the state "stopped", which people see, until an agent or the person
    clears it. `hard` counts permanent failures since then, `soft` temporary ones.
    """

    address = models.CharField(max_length=320, unique=True)
    hard = models.IntegerField(default=0)
    soft = models.IntegerField(default=0)
    first_hard_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    words = models.TextField(blank=True)
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.address

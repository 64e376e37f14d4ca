"""Suppressed addresses, which mail servers refused."""

from django.db import models


class AddressTrouble(models.Model):
    """What is known of an address that did not take our mail.

    While `stopped_at` is set, nothing is sent there: mails get the state "stopped", which people see. It ends when an
    agent or the person clears it. `hard` counts refusals for good since then, `soft` passing ones.
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

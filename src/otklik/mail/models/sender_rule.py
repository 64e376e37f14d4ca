"""Rules that block or allow senders."""

from django.db import models

from otklik.mail.models.mailbox import Mailbox


class SenderRule(models.Model):
    """A rule for a sender in a mailbox: block, or never treat as automatic mail.

    `pattern`: a canonical address, or "@" and a domain, without subdomains. An address takes precedence over its
    domain. The journal has author and time; the name here is for the list.
    """

    class Verdict(models.TextChoices):
        ALLOW = "allow"
        BLOCK = "block"

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="sender_rules")
    pattern = models.CharField(max_length=320)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "pattern"], name="sender_rule_once")]

    def __str__(self) -> str:
        return f"{self.verdict} {self.pattern}"

"""DKIM keys for outgoing mail."""

from django.db import models


class DkimKey(models.Model):
    """A DKIM key of a domain (RFC 6376, RFC 8463); the public half is published at `selector._domainkey.domain`."""

    class Algorithm(models.TextChoices):
        RSA = "rsa"
        ED25519 = "ed25519"

    domain = models.CharField(max_length=255)
    selector = models.CharField(max_length=63)
    algorithm = models.CharField(max_length=10, choices=Algorithm.choices)
    # Encrypted (core.encryption): PEM of an RSA key, or the 32 bytes of an Ed25519 key in base64.
    private = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "selector"], name="dkim_selector_once")]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

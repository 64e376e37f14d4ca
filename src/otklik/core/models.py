"""Worker heartbeats, nonces of submitted forms, the configuration's version, and blobs without references."""

from django.db import models


class Heartbeat(models.Model):
    """When a component ("worker", "intake") last reported that it is alive."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class Submission(models.Model):
    """A processed form submission and its result (`core.idempotency`). `mark`: a hash of nonce, owner, content."""

    mark = models.CharField(max_length=64, primary_key=True)
    result = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.mark[:8]} {self.at}"


class UnusedBlob(models.Model):
    """A stored file that no row referred to at the last check; deleted if that stays so (worker.unused_files)."""

    digest = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.since}"


class ConfigurationVersion(models.Model):
    """A single row; triggers renew its version with each configuration change (`core.configuration_cache`)."""

    version = models.UUIDField()

    def __str__(self) -> str:
        return str(self.version)

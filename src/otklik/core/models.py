"""Worker heartbeats, nonces of submitted forms, the configuration's version, and blobs without references."""

from django.db import models


class Heartbeat(models.Model):
    """When a part of the product last said that it lives: "worker", "intake"."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class Submission(models.Model):
    """A form that was sent, and where its first sending led (`core.idempotency`). `mark` is a hash; old rows may go."""

    mark = models.CharField(max_length=64, primary_key=True)
    result = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.mark[:8]} {self.at}"


class UnusedBlob(models.Model):
    """A stored file that no row named when it was last looked for; removed when that lasts (worker.unused_files)."""

    digest = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.since}"


class ConfigurationVersion(models.Model):
    """One row. The database changes its version whenever configuration changes (`core.configuration_cache`)."""

    version = models.UUIDField()

    def __str__(self) -> str:
        return str(self.version)

"""Exports of ticket lists as files."""

from django.db import models

from otklik.core.retry_queue import Retried
from otklik.people.models import Person


class ListExport(Retried):
    """An export of the tickets that a filter finds: requested, made by the worker, downloadable until `expires_at`.

    `columns`: names of columns of workspace.export_table; `answers`: whether to add answers to forms. `language` and
    `time_zone` are those of the requesting page. `claimed_until`: a worker makes it and renews the claim before then.
    `done` of `total` tickets are written; `cut`: there are more than the limit. `desks`: ids of the desks where the
    person worked when it was made. `trouble`: the message of a permanent failure.
    """

    class Kind(models.TextChoices):
        """The file format: CSV for scripts, XLSX for people."""

        CSV = "csv"
        XLSX = "xlsx"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="list_exports")
    jql = models.TextField()
    kind = models.CharField(max_length=4, choices=Kind.choices)
    columns = models.JSONField(default=list)
    answers = models.BooleanField(default=False)
    language = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    cut = models.BooleanField(default=False)
    desks = models.JSONField(default=list)
    trouble = models.TextField(blank=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    digest = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"], condition=models.Q(ready_at=None, failed_at=None), name="list_export_waits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"

"""Exports of ticket lists as files."""

from django.db import models

from otklik.core.retry_queue import Retried
from otklik.people.models import Person


class ListExport(Retried):
    """What a filter finds, as a file: asked for, made by the worker, fetched by its person until `expires_at`.

    `columns`: names of columns of workspace.list_files; `answers`: whether those to forms are columns, too. It is made
    in the `language` and `time_zone` of the page where it was asked for. `claimed_until`: somebody makes it, and says
    so again before then. Of `total` tickets `done` are written; `cut`: more than that are found. `desks`: ids of those
    where its person worked when it was made. `trouble`: why it cannot be made, in words; asking again is of no use.
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

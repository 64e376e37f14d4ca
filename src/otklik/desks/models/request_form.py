"""Forms of request types: what a customer is asked, and how the types are grouped on the portal."""

from typing import Any

from django.db import models

from otklik.desks.models.desk import Desk, RequestType

# Keys of built-in fields; others are `customfield_10001` and so on, as in Jira.
SUMMARY, DESCRIPTION, ATTACHMENTS = "summary", "description", "attachments"
BUILT_IN = (SUMMARY, DESCRIPTION, ATTACHMENTS)
FIRST_CUSTOM = 10_000


class CustomField(models.Model):
    """A custom field of a desk, which may be on several forms; in filters `cf[10031]`, `customfield_10031`.

    `name` and `kind` are used by filters and scripts; on a form it is a `Field` with its own label, help and
    conditions. Its forms share its options, since answers are ids of options. `searchable`: filters may use it; files
    are not. Answers are found by the index on `Ticket.answers`, by `key`.
    """

    number = models.BigIntegerField(unique=True)
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="custom_fields")
    name = models.CharField(max_length=200)
    # One of Field.Kind.
    kind = models.CharField(max_length=20)
    searchable = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The key of answers in `Ticket.answers`."""
        return f"customfield_{self.number}"


class Field(models.Model):
    """One field of a form. `key` names the form field and the answer, and never changes.

    `hidden`: not shown; every request gets `default` as its answer. `condition_key` empty: always shown; otherwise only
    if the field with that key has one of `condition_values` (if none are given: any answer), and likewise for each of
    `further_conditions`: [{"key", "values"}]. `options`: [{"id", "label", "labels": {language: label}, "archived",
    "children": [the same]}]; ids never change. `limits`: depend on the kind (docs/forms.md). `texts`: {language:
    {"label", "help"}} for other languages.
    """

    class Kind(models.TextChoices):
        TEXT = "text"
        PARAGRAPH = "paragraph"
        NUMBER = "number"
        DATE = "date"
        MOMENT = "datetime"
        CHOICE = "choice"
        CHOICES = "choices"
        CASCADE = "cascade"
        CHECKBOX = "checkbox"
        PERSON = "person"
        ATTACHMENT = "attachment"
        ORGANIZATION = "organization"

    request_type = models.ForeignKey(RequestType, on_delete=models.CASCADE, related_name="form_fields")
    # Null for a built-in field.
    custom = models.ForeignKey(CustomField, on_delete=models.PROTECT, null=True, related_name="fields")
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # Empty for a built-in field, whose label is translated.
    label = models.CharField(max_length=200, blank=True)
    help = models.CharField(max_length=1000, blank=True)
    required = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    default = models.JSONField(null=True)
    options = models.JSONField(default=list)
    limits = models.JSONField(default=dict)
    condition_key = models.CharField(max_length=40, blank=True)
    condition_values = models.JSONField(default=list)
    further_conditions = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    texts = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    # Removed from the form; kept, so that its answers stay readable.
    archived = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request_type", "key"], name="field_once")]
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.request_type_id}: {self.key}"

    @property
    def conditions(self) -> list[tuple[str, list[Any]]]:
        """The key and values of each condition; all must hold."""
        further = [(str(condition["key"]), list(condition["values"])) for condition in self.further_conditions]
        return [(self.condition_key, list(self.condition_values)), *further] if self.condition_key else further

    @property
    def built_in(self) -> bool:
        return self.key in BUILT_IN


class TypeGroup(models.Model):
    """A heading for request types on the portal; a type may be in several groups."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)
    texts = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    archived = models.BooleanField(default=False)
    types = models.ManyToManyField(RequestType, related_name="groups", blank=True)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.name}"


class Center(models.Model):
    """Texts of the help centre, the portal's page of all desks. A single row with id 1."""

    announcement = models.TextField(blank=True)
    texts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return "help centre"

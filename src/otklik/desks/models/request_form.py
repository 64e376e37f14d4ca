"""Forms of request types: what a customer is asked, and how the types are grouped on the portal."""

from typing import Any

from django.db import models

from otklik.desks.models.desk import Desk, RequestType

# The ids of what every form has; the rest are `customfield_10001` and so on, as Jira's clients know them.
SUMMARY, DESCRIPTION, ATTACHMENTS = "summary", "description", "attachments"
BUILT_IN = (SUMMARY, DESCRIPTION, ATTACHMENTS)
FIRST_CUSTOM = 10_000


class CustomField(models.Model):
    """A field of a desk's own, which may stand on several of its forms: `cf[10031]` of filters, `customfield_10031`.

    `name` and `kind` are what filters and scripts know; on a form it is a `Field`, with a label, help and condition of
    that form. Forms that have it share its options, because an answer is the id of one. `searchable`: filters may ask
    for its answers; a file is none. Answers are found by the index on `Ticket.answers`, by `key`.
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
        """Under which answers to it are kept."""
        return f"customfield_{self.number}"


class Field(models.Model):
    """One question of a form. `key` is the name of the form field and of the answer: it never changes.

    `hidden`: not shown; every request gets `default` as the answer. `condition_key` empty: always asked; else only
    when the field of that key has one of `condition_values` (none named: when it has any answer), and the same holds of
    each of `further_conditions`: [{"key", "values"}].
    `options`: [{"id", "label", "labels": {language: label}, "archived", "children": [the same]}]; ids never change.
    `limits`: what the kind knows (docs/forms.md). `texts`: {language: {"label", "help"}} besides the desk's own.
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
    # Null: one that every form has.
    custom = models.ForeignKey(CustomField, on_delete=models.PROTECT, null=True, related_name="fields")
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # Empty for a built-in field: its name in the reader's language.
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
    # Out of the form; kept, because answers given to it stay readable.
    archived = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request_type", "key"], name="field_once")]
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.request_type_id}: {self.key}"

    @property
    def conditions(self) -> list[tuple[str, list[Any]]]:
        """Key and values of each condition; all must hold."""
        further = [(str(condition["key"]), list(condition["values"])) for condition in self.further_conditions]
        return [(self.condition_key, list(self.condition_values)), *further] if self.condition_key else further

    @property
    def built_in(self) -> bool:
        return self.key in BUILT_IN


class TypeGroup(models.Model):
    """A heading under which the portal gathers request types; a type may stand in several."""

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
    """What the help centre shows above all desks. One row, number 1."""

    announcement = models.TextField(blank=True)
    texts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return "help centre"

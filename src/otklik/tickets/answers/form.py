"""The Django form of a request type, built from its fields."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _

from otklik.desks.models import ATTACHMENTS, DESCRIPTION, SUMMARY, Field
from otklik.tickets.answers.choices import Cascade, Choice, Choices, labels_of
from otklik.tickets.answers.conditions import asked_keys, holds
from otklik.tickets.answers.field_types import (
    Checkbox,
    Date,
    Kind,
    Moment,
    Number,
    OrganizationKind,
    Paragraph,
    PersonKind,
    help_of,
    label_of,
)
from otklik.tickets.answers.files import Attachment, KeptFile, KeptFilesField, kept_file
from otklik.tickets.answers.respondent import Asked
from otklik.tickets.content import NewFile
from otklik.tickets.models import SUBJECT_LENGTH

K = Field.Kind
KINDS: dict[str, Kind] = {
    K.TEXT: Kind(),
    K.PARAGRAPH: Paragraph(),
    K.NUMBER: Number(),
    K.DATE: Date(),
    K.MOMENT: Moment(),
    K.CHOICE: Choice(),
    K.CHOICES: Choices(),
    K.CASCADE: Cascade(),
    K.CHECKBOX: Checkbox(),
    K.PERSON: PersonKind(),
    K.ATTACHMENT: Attachment(),
    K.ORGANIZATION: OrganizationKind(),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One field as `otklik/_form_part.html` prints it.

    `when`: the conditions for the script, as JSON [[key, [values]]]: the field is asked only if each of these fields
    has one of the values, or any answer if no values are listed. `when_words`: the same as a sentence, for readers
    without scripts. `most`, `limit`: number of files, and bytes for each.
    """

    field: BoundField
    is_files: bool
    kept: list[KeptFile]
    most: int
    limit: int
    when: str
    when_words: str


class AnswersForm(forms.Form):
    """The form of one request type for one reader. Fields whose condition is not met are neither validated nor stored.

    `rows`: the fields in order, without archived ones; `asked`: the reader and what they may choose; `answers`: stored
    answers to begin with, of a draft or a ticket; `kept`: files uploaded earlier, by field. Hidden fields are presets:
    they do not appear, and their answer is the default.
    """

    def __init__(
        self,
        rows: Sequence[Field],
        asked: Asked,
        *args: Any,
        answers: Mapping[str, Any] | None = None,
        kept: Mapping[str, Sequence[NewFile]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.asked, self.every = asked, list(rows)
        self.rows = [field for field in rows if not field.hidden]
        self.presets = [field for field in rows if field.hidden]
        self._begun = {key: list(files) for key, files in (kept or {}).items()}
        for field in self.rows:
            self.fields[field.key] = _form_field(field, asked)
            self._begin(field, answers)
        self.wanted = self._wanted() if self.is_bound else {field.key for field in self.rows}

    def kept_answers(self) -> dict[str, Any]:
        """Answers of a valid form as `Ticket.answers` stores them: with presets, without built-in and empty fields."""
        answers = {
            field.key: KINDS[field.kind].to_stored(self.cleaned_data[field.key])
            for field in self.rows
            if field.key in self.wanted and not field.built_in
        }
        answers |= {
            field.key: field.default for field in self.presets if field.key in self.wanted and not field.built_in
        }
        return {key: value for key, value in answers.items() if value is not None}

    def sent_files(self) -> list[NewFile]:
        """The files of a valid form from all file fields, each once even if uploaded to several."""
        fields = [field for field in self.rows if field.kind == K.ATTACHMENT and field.key in self.wanted]
        files = [file for field in fields for file in self.cleaned_data[field.key]]
        return list({(file.name, file.digest): file for file in files}.values())

    def said(self, key: str) -> str:
        """The text of `summary` or `description` in a valid form; the preset if that field is hidden."""
        preset = next((field for field in self.presets if field.key == key), None)
        return str((preset.default if preset else self.cleaned_data.get(key)) or "")

    def parts(self) -> list[Part]:
        """The fields for the template, in order."""
        return [self._part(field) for field in self.rows]

    def kept_files(self) -> dict[str, list[NewFile]]:
        """Files uploaded so far, by field, whether or not the form is valid."""
        return {name: list(self._found(name)) for name in self.fields if self._found(name)}

    def forgiving(self) -> "AnswersForm":
        """This form, bound but without errors: for a draft that is taken up again and may be incomplete."""
        self._errors = ErrorDict()
        return self

    def full_clean(self) -> None:
        """Django's; in addition gives the first invalid field the focus."""
        super().full_clean()
        for name in self._errors or ():
            if name in self.fields:
                self.fields[name].widget.attrs["autofocus"] = True
                return

    def _clean_fields(self) -> None:
        """Django's, but only for fields whose condition is met."""
        every = self.fields
        self.fields = {name: field for name, field in every.items() if name in self.wanted or name not in self._keys()}
        try:
            super()._clean_fields()  # type: ignore[misc]  # not in the stubs
        finally:
            self.fields = every

    def _keys(self) -> set[str]:
        return {field.key for field in self.rows}

    def _wanted(self) -> set[str]:
        presets = {field.key: field.default for field in self.presets}

        def answer_of(key: str) -> Any:
            return presets[key] if key in presets else self._raw(key)

        return asked_keys(self.every, answer_of)

    def _raw(self, key: str) -> Any:
        """The posted answer to a field on which others depend, as it would be stored; None if invalid or empty."""
        field = next(field for field in self.rows if field.key == key)
        if field.kind == K.ATTACHMENT:
            return None
        form_field = self.fields[key]
        try:
            return KINDS[field.kind].to_stored(
                form_field.clean(form_field.widget.value_from_datadict(self.data, self.files, key))
            )
        except ValidationError:
            return None

    def _begin(self, field: Field, answers: Mapping[str, Any] | None) -> None:
        answer = answers.get(field.key) if answers is not None else field.default
        if answer is not None and field.key not in self.initial:
            self.initial[field.key] = KINDS[field.kind].shown(field, answer)

    def _found(self, name: str) -> Sequence[NewFile]:
        field = self.fields[name]
        if not isinstance(field, KeptFilesField):
            return ()
        return field.found if self.is_bound and field.found else self._begun.get(name, ())

    def _part(self, field: Field) -> Part:
        form_field = self.fields[field.key]
        return Part(
            field=self[field.key],
            is_files=isinstance(form_field, KeptFilesField),
            kept=[kept_file(file, self.asked.files_of) for file in self._found(field.key)],
            most=form_field.most if isinstance(form_field, KeptFilesField) else 0,
            limit=settings.ATTACHMENT_SIZE_LIMIT,
            when=self._when(field),
            when_words=self._when_words(field),
        )

    def _when(self, field: Field) -> str:
        """`Part.when`, without conditions that a preset already fulfils; "" if there are none."""
        presets = {field.key: field.default for field in self.presets}
        open_now = [(key, values) for key, values in field.conditions if not holds(values, presets.get(key))]
        pairs = [[key, ["yes" if value is True else str(value) for value in values]] for key, values in open_now]
        return json.dumps(pairs) if pairs else ""

    def _when_words(self, field: Field) -> str:
        by_key = {field.key: field for field in self.every}
        pairs = [(by_key[key], values) for key, values in field.conditions if key in by_key]
        conditions = _(" and ").join(condition_words(other, values) for other, values in pairs)
        return _("Fill in if %(conditions)s.") % {"conditions": conditions} if conditions else ""


def condition_words(other: Field, values: Sequence[Any]) -> str:
    """A condition on field `other` as a clause in the reader's language, for "Fill in if …"."""
    if not values or other.kind == K.CHECKBOX:
        return _("«%(label)s» is filled in") % {"label": label_of(other)}
    labels = labels_of(other.options)
    chosen = ", ".join(labels.get(str(value), str(value)) for value in values)
    return _("«%(label)s» is: %(values)s") % {"label": label_of(other), "values": chosen}


def _form_field(field: Field, asked: Asked) -> forms.Field:
    made = KINDS[field.kind].field(field, asked)
    made.label, made.help_text = label_of(field), help_of(field)
    made.required = field.required and not getattr(made, "nothing_to_choose", False)
    made.widget.is_required = made.required
    if field.key == SUMMARY and isinstance(made, forms.CharField):
        made.max_length = SUBJECT_LENGTH
        made.widget.attrs["maxlength"] = str(SUBJECT_LENGTH)
        made.validators = [*forms.CharField(max_length=SUBJECT_LENGTH).validators]
    return made


def default_rows() -> list[Field]:
    """Unsaved fields of a form that nobody has set up: subject, description, files."""
    return [
        Field(key=SUMMARY, kind=K.TEXT, required=True, position=1),
        Field(key=DESCRIPTION, kind=K.PARAGRAPH, required=True, position=2),
        Field(key=ATTACHMENTS, kind=K.ATTACHMENT, position=3),
    ]


def rows_in_form(rows: Iterable[Field]) -> list[Field]:
    """The fields of a type that its form shows now, without archived ones.

    A default field is added if there is no subject, as lists need one to name the ticket.
    """
    rows = list(rows)
    if not rows:
        return default_rows()
    shown = [field for field in rows if not field.archived]
    if not any(field.key == SUMMARY for field in shown):
        shown.insert(0, default_rows()[0])
    return shown

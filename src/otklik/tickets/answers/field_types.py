"""Field types of request forms: input, validation, storage and display. Choices: choices.py; files: files.py.

An answer is kept as JSON that can be compared: text, a number, "2026-11-02", "2026-11-02T09:30:00Z", an option's id, a
list of them, true, an address, an organisation's id. None is "no answer" and is not kept at all.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.date_inputs import DAY_FORMATS, MOMENT_FORMATS, DayInput, MomentInput
from otklik.core.humanized_time import moment_in_full
from otklik.core.multiline_field import LinesField
from otklik.desks.models import Field
from otklik.desks.texts import text_of
from otklik.people.addresses import BadAddress
from otklik.people.models import Organization, Person
from otklik.people.queries import typed_address
from otklik.tickets.answers.respondent import Asked

TEXT_LENGTH = 255
TEXT_LONGEST = 1000
PARAGRAPH_LONGEST = 200_000
DIGITS = 15  # what a JSON number holds exactly

BUILT_IN_LABELS = {
    "summary": gettext_lazy("Subject"),
    "description": gettext_lazy("Description"),
    "attachments": gettext_lazy("Attachments"),
}
BUILT_IN_HELP = {
    "summary": gettext_lazy("In a few words: what is it about?"),
    "description": gettext_lazy(
        "What did you do, what did you expect and what happened? The text of an error helps a lot."
    ),
    "attachments": gettext_lazy("Screenshots and documents. Several files may be chosen at once."),
}


def label_of(field: Field) -> str:
    """Return the field's label in the active language."""
    return text_of(field, "label") or str(BUILT_IN_LABELS.get(field.key, field.key))


def help_of(field: Field) -> str:
    """Return the hint below the field; a built-in field has a default hint until the desk renames it."""
    return text_of(field, "help") or ("" if field.label else str(BUILT_IN_HELP.get(field.key, "")))


class Kind:
    """A kind of form field; this base class is single-line text."""

    # Lazily translated name for whoever sets up a form.
    name: Any = gettext_lazy("Text, one line")
    icon = "typography"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        """Return the unbound Django form field, which validates answers."""
        longest = _within(field.limits.get("max"), TEXT_LENGTH, TEXT_LONGEST)
        return forms.CharField(max_length=longest, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def to_stored(self, value: Any) -> Any:
        """Convert a cleaned value to JSON; None for no answer."""
        return value or None

    def shown(self, field: Field, answer: Any) -> Any:
        """Convert a stored answer to the form field's initial value."""
        return answer

    def display(self, field: Field, answer: Any) -> str:
        """Return a stored answer as text, in the active language and time zone."""
        return str(answer)


class Paragraph(Kind):
    """Multi-line text; `limits["max"]` bounds its length in characters."""

    name = gettext_lazy("Text, several lines")
    icon = "file-text"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        longest = _within(field.limits.get("max"), PARAGRAPH_LONGEST, PARAGRAPH_LONGEST)
        rows = 8 if field.key == "description" else 4
        return LinesField(max_length=longest, widget=forms.Textarea(attrs={"rows": rows}))


class Number(Kind):
    """A decimal number; a decimal comma is accepted."""

    name = gettext_lazy("Numeric value")
    icon = "numbers"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return NumberField(
            min_value=_decimal(field.limits.get("min")),
            max_value=_decimal(field.limits.get("max")),
            max_digits=DIGITS,
            decimal_places=0 if field.limits.get("whole") else None,
        )

    def to_stored(self, value: Any) -> Any:
        if value is None:
            return None
        return int(value) if value == value.to_integral_value() else float(value)

    def display(self, field: Field, answer: Any) -> str:
        return str(formats.number_format(Decimal(str(answer)), use_l10n=True))


class Date(Kind):
    """A date, stored in ISO 8601; `limits["when"]` may require the past or the future."""

    name = gettext_lazy("Date")
    icon = "calendar"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return DateField(when=str(field.limits.get("when", "")))

    def to_stored(self, value: Any) -> Any:
        return value.isoformat() if value else None

    def shown(self, field: Field, answer: Any) -> Any:
        return date.fromisoformat(answer) if answer else None

    def display(self, field: Field, answer: Any) -> str:
        return str(formats.date_format(date.fromisoformat(answer), "DATE_FORMAT"))


class Moment(Kind):
    """A date and time, in the time zone of the person who types."""

    name = gettext_lazy("Date and time")
    icon = "clock"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return MomentField(when=str(field.limits.get("when", "")))

    def to_stored(self, value: Any) -> Any:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None

    def shown(self, field: Field, answer: Any) -> Any:
        return datetime.fromisoformat(answer) if answer else None

    def display(self, field: Field, answer: Any) -> str:
        return moment_in_full(datetime.fromisoformat(answer))


class Checkbox(Kind):
    """Yes or no. If required, it must be ticked."""

    name = gettext_lazy("Tick box")
    icon = "checkbox"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return forms.BooleanField()

    def to_stored(self, value: Any) -> Any:
        return bool(value)

    def display(self, field: Field, answer: Any) -> str:
        return _("yes") if answer else _("not ticked")


class PersonKind(Kind):
    """A person, by mail address. Any address is accepted, so that nothing reveals who has an account (AB-29)."""

    name = gettext_lazy("Person")
    icon = "user"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return AddressField(asked)

    def display(self, field: Field, answer: Any) -> str:
        return str(answer)


class OrganizationKind(Kind):
    """One of the organizations of the person who fills the form in."""

    name = gettext_lazy("Organisation")
    icon = "building"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return OrganizationField(asked)

    def to_stored(self, value: Any) -> Any:
        return value.pk if value else None

    def display(self, field: Field, answer: Any) -> str:
        organization = Organization.objects.filter(pk=answer).first()
        return organization.name if organization else "—"


class NumberField(forms.DecimalField):
    """Accepts «1,5» and «1 000». A text input, as a scroll wheel changes number inputs by accident."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "".join(value.replace(",", ".").split())
        return super().to_python(value)


class _Timely:
    """Rejects the past or the future. `when`: "future", "past" or ""."""

    when = ""

    def check(self, value: Any, now: Any) -> None:
        """Raise ValidationError if `value` is on the wrong side of `now`."""
        if self.when == "future" and value < now:
            raise forms.ValidationError(_("This must not lie in the past."))
        if self.when == "past" and value > now:
            raise forms.ValidationError(_("This must not lie in the future."))


class DateField(_Timely, forms.DateField):
    """A date, typed as «2.11.2026» or 2026-11-02, or picked."""

    def __init__(self, *, when: str = "", **options: Any) -> None:
        self.when = when
        super().__init__(widget=DayInput(), input_formats=DAY_FORMATS, **options)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day:
            self.check(day, timezone.localdate())
        return day


class MomentField(_Timely, forms.DateTimeField):
    """A date and time, typed as «2.11.2026 9:30», or picked."""

    def __init__(self, *, when: str = "", **options: Any) -> None:
        self.when = when
        super().__init__(widget=MomentInput(), input_formats=MOMENT_FORMATS, **options)

    def clean(self, value: Any) -> Any:
        at = super().clean(value)
        if at:
            self.check(at, timezone.now())
        return at


class AddressField(forms.CharField):
    """A mail address; people of the person's own organizations are suggested."""

    def __init__(self, asked: Asked, **options: Any) -> None:
        super().__init__(max_length=320, widget=AddressInput(asked.colleagues), **options)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return typed_address(typed) if typed else ""
        except BadAddress:
            raise forms.ValidationError(_("This is not a mail address.")) from None


class AddressInput(forms.EmailInput):
    """An input with a datalist of suggestions."""

    template_name = "otklik/_address_input.html"

    def __init__(self, people: list[Person]) -> None:
        super().__init__(attrs={"autocomplete": "off", "placeholder": "name@example.org"})
        self.people = people

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if self.people:
            context["people"] = self.people
            context["widget"]["attrs"]["list"] = f"{context['widget']['attrs'].get('id', name)}_people"
        return context


class OrganizationField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no generic at run time
    """Never required of people who have no organization."""

    def __init__(self, asked: Asked, **options: Any) -> None:
        ids = [organization.pk for organization in asked.organizations]
        organizations = Organization.objects.filter(pk__in=ids).order_by("name")
        super().__init__(organizations, empty_label="—", **options)
        self.nothing_to_choose = not ids


def _within(wanted: Any, usual: int, most: int) -> int:
    return min(int(wanted), most) if wanted else usual


def _decimal(number: Any) -> Decimal | None:
    return None if number in (None, "") else Decimal(str(number))

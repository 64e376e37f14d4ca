"""Settings forms of request types and their groups, in every language of the site."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.ids import typed_id
from otklik.desks.models import Desk, IssueType, RequestType, TypeGroup
from otklik.desks.texts import name_of
from otklik.people.addresses import BadAddress
from otklik.people.models import Organization
from otklik.people.queries import persons_by_addresses, typed_address
from otklik.workspace.forms.icons import ICONS
from otklik.workspace.forms.ticket_card_settings import RULES, approval_of, approver_addresses

PEOPLE_AT_MOST = 500
# If there are more organizations than this, the form lists only the ticked ones; others are added by searching.
BOXES_AT_MOST = 12


def other_languages(desk: Desk) -> list[tuple[str, str]]:
    """(code, name) of the site's languages other than the desk's own."""
    return [(code, name) for code, name in settings.LANGUAGES if code != desk.language]


class NamedRows(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # no generic at run time
    """A multiple choice whose options are labelled with `name` rather than `__str__`."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def named_lines(text: str) -> list[str]:
    """Split a list that people typed: one item per line, or separated by commas or semicolons. Blanks are dropped."""
    return [line.strip() for line in text.replace(",", "\n").replace(";", "\n").split("\n") if line.strip()]


class TranslatedForm(forms.Form):
    """A form that repeats each field in `translated` for every other language of the site, as `name_en`, say.

    `texts`: the stored translations, language code -> field -> text, to begin with.
    """

    translated: tuple[str, ...] = ()

    def __init__(self, desk: Desk, *args: Any, texts: dict[str, dict[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.desk, self.languages = desk, other_languages(desk)
        for code, language in self.languages:
            for name in self.translated:
                self.fields[f"{name}_{code}"] = self._copy(name, language)
                self.initial.setdefault(f"{name}_{code}", (texts or {}).get(code, {}).get(name, ""))

    def _copy(self, name: str, language: str) -> forms.CharField:
        original = self.fields[name]
        assert isinstance(original, forms.CharField)
        widget = type(original.widget)(
            attrs={key: original.widget.attrs[key] for key in ("rows",) if key in original.widget.attrs}
        )
        return forms.CharField(
            label=f"{original.label} ({language})", max_length=original.max_length, required=False, widget=widget
        )

    def texts(self) -> dict[str, dict[str, str]]:
        """Return the translations of a valid form, language code -> field -> text, without empty ones."""
        texts = {
            code: {
                name: text.replace("\r\n", "\n")
                for name in self.translated
                if (text := self.cleaned_data[f"{name}_{code}"])
            }
            for code, _name in self.languages
        }
        return {code: text for code, text in texts.items() if text}

    def pairs(self) -> list[list[forms.BoundField]]:
        """Return the translated fields side by side: [own language, the others]."""
        return [[self[name], *(self[f"{name}_{code}"] for code, _name in self.languages)] for name in self.translated]


class TypeForm(TranslatedForm):
    """Edits a request type, or creates one if `kind` is None."""

    translated = ("name", "help")

    name = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    help = forms.CharField(
        label=gettext_lazy("Help"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    icon = forms.ChoiceField(label=gettext_lazy("Icon"), choices=list(ICONS.items()), widget=forms.RadioSelect)
    issue_type = forms.ChoiceField(
        label=gettext_lazy("Issue type"),
        required=False,
        help_text=gettext_lazy("How filters and scripts sort the requests of this type. Customers do not see it."),
    )
    groups = NamedRows(
        label=gettext_lazy("Groups"),
        queryset=TypeGroup.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A type may stand in several groups."),
    )
    hidden = forms.BooleanField(
        label=gettext_lazy("Hidden on the portal; mail and agents still use it"), required=False
    )
    restricted = forms.BooleanField(
        label=gettext_lazy("Only for the organisations and people named below"), required=False
    )
    allowed_organizations = NamedRows(
        label=gettext_lazy("Organisations"),
        queryset=Organization.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    allowed_people = forms.CharField(
        label=gettext_lazy("People"),
        required=False,
        max_length=100_000,
        help_text=gettext_lazy("Mail addresses, one a line."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    approval_rule = forms.ChoiceField(
        label=gettext_lazy("Approval of each request of this type"), choices=list(RULES.items()), required=False
    )
    approvers = forms.CharField(
        label=gettext_lazy("Who approves"),
        required=False,
        max_length=4_000,
        help_text=gettext_lazy("Mail addresses, separated by commas. They see what customers see of the request."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )
    find = forms.CharField(
        label=gettext_lazy("Find somebody or an organisation"),
        required=False,
        max_length=100,
        help_text=gettext_lazy(
            "A part of a name, of an address or of a phone number: organisations, and people who are on your desks'"
            " requests."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, desk: Desk, *args: Any, kind: RequestType | None = None, **options: Any) -> None:
        initial = {**(_of_type(kind) if kind else {"icon": "help-circle"}), **approval_of(kind)}
        super().__init__(desk, *args, initial=initial, texts=kind.texts if kind else None, **options)
        issue_types = self.fields["issue_type"]
        assert isinstance(issue_types, forms.ChoiceField)
        own = kind.issue_type_id if kind else 0
        issue_types.choices = [
            (issue_type.pk, name_of(issue_type))
            for issue_type in IssueType.objects.order_by("position", "id")
            if not issue_type.archived or issue_type.pk == own
        ]
        groups, bodies = self.fields["groups"], self.fields["allowed_organizations"]
        assert isinstance(groups, forms.ModelMultipleChoiceField) and isinstance(bodies, forms.ModelMultipleChoiceField)
        groups.queryset = desk.groups.filter(archived=False)
        bodies.queryset = every = Organization.objects.order_by("name", "id")
        shown = every if every.count() <= BOXES_AT_MOST else every.filter(pk__in=self.ticked())
        bodies.widget.choices = [(body.pk, body.name) for body in shown]

    def ticked(self) -> list[int]:
        """Return ids of the organisations currently chosen in the form, valid or not."""
        return [typed_id(str(pk)) for pk in self["allowed_organizations"].value() or ()]

    def clean_allowed_people(self) -> list[int]:
        """Ids of the people with these addresses. The error names each invalid or unknown address."""
        addresses = []
        for line in named_lines(str(self.cleaned_data["allowed_people"])):
            try:
                addresses.append(typed_address(line))
            except BadAddress:
                raise forms.ValidationError(_("«%(line)s» is not a mail address.") % {"line": line[:80]}) from None
        ids = {address: person.pk for address, person in persons_by_addresses(addresses[:PEOPLE_AT_MOST]).items()}
        missing = [address for address in addresses if address not in ids]
        if missing:
            raise forms.ValidationError(_("Nobody is known under %(address)s.") % {"address": ", ".join(missing[:5])})
        return sorted(set(ids.values()))

    def clean_approvers(self) -> list[str]:
        """Addresses, not people: `values` creates those who are new when the type is saved."""
        return approver_addresses(str(self.cleaned_data["approvers"]))

    def clean(self) -> dict[str, Any]:
        """Require approvers if an approval rule is chosen."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("approval_rule") and cleaned.get("approvers") == []:
            self.add_error("approvers", _("Say whose approval is needed."))
        return cleaned

    def values(self, people: Callable[[str], int]) -> dict[str, Any]:
        """Return the cleaned values as `add_type` and `change_type` take them.

        `people`: returns the id of the person with an address, creating the person if need be.
        """
        cleaned = self.cleaned_data
        asked: dict[str, Any] = {}
        if cleaned.get("issue_type"):
            asked = {"issue_type_id": int(cleaned["issue_type"])}
        if "approval_rule" in self.data:  # scripts may omit the approval fields
            approvers = sorted(people(approver) for approver in cleaned["approvers"])
            asked |= {"approval_rule": cleaned["approval_rule"], "approvers": approvers}
        return {
            **{name: cleaned[name] for name in ("name", "help", "icon", "hidden", "restricted", "allowed_people")},
            **asked,
            "groups": sorted(group.pk for group in cleaned["groups"]),
            "allowed_organizations": sorted(organization.pk for organization in cleaned["allowed_organizations"]),
            "texts": self.texts(),
        }


class GroupForm(TranslatedForm):
    """Edits a group of request types, or creates one if `group` is None."""

    translated = ("name",)

    name = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    types = NamedRows(
        label=gettext_lazy("Request types"),
        queryset=RequestType.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    archived = forms.BooleanField(label=gettext_lazy("Out of use: not shown on the portal"), required=False)

    def __init__(self, desk: Desk, *args: Any, group: TypeGroup | None = None, **options: Any) -> None:
        initial = {}
        if group:
            initial = {
                "name": group.name,
                "archived": group.archived,
                "types": [request_type.pk for request_type in group.types.all()],
            }
        super().__init__(desk, *args, initial=initial, texts=group.texts if group else None, **options)
        types = self.fields["types"]
        assert isinstance(types, forms.ModelMultipleChoiceField)
        types.queryset = desk.request_types.filter(archived=False).order_by("position", "id")

    def values(self) -> dict[str, Any]:
        """Return the cleaned values as `add_group` and `change_group` take them."""
        cleaned = self.cleaned_data
        types = sorted(kind.pk for kind in cleaned["types"])
        return {"name": cleaned["name"], "archived": cleaned["archived"], "types": types, "texts": self.texts()}


def _of_type(kind: RequestType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "help": kind.help,
        "icon": kind.icon,
        "issue_type": kind.issue_type_id,
        "hidden": kind.hidden,
        "restricted": kind.restricted,
        "groups": [group.pk for group in kind.groups.all()],
        "allowed_organizations": [organization.pk for organization in kind.allowed_organizations.all()],
        "allowed_people": "\n".join(str(person.email) for person in kind.allowed_people.order_by("email")),
    }

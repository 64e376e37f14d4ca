"""File fields of a form: files are uploaded once and kept while the form is shown again.

The bytes lie in core.blobs; the page carries a signed ticket for each file, which nobody but its owner can use (AB-45).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.file_sizes import filesizeformat
from otklik.desks.models import Field
from otklik.people.models import Person
from otklik.tickets.answers.field_types import Kind
from otklik.tickets.answers.respondent import Asked
from otklik.tickets.content import NewFile
from otklik.tickets.uploads import FileTooLarge, NoRoom, kept_files

MOST_FILES = 10
GOOD_FOR = 14 * 24 * 3600
_SALT = "otklik.kept-file"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An uploaded file that was not submitted yet. `ticket`: a signed reference for the form, not a request."""

    name: str
    size: str
    ticket: str


class Attachment(Kind):
    """Uploaded files. `limits`: `max` (number of files) and `types` (allowed file name extensions)."""

    name = gettext_lazy("Files")
    icon = "paperclip"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return KeptFilesField(
            owner=asked.files_of,
            most=min(int(field.limits.get("max") or MOST_FILES), MOST_FILES),
            endings=[str(ending) for ending in field.limits.get("types", [])],
        )

    def to_stored(self, value: Any) -> Any:
        return [{"name": file.name, "digest": file.digest} for file in value] or None

    def shown(self, field: Field, answer: Any) -> Any:
        return None

    def display(self, field: Field, answer: Any) -> str:
        return ", ".join(str(file["name"]) for file in answer)


class KeptFilesInput(forms.FileInput):
    """A multiple file input, and the references of files uploaded earlier."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        tickets = data.getlist(f"{name}.kept") if hasattr(data, "getlist") else data.get(f"{name}.kept", [])
        return super().value_from_datadict(data, files, name) or [], tickets

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class KeptFilesField(forms.Field):
    """A list of NewFile. `found` holds the files uploaded successfully, even if the form is invalid."""

    widget = KeptFilesInput

    def __init__(self, *, owner: str, most: int, endings: Iterable[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self.owner, self.most = owner, most
        self.endings = tuple(ending.lower() for ending in endings)
        self.found: list[NewFile] = []
        if self.endings:
            self.widget.attrs["accept"] = ",".join(f".{ending}" for ending in self.endings)

    def clean(self, value: Any) -> list[NewFile]:
        """Store the uploads. Raises ValidationError that names each rejected file."""
        uploads, tickets = value or ([], [])
        self.found = list(
            {(new_file.name, new_file.digest): new_file for new_file in taken_again(tickets, self.owner)}.values()
        )
        refused = []
        for upload in uploads if isinstance(uploads, list | tuple) else [uploads]:
            refusal = self._refusal(upload)
            if refusal:
                refused.append(refusal)
            else:
                self._keep(upload, refused)
        if len(self.found) > self.most:
            self.found = self.found[: self.most]
            refused.append(_("At most %(count)d files go with one message.") % {"count": self.most})
        if refused:
            raise forms.ValidationError(refused)
        self.validate(self.found)
        return self.found

    def _keep(self, upload: Any, refused: list[str]) -> None:
        try:
            self.found += kept_files([upload])
        except FileTooLarge:
            refused.append(too_large(upload.name))
        except NoRoom:
            refused.append(_("There is no room for files just now. Nothing was sent; try again later."))

    def _refusal(self, upload: Any) -> str:
        if (upload.size or 0) > settings.ATTACHMENT_SIZE_LIMIT:
            return too_large(upload.name)
        if self.endings and not str(upload.name).lower().endswith(tuple(f".{ending}" for ending in self.endings)):
            kinds = ", ".join(self.endings)
            return _("«%(name)s» is of another kind. Files of these kinds are taken: %(kinds)s.") % {
                "name": upload.name,
                "kinds": kinds,
            }
        return ""


@dataclass(frozen=True, slots=True)
class FilesPart:
    """The context of `otklik/_files_field.html`: files uploaded so far, most files, and bytes per file."""

    kept: list[KeptFile]
    most: int
    limit: int


class WithFiles(forms.Form):
    """A form with the field `attachments`. `owner`: whose uploads count; `kept`: files of an unbound form."""

    attachments = KeptFilesField(label=gettext_lazy("Attachments"), owner="", most=MOST_FILES, required=False)

    def __init__(self, *args: Any, owner: str, kept: Iterable[NewFile] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self._files.owner = owner
        self._files.found = list(kept)

    def kept_files(self) -> dict[str, list[NewFile]]:
        """Return the files uploaded successfully, whether or not the form is valid."""
        return {"attachments": list(self._files.found)} if self._files.found else {}

    @property
    def _files(self) -> KeptFilesField:
        field = self.fields["attachments"]
        assert isinstance(field, KeptFilesField)
        return field

    def part(self) -> FilesPart:
        """Return the field's template context."""
        field = self._files
        kept_again = [kept_file(file, field.owner) for file in field.found]
        return FilesPart(kept_again, field.most, settings.ATTACHMENT_SIZE_LIMIT)


def owner_of(person: Person) -> str:
    """Return the key under which this person's uploads are stored."""
    return Asked(person).files_of


def too_large(name: str) -> str:
    """Return the error message for a file that is too large."""
    limit = filesizeformat(settings.ATTACHMENT_SIZE_LIMIT)
    return _("«%(name)s» is too large: a file may have at most %(limit)s.") % {"name": name, "limit": limit}


def kept_file(file: NewFile, owner: str) -> KeptFile:
    """Return the signed reference of an uploaded file, for the page."""
    claims = {"name": file.name, "content_type": file.content_type, "size": file.size, "digest": file.digest}
    return KeptFile(file.name, filesizeformat(file.size), signing.dumps([owner, claims], salt=_SALT, compress=True))


def taken_again(tickets: Iterable[str], owner: str) -> list[NewFile]:
    """Return the files of these references; forged, expired and other people's are left out."""
    files = []
    for ticket in list(tickets)[: MOST_FILES * 2]:
        try:
            whose, claims = signing.loads(ticket, salt=_SALT, max_age=GOOD_FOR)
        except signing.BadSignature:
            continue
        if whose == owner:
            files.append(NewFile(**claims))
    return files


def as_json(file: NewFile) -> dict[str, Any]:
    """Return a file as drafts store it."""
    return {name: value for name, value in asdict(file).items() if name in {"name", "content_type", "size", "digest"}}

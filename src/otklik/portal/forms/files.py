"""A form field for several files."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.file_sizes import filesizeformat

MOST_FILES = 10


class FilesInput(forms.FileInput):
    """Lets the browser choose several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of at most MOST_FILES files, each up to settings.ATTACHMENT_SIZE_LIMIT bytes; empty files are allowed."""

    widget = FilesInput

    def __init__(self, **options: Any) -> None:
        options = {"required": False, "label": gettext_lazy("Attachments"), "allow_empty_file": True, **options}
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the list. Raises ValidationError for too many files, or naming a file that is too large."""
        uploads = data if isinstance(data, list | tuple) else [data]
        files: list[UploadedFile[Any]] = [
            file for upload in uploads if (file := super(FilesField, self).clean(upload, initial))
        ]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("At most %(count)d files go with one message.") % {"count": MOST_FILES})
        for file in files:
            if (file.size or 0) > settings.ATTACHMENT_SIZE_LIMIT:
                message = _("«%(name)s» is too large: a file may have at most %(limit)s. Choose the other files again.")
                limit = filesizeformat(settings.ATTACHMENT_SIZE_LIMIT)
                raise forms.ValidationError(message % {"name": file.name, "limit": limit})
        return files

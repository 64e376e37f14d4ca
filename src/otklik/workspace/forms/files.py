"""A form field for any number of files."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile


class ManyFilesInput(forms.ClearableFileInput):
    """`<input type="file" multiple>`."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Cleans to a list of UploadedFile; an empty file is a file too."""

    widget = ManyFilesInput

    def __init__(self, **words: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, **words)

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(file, initial) for file in files if isinstance(file, UploadedFile)]

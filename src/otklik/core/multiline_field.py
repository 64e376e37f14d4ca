"""A form field for multi-line text that keeps the indentation of the first line."""

import re
from typing import Any

from django import forms

_BLANK_LINES = re.compile(r"\A(?:[^\S\r\n]*\r?\n)+")


class LinesField(forms.CharField):
    """A CharField for multi-line text: strips surrounding blank lines, but not the first line's indentation, which a
    pasted table may need. Text of a single line is stripped as usual."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> Any:
        """Clean the value as described on the class."""
        text = _BLANK_LINES.sub("", super().to_python(value) or "").rstrip()
        return text if "\n" in text else text.strip() or self.empty_value

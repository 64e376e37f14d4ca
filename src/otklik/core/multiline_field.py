"""A form field for multi-line text that keeps the indentation of the first line."""

import re
from typing import Any

from django import forms

_BLANK_LINES = re.compile(r"\A(?:[^\S\r\n]*\r?\n)+")


class LinesField(forms.CharField):
    """Text of several lines: blank lines around it go, the blanks before its first line stay, as a pasted table has
    some. One line alone has none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> Any:
        """As a CharField does, but for the blanks of the first line."""
        text = _BLANK_LINES.sub("", super().to_python(value) or "").rstrip()
        return text if "\n" in text else text.strip() or self.empty_value

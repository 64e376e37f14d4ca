"""Form inputs rendered without templates, for speed (ADR 107)."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates as TemplateEngine
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

_INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in "checkbox color date datetime email file hidden input number password search tel text time url".split()
)
_PREPARED = (
    "otklik.ui.prepared_templates.Loader",
    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
)
_TEXTAREA = "django/forms/widgets/textarea.html"


class Renderer(DjangoTemplates):
    """Django's form renderer, which renders inputs and text areas in code instead of templates."""

    @cached_property
    def engine(self) -> TemplateEngine:
        """Django's widget templates, then those of the apps."""
        folders = [Path(forms.__file__).parent / "templates"]
        return TemplateEngine(
            {"APP_DIRS": False, "DIRS": folders, "NAME": "widgets", "OPTIONS": {"loaders": [_PREPARED]}}
        )

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Return the widget's HTML, the same as Django's template of that name."""
        if template_name in _INPUTS:
            return SafeString(_input(context["widget"]))
        if template_name == _TEXTAREA:
            return SafeString(_textarea(context["widget"]))
        return super().render(template_name, context, request)


def _input(widget: Mapping[str, Any]) -> str:
    value = widget["value"]
    value_attribute = "" if value is None else f' value="{_escaped(value)}"'
    attributes = _attributes(widget["attrs"])
    return f'<input type="{_escaped(widget["type"])}" name="{_escaped(widget["name"])}"{value_attribute}{attributes}>'


def _textarea(widget: Mapping[str, Any]) -> str:
    # Browsers drop a line feed at the start, so one is added.
    content = _escaped(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_escaped(widget["name"])}"{_attributes(widget["attrs"])}>\n{content}</textarea>'


def _attributes(attributes: Mapping[str, Any]) -> str:
    return "".join(
        f" {_escaped(name)}" if value is True else f' {_escaped(name)}="{_escaped(value)}"'
        for name, value in attributes.items()
        if value is not False
    )


def _escaped(value: Any) -> str:
    return value if isinstance(value, SafeString) else escape(str(value))

"""Prepared templates render exactly like Django's engine."""

import re
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Engine, Template, TemplateDoesNotExist, engines
from django.template.loader import get_template
from django.test import override_settings
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe

from otklik.people.models import Person
from otklik.ui.prepared_templates import Constant, KnownAddress, KnownInclude, prepared
from tests.cast import Cast
from tests.portal.helpers import as_

PLAIN = "django.template.loaders.cached.Loader"
OURS = "otklik.ui.prepared_templates.Loader"
# Tokens, and the moment at which a page was made.
CHANCE = re.compile(r'(?<=")[\w:.=-]{16,200}(?=")|since=[\w:.%-]+')


@dataclass(frozen=True)
class Thing:
    name: str = "<n>"
    none: None = None

    @property
    def twice(self) -> str:
        return self.name * 2

    def called(self) -> str:
        return "called"

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    @property
    def silent(self) -> str:
        raise Silent


class Silent(Exception):
    silent_variable_failure = True


class Odd:
    @property
    def silent(self) -> str:
        raise Silent

    def delete(self) -> str:
        raise AssertionError

    delete.alters_data = True  # type: ignore[attr-defined]

    def __getitem__(self, name: str) -> str:
        if name == "item":
            return "by item"
        raise KeyError(name)

    item = "by attribute"


class Kind(Enum):
    RED = 1


class Asked(forms.Form):
    name = forms.CharField(label="<Name>")


CONTEXT = {
    "thing": Thing(),
    "things": [Thing("a"), Thing("b")],
    "dict": {"key": "v&", "items": "shadowed", 1: "one"},
    "odd": Odd(),
    "lazy": SimpleLazyObject(lambda: Thing("late")),
    "safe": mark_safe("<b>"),
    "words": "<i>",
    "number": 12345,
    "float": 1.5,
    "yes": True,
    "function": lambda: "of a function",
    "person": Person(name="Анна", email="anna@x.example"),
    "nothing": None,
    "key": "ACCREDO-7",
    "label": "Close",
    "form": Asked({"name": ""}),
    "space": SimpleNamespace(items="own"),
    "default": defaultdict(lambda: "made"),
    "kind": Kind,
}
SOURCES = [
    "{{ thing.name }} {{ thing.twice }} {{ thing.called }} {{ thing.none }} {{ things.1.name }}",
    "{{ dict.key }} {{ dict.items }} {{ dict.1 }} {{ odd.item }} {{ odd.silent }} {{ odd.delete }} {{ thing.silent }}",
    "{{ lazy.name }} {{ safe }} {{ words }} {{ number }} {{ float }} {{ yes }} {{ function }} {{ nothing }}",
    "{{ person.name }} {{ person.get_username }} {{ space.items }} {{ words|upper }} {{ words.upper }}",
    "{% autoescape off %}{{ words }}{{ safe }}{% translate 'Close' %}{% endautoescape %}",
    "{% for one in things %}{{ forloop.counter }}{{ one.name }}{% if forloop.last %}!{% endif %}{% endfor %}",
    "a{# c #}b{% comment %}x{% endcomment %}{% translate 'Close' %}{% icon 'search' %}{% icon 'x' _('Close') %}c",
    "{% translate 'Close' as label %}[{{ label }}]{% translate words %}{% translate 'Close'|upper %}",
    "{% blocktranslate %}Close{% endblocktranslate %}",
    "{% blocktranslate with n=words %}It is {{ n }}{% endblocktranslate %}",
    "{% url 'portal:home' %}{% url 'workspace:ticket' 'ACCREDO-1' %}",
    "{% url 'workspace:ticket' key as there %}[{{ there }}]",
    "{% url 'no:such' as there %}[{{ there }}]{% static 'otklik/favicon.svg' %}{% static 'a' as one %}{{ one }}",
    "{% include 'otklik/_toolbar.html' with for_id=words %}{% include name with for_id='x' %}",
    "{% with a=words %}{% if a == '<i>' and not nothing %}{{ a }}{% elif a %}2{% else %}3{% endif %}{% endwith %}",
    "{% translate label %}{% translate label noop %}{% translate label|upper %}{{ label }}",
    "{{ form.name.label }} {{ form.name.errors }} {{ form.name.field.required }} {{ form.name.0 }} {{ form.errors }}",
    "{{ form.name }}{{ form.no_such }}{{ form.fields.name.label }}{{ form.name.id_for_label }}{{ form.name.no_such }}",
    "{{ dict.none }}{{ dict.values }}{{ dict.7 }}{{ default.none }}{{ nowhere }}{{ nowhere.name }}{{ autoescape }}",
    "{% if nowhere %}1{% elif dict.none %}2{% elif thing.none %}3{% else %}4{% endif %}{{ things.name }}",
    "{{ number }}{{ yes }}{{ nothing }}{{ things|length }}{{ template.name }}{{ kind.RED.value }}{{ kind.x }}{{ 7 }}",
    "{% csrf_token %}{% with csrf_token=words %}{% csrf_token %}{% endwith %}",
    "{% language 'en' %}{% translate 'Close' %}{% include name %}{% endlanguage %}{% translate 'Close' %}",
    "{% language 'ru' %}{% translate 'Close' %}{% include name %}{% endlanguage %}{% translate 'Close' %}",
    "{% firstof nothing words %}{{ _('Close') }}{{ nothing|default:'—' }}{{ nothing|default_if_none:words }}",
]


def draw(template: Template, language: str) -> str:
    with translation.override(language):
        return str(template.render(Context({**CONTEXT, "name": "otklik/_toolbar.html"})))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("source", SOURCES)
def test_it_draws_the_same(source: str, language: str) -> None:
    source = "{% load i18n static otklik_ui %}" + source
    engine = Engine(**{**engine_options(), "string_if_invalid": "?%s?"})
    plain, ours = Template(source, engine=engine), prepared(Template(source, engine=engine))
    expected = draw(plain, language)
    assert draw(ours, language) == expected
    assert draw(ours, language) == expected  # what was kept says the same


def engine_options() -> dict[str, Any]:
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]
    return {"libraries": engine.libraries, "builtins": engine.builtins, "loaders": engine.loaders}


def test_what_raises_still_raises() -> None:
    with pytest.raises(AttributeError, match="inside"):
        prepared(Template("{{ thing.broken }}")).render(Context({"thing": Thing()}))
    with pytest.raises(TemplateDoesNotExist):
        prepared(Template("{% include 'no/such.html' %}")).render(Context())


def test_a_missing_name_is_seen_by_the_tests() -> None:
    engine = Engine(**{**engine_options(), "string_if_invalid": "?%s?"})
    assert prepared(Template("{{ there.is_none }}", engine=engine)).render(Context()) == "?there.is_none?"


def test_a_constant_follows_the_language_of_its_place() -> None:
    label = prepared(Template("{% load i18n %}{% translate 'Close' %}!"))
    drawn = {language: draw(label, language) for language in ("ru", "en", "ru")}
    assert drawn == {"ru": "Закрыть!", "en": "Close!"}


def test_numbers_are_grouped_where_the_site_wants_it() -> None:
    number = prepared(Template("{{ number }}"))
    assert number.render(Context({"number": 12345})) == "12345"
    with override_settings(USE_THOUSAND_SEPARATOR=True), translation.override("en"):
        assert number.render(Context({"number": 12345})) == "12,345"


def test_a_template_within_another_takes_the_language_of_its_place() -> None:
    inner = prepared(Template("{% load i18n %}{% translate 'Close' %}!"))
    outer = prepared(Template("{% load i18n %}{% translate 'Close' %} {{ inner }} {% translate 'Close' %}"))

    class Inner:
        def __init__(self, context: Context) -> None:
            self.context = context

        def __str__(self) -> str:
            with translation.override("en"):
                return str(inner.render(self.context))

    context = Context()
    with translation.override("ru"):
        assert outer.render(context.new({"inner": Inner(context)})) == "Закрыть Close! Закрыть"
        context["inner"] = Inner(context)
        assert outer.render(context) == "Закрыть Close! Закрыть"


def test_the_engine_of_the_product_prepares() -> None:
    nodes = get_template("otklik/_profile_menu.html").template.nodelist  # type: ignore[attr-defined]
    assert nodes.get_nodes_by_type(Constant)
    ticket = get_template("workspace/ticket.html").template.nodelist  # type: ignore[attr-defined]
    assert ticket.get_nodes_by_type(KnownInclude) and ticket.get_nodes_by_type(KnownAddress)


def without_our_loader() -> list[dict[str, Any]]:
    templates = deepcopy(settings.TEMPLATES)
    [[_partials, [[name, files]]]] = templates[0]["OPTIONS"]["loaders"]
    assert name == OURS
    templates[0]["OPTIONS"]["loaders"] = [("template_partials.loader.Loader", [(PLAIN, files)])]
    return templates


def pages(cast: Cast) -> list[tuple[Person, str]]:
    portal = f"/servicedesk/customer/portal/{cast.desk.pk}"
    queue = cast.desk.queues.order_by("position")[0]
    customers = [
        "/servicedesk/customer/portals",
        portal,
        f"{portal}/{cast.ticket.key}",
        f"{portal}/create/{cast.desk.request_types.order_by('position')[0].pk}",
        "/servicedesk/customer/user/requests?status=all&reporter=all",
        "/servicedesk/customer/user/requests?filter=nothing",
    ]
    staff = [
        f"/browse/{cast.ticket.key}",
        f"/projects/{cast.desk.key}/queues/custom/{queue.pk}",
        f"/projects/go?q={cast.ticket.key[:3]}",
    ]
    people = [(one, path) for one in (cast.anna, cast.boris) for path in customers]
    return people + [(one, path) for one in (cast.agent, cast.admin, cast.lead) for path in staff]


def shown(cast: Cast, language: str) -> dict[tuple[str, str], str]:
    seen = {}
    for person, path in pages(cast):
        Person.objects.filter(pk=person.pk).update(language=language)
        response = as_(person).get(path)
        seen[person.name, path] = CHANCE.sub("", response.content.decode())
    return seen


@pytest.mark.parametrize("language", ["ru", "en"])
def test_pages_are_those_of_djangos_engine(cast: Cast, language: str) -> None:
    shown(cast, language)  # what was not seen is seen now
    ours = shown(cast, language)
    with override_settings(TEMPLATES=without_our_loader(), FORM_RENDERER="django.forms.renderers.DjangoTemplates"):
        plain = shown(cast, language)
    assert {place: page for place, page in ours.items() if page != plain[place]} == {}
    assert sum("<!doctype html>" in page for page in ours.values()) > 15

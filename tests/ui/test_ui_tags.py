"""Template tags and includes used by every page, rendered by the product's engine."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django import forms
from django.http import HttpRequest
from django.template import Context, Template, engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import SafeString

from otklik.core.file_sizes import filesizeformat
from otklik.core.low_vision import Sight
from otklik.ui.paging import pages_of
from otklik.ui.templatetags.otklik_ui import icon_names, initials, moment, status, uncapitalized, when

pytestmark = pytest.mark.urls("tests.core.addresses")


@dataclass
class FakeFrame:
    """The attributes that the base templates use; otklik.config.context_processors builds the real one."""

    theme: str = ""
    sight: Sight = field(default_factory=Sight)
    language: str = "ru"
    site_name: str = "Отклик"
    version: str = "1"
    demo: bool = False
    mail_leaves: bool = False
    person: SimpleNamespace | None = None
    is_agent: bool = False
    open_requests: int | None = None
    desks: list[SimpleNamespace] = field(default_factory=list)


def rendered(source: str, **context: object) -> str:
    return str(Template("{% load i18n otklik_ui %}" + source).render(Context(context)))


def page(name: str, frame: FakeFrame, **context: object) -> str:
    template = engines["django"].from_string(
        f'{{% extends "otklik/{name}" %}}{{% block title %}}T{{% endblock %}}{{% block content %}}C{{% endblock %}}'
    )
    request: HttpRequest = RequestFactory().get("/servicedesk/customer/portals", {"a": '"><script>'})
    # Context processors would ask the database; the bases read nothing but these names.
    return str(template.template.render(Context({"frame": frame, "request": request, **context})))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Иван Петров", "ИП"),
        ("иванова анна сергеевна", "ИА"),
        ("Мария", "М"),
        ("ivanova.anna@mail.example.ru", "I"),
        ("ООО «Клиника»", "ОК"),
        ("", "?"),
        ("+7 495 000", "?"),
        (None, "?"),
    ],
)
def test_initials(name: str | None, letters: str) -> None:
    assert initials(name) == letters


def test_icon_is_decoration_unless_it_has_words() -> None:
    silent = rendered('{% icon "lock" %}')
    assert 'aria-hidden="true"' in silent
    assert 'href="/static/vendor/tabler-icons/sprite.svg#lock"' in silent
    spoken = rendered("{% icon 'lock' label %}", label='<b>"x"')
    assert 'role="img"' in spoken
    assert "<b>" not in spoken
    assert "aria-hidden" not in spoken


def test_unknown_icon_never_breaks_a_page() -> None:
    assert "#help-circle" in rendered("{% icon name %}", name='x" onload="')
    assert {"lock", "help-circle", "star-filled", "x"} <= icon_names()


def test_status_escapes_and_falls_back() -> None:
    html = status("<Открытый>", "strange")
    assert html == '<span class="status status-new" data-status="&lt;Открытый&gt;">&lt;Открытый&gt;</span>'
    assert "status-done" in status("Закрыт", "done")


def test_a_status_whose_words_are_safe_is_not_shown_for_one_whose_words_are_not() -> None:
    assert "<b>" in status(SafeString("<b>new</b>"), "new")
    assert "<b>" not in status("<b>new</b>", "new")


def test_avatar_has_the_same_tone_for_the_same_person() -> None:
    one = rendered("{% avatar 'Анна Зайцева' 'sm' %}")
    assert one == rendered("{% avatar 'Анна Зайцева' 'sm' %}")
    assert re.search(r'class="disc disc-\d disc-sm" aria-hidden="true">АЗ<', one)


def test_moment_filter_reads_the_clock_and_knows_nothing() -> None:
    with translation.override("en"):
        assert moment(None) == ""
        assert moment(datetime.now(UTC)).startswith("Today ")
        assert when(None) == ""


def test_when_tells_machines_and_people() -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    with translation.override("en"):
        html = when(now - timedelta(hours=1), now)
    assert html == ('<time datetime="2026-11-22T14:00:00+03:00" title="22 November 2026 14:00 MSK">Today 14:00</time>')


class Sample(forms.Form):
    """A form with one field of each kind that request forms have."""

    summary = forms.CharField(label="Тема", help_text="Коротко")
    priority = forms.ChoiceField(label="Приоритет", choices=[("a", "A")], required=False)
    place = forms.ChoiceField(label="Где", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    follow = forms.BooleanField(label="Следить", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def field_html(name: str) -> str:
    form = Sample({"summary": "", "place": "z"})
    return rendered('{% include "otklik/_form_field.html" %}', field=form[name])


def test_field_connects_label_help_and_error() -> None:
    html = field_html("summary")
    assert re.search(r'<label class="form-label" for="id_summary">\s*Тема\s*</label>', html)
    assert 'aria-describedby="id_summary_helptext id_summary_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_summary_helptext">Коротко<' in html
    assert 'id="id_summary_error"' in html
    assert 'class="form-control is-invalid"' in html


def test_field_of_choices_is_a_group_with_its_error() -> None:
    html = field_html("place")
    assert re.search(r'<fieldset aria-describedby="id_place_error">\s*<legend', html)
    assert 'id="id_place_error"' in html


def test_optional_fields_say_so_and_boxes_do_not(compiled_messages: None) -> None:
    assert "(необязательно)" in field_html("priority")
    assert "form-select" in field_html("priority")
    assert "(необязательно)" not in field_html("follow")
    assert "(необязательно)" not in field_html("summary")
    assert field_html("secret").startswith('<input type="hidden"')


def test_pagination_counts_in_russian(compiled_messages: None) -> None:
    pages = pages_of(number=2, per_page=25, total=240, query={"q": '"<b>'})
    html = rendered('{% include "otklik/_pagination.html" with page=pages %}', pages=pages)
    assert "26-50 из 240" in html
    assert '<span class="page-link" aria-current="page">2</span>' in html
    assert 'rel="prev" aria-label="Предыдущая страница"' in html
    assert "<b>" not in html
    assert rendered('{% include "otklik/_pagination.html" with page=pages %}', pages=None).strip() == ""


def test_empty_place_has_words_and_maybe_an_action() -> None:
    html = rendered('{% include "otklik/_empty.html" with heading="Пусто" %}')
    assert '<p class="empty-title">Пусто</p>' in html
    assert "#inbox" in html
    assert "<a " not in html
    html = rendered('{% include "otklik/_empty.html" with heading="x" action_url="/new" action_label="Создать" %}')
    assert re.search(r'href="/new">\s*Создать</a>', html)


def test_portal_shows_the_number_of_open_requests(compiled_messages: None) -> None:
    person = SimpleNamespace(staff_name="Мария <Ковалёва>", email="m@example.ru", is_admin=False)
    html = page("portal_base.html", FakeFrame(person=person, open_requests=3))
    assert re.search(r"data-open-requests>3<", html)
    assert 'action="/servicedesk/customer/user/logout"' in html
    assert "Центр поддержки" in html
    assert "Мария <Ковалёва>" not in html
    assert "Мария <Ковалёва>" in unescape(html)


def test_visitor_sees_login_and_no_requests() -> None:
    html = page("portal_base.html", FakeFrame())
    assert 'href="/servicedesk/customer/user/login"' in html
    assert "user/logout" not in html
    assert "data-open-requests" not in html
    assert '"><script>' not in html


@pytest.mark.parametrize(
    ("theme", "shown", "kept"), [("dark", "dark", "dark"), ("light", "light", "light"), ("", "light", "auto")]
)
def test_theme_is_rendered_by_the_server(theme: str, shown: str, kept: str) -> None:
    html = page("portal_base.html", FakeFrame(theme=theme))
    assert f'data-bs-theme="{shown}" data-theme="{kept}"' in html


def test_workspace_lists_queues_with_counts() -> None:
    queues = [
        SimpleNamespace(id=1, name="Все", count=0, url="/projects/A/queues/custom/1", active=True),
        SimpleNamespace(id=2, name="Мои", count=None, url="/projects/A/queues/custom/2", active=False),
    ]
    desk = SimpleNamespace(key="ACCREDO", name="Служба", queues=queues)
    person = SimpleNamespace(staff_name="Олег", email="o@example.ru", is_admin=False)
    html = page("workspace_base.html", FakeFrame(person=person, is_agent=True, desks=[desk]))
    assert html.count('aria-current="page"') == 1
    assert '<span class="ws-count">0</span>' in html
    assert html.count('class="ws-count"') == 1
    assert html.count("<main ") == 1
    assert 'action="/w/go"' in html
    assert 'href="/w/create"' in html


def test_messages_are_announced() -> None:
    messages = [SimpleNamespace(level_tag="error", extra_tags="", __str__=lambda: "x")]
    html = page("portal_base.html", FakeFrame(), messages=messages)
    assert 'aria-live="polite"' in html
    assert "alert-danger" in html


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500, 503])
def test_error_pages_need_nothing(code: int, compiled_messages: None) -> None:
    html = get_template(f"{code}.html").template.render(Context())  # type: ignore[attr-defined]
    assert f'<p class="error-code">{code}</p>' in html
    assert '<html lang="ru"' in html
    assert "В центр поддержки" in html
    assert 'href="/static/otklik/error.css"' in html


def test_error_page_says_the_hint_it_was_given() -> None:
    html = get_template("403.html").template.render(Context({"hint": "Обновите <страницу>"}))  # type: ignore[attr-defined]
    assert "Обновите &lt;страницу&gt;" in html


def test_sizes_have_no_fraction_of_zero() -> None:
    with translation.override("ru"):
        assert filesizeformat(25 * 2**20) == "25\u00a0МБ" and filesizeformat(1536) == "1,5\u00a0КБ"


@pytest.mark.parametrize(("name", "inside"), [("Закрыть", "закрыть"), ("SLA нарушен", "SLA нарушен"), ("", "")])
def test_a_name_inside_a_sentence_begins_small_unless_it_is_an_abbreviation(name: str, inside: str) -> None:
    assert uncapitalized(name) == inside

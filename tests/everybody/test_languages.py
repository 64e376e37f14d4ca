"""Every page is in one language: no English on Russian pages and no Russian on English ones.

Texts written by people and desks are left out.
"""

import html
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client

from otklik.people.models import Person
from tests.cast import Cast
from tests.everybody.table import ROWS, Row, fill
from tests.portal.helpers import logged_in
from tests.postoffice import put_mail

# Names, words that are the same in both languages, words of the filter
# language, the ids of the fields that every form has, and the mail in the ledger.
SAME = frozenset(
    """Otklik Markdown PNG JPEG GIF WebP CSV XLSX HTML SMTP IMAP DKIM DMARC URL Ctrl Shift Enter Esc Alt Tab End Home
    Page Jira JQL OpenID Connect API PDF ZIP TOTP PIN JavaScript eml Google Microsoft Authenticator Aegis FreeOTP Chrome
    Firefox
    Chromium Windows Linux macOS Android iPhone Safari Edge Yandex Outlook Gmail English Русский UTC qwerty https
    Excel EMPTY assignee summary description attachments Subject words""".split()
)
TAGS = re.compile(r"<(script|style|svg|template)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
SPOKEN = re.compile(r'\s(?:alt|title|aria-label|placeholder|data-(?:failed|offline|close|confirm|words))="([^"]*)"')
FOREIGN_PART = re.compile(r'<(\w+)\b[^>]*\blang="(?:ru|en)"[^>]*>.*?</\1>', re.DOTALL)
# Addresses, keys, names of fields and files: nobody's language. Nor are the two letters on a person's circle.
MARKS = re.compile(r"\S*[@/\\_{}#=<>]\S*|\b[A-Z]{2,10}-\d+\b|\b\w+\.\w[\w.]*\b|&\w+;")
# Columns that hold what somebody wrote.
WRITTEN = frozenset(
    """name label help subject text welcome question phone_script key from_name raw options texts jql typed
    labels""".split()
)
# The secret of an app, and ids of fields.
CODE = re.compile(r'class="secret">[^<]*<|<code\b[^>]*>[^<]*</code>')
WORDS = {"ru": re.compile(r"[A-Za-z]{3,}"), "en": re.compile(r"(?![А-ЯЁ]{2}\b)[А-Яа-яЁё]{2,}")}


@pytest.fixture
def places(cast: Cast) -> dict[str, object]:
    """Return the value of each {placeholder} in the table."""
    cache.clear()
    put_mail()
    return fill(cast)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_speaks_one_language(cast: Cast, places: dict[str, object], language: str) -> None:
    Person.objects.update(language=language)
    own, found = written_by_people(), list[str]()
    readers = {"customer": cast.anna, "agent": cast.agent, "lead": cast.lead, "admin": cast.admin}
    for who in dict.fromkeys(row.who for row in ROWS):
        client = logged_in(readers[who]) if who in readers else Client()
        client.cookies["otklik_language"] = language
        for row in [row for row in ROWS if row.who == who]:
            page = shown(client, row, places)
            said = own | set(re.findall(r"\w+", row.path))
            strange = dict.fromkeys(word for word in foreign(page, language) if word.lower() not in said)
            found += [f"{row.who} {row.name}: {' '.join(strange)}"] if strange else []
            if f'<html lang="{language}"' not in page:
                found.append(f"{row.who} {row.name}: says another language of itself")
            if "/user/language" not in page:
                found.append(f"{row.who} {row.name}: no switch of the language")
    assert not found, "\n".join(found)


def shown(client: Client, row: Row, places: dict[str, object]) -> str:
    """Return the page of this row; for POST, the answer to its form sent empty."""
    path = row.path.format(**places)
    answer = client.post(path[5:], {}) if path.startswith("POST:") else client.get(path, follow=True)
    return str(answer.content.decode())


def foreign(page: str, language: str) -> Iterator[str]:
    """Yield words of the other language in what a reader sees or hears."""
    body = page[page.index("<title") :]
    body = FOREIGN_PART.sub(" ", CODE.sub(" ", body))
    spoken = " . ".join(SPOKEN.findall(body))
    text = html.unescape(MARKS.sub(" ", html.unescape(f"{TAGS.sub(' ', body)} {spoken}")))
    yield from (word for word in WORDS[language].findall(text) if word not in SAME)


def written_by_people() -> set[str]:
    """Return every word in names, texts of desks and tickets in the database."""
    words: set[str] = set()
    for table in apps.get_models():
        names = {field.name for field in table._meta.get_fields()} & WRITTEN
        if names and table._meta.app_label in {"people", "desks", "tickets", "mail"}:
            for row in table._default_manager.values_list(*names):
                said = " ".join(bytes(one).decode() if isinstance(one, memoryview) else str(one) for one in row)
                words |= set(re.findall(r"[A-Za-zА-Яа-яЁё]+", said.lower()))
    return words

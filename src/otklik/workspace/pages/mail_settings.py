"""Page data for the mail settings: kinds of mail, their texts and placeholders."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from otklik.desks.models import Desk
from otklik.notify.texts.mail_kinds import KINDS, LANGUAGES, MailKind
from otklik.notify.texts.overrides import OwnTexts, is_sent, own_texts
from otklik.notify.texts.placeholders import BY_NAME, PlaceKind


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of mail in the list. `own`: languages in which the desk has its own text."""

    title: str
    about: str
    url: str
    sent: bool
    own: list[str]


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A placeholder for texts; `block`: it stands for several lines."""

    written: str
    about: str
    block: bool


@dataclass(frozen=True, slots=True)
class LanguageTab:
    """A tab for the text in another language; `own`: the desk has its own text there."""

    code: str
    name: str
    url: str
    active: bool
    own: bool


@dataclass(frozen=True, slots=True)
class TextPage:
    """The page for the text of one kind of mail in one language."""

    title: str
    about: str
    sent: bool
    back_url: str
    preview_url: str
    sample_url: str
    reset_url: str
    own: bool
    language: str
    tabs: list[LanguageTab]
    places: list[PlaceRow]


def kind_rows(desk: Desk) -> list[KindRow]:
    """Return every kind of mail. One query."""
    own = own_texts(desk)
    return [
        KindRow(
            title=str(kind.title),
            about=str(kind.about),
            url=reverse("workspace:settings_mail_text", args=[desk.key, kind.name]),
            sent=is_sent(desk, kind),
            own=[name for code, name in settings.LANGUAGES if (kind.name, code) in own],
        )
        for kind in KINDS
    ]


def text_page(desk: Desk, kind: MailKind, language: str, own: OwnTexts, answers: Sequence[PlaceKind]) -> TextPage:
    """Return the page for a kind and language. `answers`: placeholders of the desk's form fields. No query."""
    url = reverse("workspace:settings_mail_text", args=[desk.key, kind.name])
    names = dict(settings.LANGUAGES)
    return TextPage(
        title=str(kind.title),
        about=str(kind.about),
        sent=is_sent(desk, kind),
        back_url=reverse("workspace:settings_mail", args=[desk.key]),
        preview_url=reverse("workspace:settings_mail_preview", args=[desk.key, kind.name]),
        sample_url=reverse("workspace:settings_mail_sample", args=[desk.key, kind.name]),
        reset_url=reverse("workspace:settings_mail_reset", args=[desk.key, kind.name]),
        own=(kind.name, language) in own,
        language=language,
        tabs=[
            LanguageTab(code, names[code], f"{url}?language={code}", code == language, (kind.name, code) in own)
            for code in LANGUAGES
        ],
        places=[
            PlaceRow(f"{{{place.name}}}", str(place.about), place.block)
            for place in [*(BY_NAME[name] for name in kind.places), *answers]
        ],
    )

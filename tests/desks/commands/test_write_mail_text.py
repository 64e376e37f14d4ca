"""`write_mail_text` sets a desk's own text of a mail."""

from typing import Any

from otklik.desks.commands.settings import write_mail_text
from otklik.desks.models import MailText
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_own_words_are_kept_and_empty_ones_bring_the_default_back(cast: Cast) -> None:
    text: dict[str, Any] = {"desk": cast.desk, "kind": "comment", "language": "ru"}
    with tells("desk.changed", "desk.changed"):
        assert write_mail_text(**by(cast.lead), **text, subject="Тема", body="Слова")
        assert not write_mail_text(**by(cast.lead), **text, subject="Тема", body="Слова")
        assert write_mail_text(**by(cast.lead), **text, subject="", body="")
    row = MailText.objects.get(desk=cast.desk, kind="comment", language="ru")
    assert (row.subject, row.body) == ("", "")
    with refuses("desk.leads_only"):
        write_mail_text(**by(cast.agent), **text, subject="x", body="x")


def test_the_words_in_another_language_and_of_another_desk_stay(cast: Cast) -> None:
    for desk, language in ((cast.other_desk, "ru"), (cast.desk, "en"), (cast.desk, "ru"), (cast.desk, "en")):
        words = {"subject": f"{desk.key} {language}", "body": "x"}
        write_mail_text(**by(), desk=desk, kind="accepted", language=language, **words)
    rows = MailText.objects.order_by("subject").values_list("desk__key", "language", "subject")
    assert list(rows) == [
        ("ACCREDO", "en", "ACCREDO en"), ("ACCREDO", "ru", "ACCREDO ru"), ("OTHER", "ru", "OTHER ru")
    ]  # fmt: skip

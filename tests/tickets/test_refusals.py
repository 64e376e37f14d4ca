"""What a command refuses is said in the reader's language."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext

import otklik

PAGES_OF = ("people", "tickets", "intake", "notify", "portal", "workspace")


def refusals(package: str) -> Iterator[str]:
    """The words of every `raise UnableTo…("…")` of the package; why a mail waits in the slow lane reaches no page."""
    for path in sorted((Path(otklik.__file__).parent / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                words = node.exc.args[0]
                kind = ast.unparse(node.exc.func)
                if "UnableTo" in kind and kind != "UnableToParse" and isinstance(words, ast.Constant):
                    yield str(words.value)


def test_every_refusal_that_a_page_may_show_is_translated() -> None:
    said = {words for package in PAGES_OF for words in refusals(package)}
    with translation.override("ru"):
        assert "Write something or attach a file." in said
        assert [words for words in sorted(said) if gettext(words) == words] == []

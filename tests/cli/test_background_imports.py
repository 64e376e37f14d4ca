"""Background imports: modules load while something else is awaited; errors are raised where the module is requested."""

import sys
import threading
from pathlib import Path

import pytest

from otklik.cli import background_imports
from otklik.cli.background_imports import Loading

FIRST, SECOND = "loaded_first_of_two", "loaded_second_of_two"


@pytest.fixture(autouse=True)
def without_django(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Skip Django's setup; return a directory on sys.path for the test's modules."""
    monkeypatch.setattr(background_imports, "set_up", lambda: None)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in (FIRST, SECOND):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def test_a_module_is_given_as_soon_as_it_is_there(without_django: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(background_imports, "gate", gate, raising=False)
    (without_django / f"{FIRST}.py").write_text("word = 1")
    (without_django / f"{SECOND}.py").write_text(
        "from otklik.cli import background_imports; background_imports.gate.wait(30); word = 2"
    )
    both = Loading(FIRST, SECOND)
    assert both.module(FIRST).word == 1
    assert not hasattr(sys.modules.get(SECOND), "word")
    gate.set()
    both.loaded()
    assert sys.modules[SECOND].word == 2 and not any(one.name == "loading" for one in threading.enumerate())


@pytest.mark.parametrize("ask", [lambda both: both.module(FIRST), lambda both: both.loaded()])
def test_what_cannot_be_loaded_is_told(without_django: Path, ask: object) -> None:
    (without_django / f"{FIRST}.py").write_text("raise RuntimeError('no such setting')")
    (without_django / f"{SECOND}.py").write_text("")
    with pytest.raises(RuntimeError, match="no such setting"):
        ask(Loading(FIRST, SECOND))  # type: ignore[operator]
    assert SECOND not in sys.modules

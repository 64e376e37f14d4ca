"""Import modules in a thread while the start waits for something else, since imports take most of its time."""

import importlib
import threading
from types import ModuleType

from otklik.cli.base import set_up


class Loading:
    """Makes Django ready and loads modules one after the other, in a thread of its own that begins at once.

    Nothing may be forked before all of them are `loaded`: the child would have a half of one.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = {name: threading.Event() for name in modules}
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._load, name="loading", daemon=True)
        self._thread.start()

    def module(self, name: str) -> ModuleType:
        """One of the modules, as soon as it is loaded. Raises what its loading raised."""
        self._modules[name].wait()
        self._raise()
        return importlib.import_module(name)

    def loaded(self) -> None:
        """Returns when all are. Raises what their loading raised."""
        self._thread.join()
        self._raise()

    def _load(self) -> None:
        try:
            set_up()
            for name, done in self._modules.items():
                importlib.import_module(name)
                done.set()
        except Exception as error:
            self._error = error
        finally:
            for done in self._modules.values():
                done.set()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

"""Import modules in a thread while the start waits for something else, since imports take most of its time."""

import importlib
import threading
from types import ModuleType

from otklik.cli.bootstrap import set_up


class Loading:
    """Sets Django up and imports modules in order, in a background thread that starts at once.

    Do not fork before `loaded` has returned: a child could inherit a half-imported module.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = {name: threading.Event() for name in modules}
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._load, name="loading", daemon=True)
        self._thread.start()

    def module(self, name: str) -> ModuleType:
        """Wait for one of the modules and return it. Raises what its import raised."""
        self._modules[name].wait()
        self._raise()
        return importlib.import_module(name)

    def loaded(self) -> None:
        """Wait for all modules. Raises what an import raised."""
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

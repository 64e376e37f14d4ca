"""App `journal`: the event log that commands record."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JournalConfig(AppConfig):
    name = "otklik.journal"
    label = "journal"

    def ready(self) -> None:
        """Import every app's module `events`, so that each kind of event is registered with its class."""
        autodiscover_modules("events")

"""App `journal`: the event log that commands record."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JournalConfig(AppConfig):
    name = "otklik.journal"
    label = "journal"

    def ready(self) -> None:
        """Let every room declare the kinds that it writes, so that whoever reads an event knows its class."""
        autodiscover_modules("events")

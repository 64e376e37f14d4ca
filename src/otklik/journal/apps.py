"""What happened: event rows."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "otklik.journal"
    label = "journal"

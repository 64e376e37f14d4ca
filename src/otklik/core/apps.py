"""Settings, database, logs: whatever would serve any other product as well."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "otklik.core"
    label = "core"

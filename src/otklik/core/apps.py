"""What knows no noun of ours: settings, database, logs."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "otklik.core"
    label = "core"

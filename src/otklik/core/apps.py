"""App `core`: environment, database, logging and other infrastructure without any service-desk concept."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "otklik.core"
    label = "core"

"""App `core`: environment, database, logging and whatever else knows nothing of service desks."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "otklik.core"
    label = "core"

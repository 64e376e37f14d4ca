"""Health and metrics."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "otklik.ops"
    label = "ops"

"""App `ops`: health checks and metrics for the people who run the site."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "otklik.ops"
    label = "ops"

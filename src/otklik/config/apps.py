"""The composition root of the web side."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "otklik.config"
    label = "config"

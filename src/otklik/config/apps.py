"""App `config`: the composition root, which alone knows every other app (settings, root URLs, wiring)."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "otklik.config"
    label = "config"

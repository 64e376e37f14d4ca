"""The demo's desks and its post office."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "otklik.demo"
    label = "demo"

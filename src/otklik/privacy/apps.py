"""App `privacy`: archives, redaction and erasure of personal data."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "otklik.privacy"
    label = "privacy"

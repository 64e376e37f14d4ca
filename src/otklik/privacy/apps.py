"""Reads out, redacts and erases what is kept about a person."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "otklik.privacy"
    label = "privacy"

"""App `notify`: turns events into outgoing mails."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "otklik.notify"
    label = "notify"

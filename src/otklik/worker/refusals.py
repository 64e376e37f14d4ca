"""Refusals of commands on the worker's queues."""

from otklik.core.errors import Refusal


class WorkerRefusal(Refusal, about="worker"):
    QUEUE_UNKNOWN = "There is no queue %(name)s to be tried again here; there are %(known)s."

"""What a test commits is gone for the next one, even in tables filled by migrations (tests/ready.py)."""

import pytest
from django.db import connection

from otklik.core.models import ConfigurationVersion
from otklik.desks.models import Queue, Resolution
from tests import ready
from tests.cast import build_cast


def all_queues() -> list[tuple[object, ...]]:
    return list(Queue.objects.order_by("pk").values_list())


@pytest.mark.django_db(transaction=True)
def test_committed_queues_and_resolutions_are_taken_back() -> None:
    migrated, resolutions = all_queues(), list(Resolution.objects.order_by("pk").values_list())
    assert migrated and resolutions
    cast = build_cast()
    with_cast = all_queues()
    assert len(with_cast) > len(migrated)
    Queue.objects.create(owner=cast.agent, name="Моя", position=1)
    Queue.objects.filter(desk=cast.desk, name="Все открытые").update(name="Чужая правка")
    Queue.objects.filter(desk=None, owner=None).delete()
    Resolution.objects.filter(pk=resolutions[0][0]).update(name="Иначе")
    version = ConfigurationVersion.objects.get().version
    ready.empty()
    assert all_queues() == migrated and list(Resolution.objects.order_by("pk").values_list()) == resolutions
    assert ConfigurationVersion.objects.get().version != version
    build_cast()
    assert all_queues() == with_cast


@pytest.mark.django_db
def test_only_tables_of_django_are_left_as_they_are() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'empty'")
        (source,) = cursor.fetchone() or ("",)
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        left = {name for (name,) in cursor.fetchall() if f'DELETE FROM public."{name}";' not in source}
    assert left == {"auth_permission", "core_configurationversion", "django_content_type", "django_migrations"}

"""The schema snapshot equals the migrations, on any server and schema, and is loaded atomically."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from otklik.core.embedded_postgres import Embedded
from tests.cli.forked import otklik
from tests.cli.running import environment
from tests.core.test_embedded_move import OLDER, link, older, place, run_by

__all__ = ["place"]  # a fixture
pytestmark = pytest.mark.services

TOOL = Path(__file__).resolve().parent.parent.parent / "tools" / "schema.py"
LATER = """
import sys, django
from django.conf import settings
settings.INSTALLED_APPS.append("later")
django.setup()
from django.contrib.contenttypes.models import ContentType
from otklik.cli.bootstrap import database_running
from otklik.cli.startup import migrate_database
with database_running():
    print(migrate_database(), ContentType.objects.filter(app_label="later").count(), migrate_database())
"""
MIGRATION = """
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    operations = [migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True))])]
"""
MODEL = """
from django.db import models
class Thing(models.Model):
    id = models.BigAutoField(primary_key=True)
"""


def tables(database: "psycopg.Connection[tuple[object, ...]]", schema: str) -> int:
    found = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [schema]).fetchone()
    assert found is not None
    return int(str(found[0]))


@pytest.mark.slow
def test_the_snapshot_holds_what_the_migrations_make() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "compare"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_first_start_that_is_killed_leaves_nothing_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert otklik(home, "migrate", OTKLIK_FAULT="mid_schema:kill").returncode == -9
    server = Embedded(home)
    with server.hold():
        with link(server) as database:
            assert tables(database, "public") == 0
        done = otklik(home, "migrate")
        assert done.returncode == 0 and "migrations applied: " in done.stderr
        with link(server) as database:
            assert tables(database, "public") > 80


def test_what_is_newer_than_the_snapshot_is_applied_on_top(tmp_path: Path) -> None:
    package = tmp_path / "later"
    (package / "migrations").mkdir(parents=True)
    for name, text in (
        ("__init__", ""),
        ("models", MODEL),
        ("migrations/__init__", ""),
        ("migrations/0001", MIGRATION),
    ):
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    given = environment(tmp_path / "home", DJANGO_SETTINGS_MODULE="otklik.config.settings", PYTHONPATH=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", LATER], env=given, capture_output=True, text=True, check=True)
    applied, content_types, again = map(int, done.stdout.split())
    assert applied > 100 and content_types == 1 and again == 0


def test_an_older_server_takes_it_in_a_schema_of_another_name_from_who_is_no_superuser(
    place: Path, tmp_path: Path
) -> None:
    with run_by([*OLDER, older()][0], place) as server, link(server) as database:
        database.execute("CREATE SCHEMA helpdesk")
        url = f"postgresql://otklik@/otklik?host={server.sockets}&options=-csearch_path%3Dhelpdesk"
        for words in (["migrate"], ["desk", "add", "HELP", "--name", "Help", "--address", "help@desk.test"]):
            done = otklik(tmp_path, *words, DATABASE_URL=url)
            assert done.returncode == 0, done.stderr
        assert tables(database, "helpdesk") > 80 and tables(database, "public") == 0

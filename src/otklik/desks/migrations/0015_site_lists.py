"""Resolutions and issue types: lists of the site, with what it begins with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.desks.site_entries import BROKEN, INCIDENT, ISSUE_TYPES, RESOLUTIONS


def begin(apps, schema_editor):
    language = settings.LANGUAGE_CODE
    for name, entries in (("Resolution", RESOLUTIONS), ("IssueType", ISSUE_TYPES)):
        for position, names in enumerate(entries, 1):
            texts = {code: {"name": said} for code, said in names.items() if code != language}
            apps.get_model("desks", name).objects.create(name=names[language], texts=texts, position=position)
    kinds, request_types = apps.get_model("desks", "IssueType").objects, apps.get_model("desks", "RequestType").objects
    request_types.filter(icon=BROKEN).update(issue_type=kinds.get(name=INCIDENT[language]))
    request_types.exclude(icon=BROKEN).update(issue_type=kinds.get(position=1))


def fields():
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("name", models.CharField(max_length=60, unique=True)),
        ("texts", models.JSONField(blank=True, default=dict)),
        ("position", models.PositiveSmallIntegerField()),
        ("archived", models.BooleanField(default=False)),
    ]


class Migration(migrations.Migration):
    dependencies = [("desks", "0014_further_conditions")]

    operations = [
        migrations.CreateModel(name="Resolution", fields=fields()),
        migrations.CreateModel(name="IssueType", fields=fields()),
        migrations.AddField(
            "requesttype",
            "issue_type",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="request_types",
                to="desks.issuetype",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]

"""Who belongs to an organisation since when, and who may see what its members ask for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('people', '0005_login_sessions')]

    operations = [
        migrations.AddField("organization", "open_inside", models.BooleanField(default=False)),
        migrations.AddField("organization", "domains", models.JSONField(default=list)),
        # The table of the relation is there already; it only becomes a model of its own.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="OrganizationMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                        ),
                        (
                            "organization",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="people.organization",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="organization_memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={"db_table": "people_organization_members", "unique_together": {("organization", "person")}},
                ),
                migrations.AlterField(
                    "organization",
                    "members",
                    models.ManyToManyField(
                        blank=True,
                        related_name="organizations",
                        through="people.OrganizationMember",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField("organizationmember", "sees_all", models.BooleanField(default=False)),
        migrations.AddField("organizationmember", "joined_at", models.DateTimeField(null=True)),
    ]

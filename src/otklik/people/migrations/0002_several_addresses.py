"""A person has several addresses: each address is at most one person's, and tokens may prove a further one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# allauth's table of addresses has no such rule for unproved ones; every row of ours belongs to somebody (ADR 31).
_ONCE = "CREATE UNIQUE INDEX people_address_once ON account_emailaddress (email)"
_FILL = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT p.id, p.email, p.activated_at IS NOT NULL, true FROM people_person p
WHERE p.email IS NOT NULL AND NOT EXISTS (SELECT 1 FROM account_emailaddress a WHERE a.email = p.email)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.AddField(
            model_name="accounttoken", name="address", field=models.CharField(blank=True, max_length=320, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="accounttoken", name="name", field=models.CharField(blank=True, max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="accounttoken",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tokens",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.RunSQL(_ONCE, "DROP INDEX people_address_once"),
    ]

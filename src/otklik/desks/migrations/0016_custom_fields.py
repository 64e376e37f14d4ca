"""Fields of the desks' own are entries of one registry, so that one field may stand on many forms."""

import django.db.models.deletion
from django.db import migrations, models

# One key is one field, on whichever forms it stands; what it is called on the first of them is its name.
REGISTRY = """
INSERT INTO desks_customfield (number, desk_id, name, kind, searchable)
SELECT DISTINCT ON (f.key) substring(f.key FROM '[0-9]+$')::bigint, t.desk_id, f.label, f.kind, f.kind <> 'attachment'
  FROM desks_field f JOIN desks_requesttype t ON t.id = f.request_type_id
 WHERE f.key ~ '^customfield_[0-9]+$' ORDER BY f.key, f.id;
UPDATE desks_field f SET custom_id = c.id
  FROM desks_customfield c WHERE f.key = 'customfield_' || c.number;
"""


class Migration(migrations.Migration):
    dependencies = [("desks", "0015_site_lists")]

    operations = [
        migrations.CreateModel(
            name="CustomField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(unique=True)),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("searchable", models.BooleanField(default=True)),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="custom_fields", to="desks.desk"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "field",
            "custom",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fields",
                to="desks.customfield",
            ),
        ),
        migrations.RunSQL(REGISTRY, migrations.RunSQL.noop),
    ]

"""People have logins of their own, and keys of the directories that they came from."""

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("people", "0013_links_void")]

    operations = [
        migrations.AddField("person", "login", models.CharField(max_length=150, null=True)),
        migrations.AddField("person", "source_key", models.CharField(blank=True, default="", max_length=200)),
        migrations.AddField("person", "address_note", models.CharField(blank=True, default="", max_length=320)),
        migrations.AddConstraint("person", models.UniqueConstraint(Upper("login"), name="login_once")),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(condition=~models.Q(login__contains="@") & ~models.Q(login=""), name="login_or_none"),
        ),
        migrations.AddConstraint(
            "person",
            models.UniqueConstraint(
                condition=~models.Q(source_key=""), fields=["source_key"], name="source_key_once"
            ),
        ),
    ]

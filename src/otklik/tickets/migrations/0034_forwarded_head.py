"""Whose message was forwarded, and from when: it may leave the ticket before the mail is written."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Left, NullIf


def fill(apps, _editor):
    Forward, Message = apps.get_model("tickets", "Forward"), apps.get_model("tickets", "Message")
    source = Message.objects.filter(pk=OuterRef("source"))
    name = Coalesce(NullIf("author__name", Value("")), "author__email", "claimed_author", Value(""))
    Forward.objects.exclude(source=None).update(
        author=Coalesce(Subquery(source.values(said=Left(name, 300))[:1]), Value("")),
        written_at=Subquery(source.values("created_at")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("tickets", "0033_forward")]

    operations = [
        migrations.AddField(
            "forward", "author", models.CharField(blank=True, db_default="", default="", max_length=300)
        ),
        migrations.AddField("forward", "written_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

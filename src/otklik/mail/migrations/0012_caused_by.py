from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("mail", "0011_late_pace"),
    ]

    operations = [
        migrations.AddField(model_name="outboundmail", name="caused_by", field=models.BigIntegerField(null=True)),
        migrations.AddField(
            model_name="outboundmail",
            name="box",
            field=models.CharField(blank=True, db_default="", default="", max_length=320),
        ),
        migrations.AddIndex(
            model_name="outboundmail",
            index=models.Index(condition=~models.Q(box=""), fields=["box", "created_at"], name="outbound_box"),
        ),
        migrations.AddIndex(
            model_name="outboundmail",
            index=models.Index(
                condition=~models.Q(caused_by=None), fields=["caused_by", "created_at"], name="outbound_caused"
            ),
        ),
    ]

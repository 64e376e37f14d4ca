from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("desks", "0007_approval_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="desk", name=name, field=models.PositiveIntegerField(null=True)
        )
        for name in ("keep_machine_mail", "keep_originals", "keep_sent")
    ]

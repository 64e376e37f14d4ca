from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("desks", "0008_retention"),
    ]

    operations = [
        migrations.AddField(
            model_name="desk",
            name="newcomers_a_day",
            field=models.PositiveSmallIntegerField(db_default=10, default=10),
        ),
    ]

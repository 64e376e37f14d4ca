from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0002_submission"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnusedBlob",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
    ]

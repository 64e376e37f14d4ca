from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("mail", "0010_files_by_digest"),
    ]

    operations = [
        migrations.CreateModel(
            name="LatePace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("tried", models.PositiveIntegerField(default=0)),
            ],
        ),
    ]

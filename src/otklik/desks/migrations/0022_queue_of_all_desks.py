from django.db import migrations

NAMES = {"ru": "Все открытые", "en": "All open"}
OPEN = "statusCategory != Done ORDER BY updated DESC"
COLUMNS = ["key", "subject", "requester", "status", "priority", "assignee", "updated_at"]


def add(apps, schema_editor):
    """A queue of no desk and of nobody: for everybody who works at several."""
    language, *others = NAMES
    texts = {code: {"name": NAMES[code]} for code in others}
    apps.get_model("desks", "Queue").objects.create(
        name=NAMES[language], texts=texts, jql=OPEN, columns=COLUMNS, position=1
    )


def remove(apps, schema_editor):
    apps.get_model("desks", "Queue").objects.filter(desk=None, owner=None).delete()


class Migration(migrations.Migration):
    dependencies = [("desks", "0021_choice_of_filters")]

    operations = [migrations.RunPython(add, remove)]

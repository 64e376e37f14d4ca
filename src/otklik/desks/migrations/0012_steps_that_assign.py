from django.db import migrations, models

from otklik.desks.defaults import PLANS


def assign_by_shipped_steps(apps, schema_editor):
    """The steps that still bear a shipped name do what the shipped ones do; others stay as they were."""
    Transition = apps.get_model("desks", "Transition")
    for language, plan in PLANS.items():
        names = {row.name for row in plan.transitions if row.assigns}
        rows = Transition.objects.filter(desk__language=language, name__in=names, target__category="progress")
        rows.update(assigns=True)


class Migration(migrations.Migration):
    dependencies = [("desks", "0011_shipped_types_in_languages")]

    operations = [
        migrations.AddField(
            model_name="transition",
            name="assigns",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(assign_by_shipped_steps, migrations.RunPython.noop),
    ]

from django.db import migrations, models

# Deferred to the end of the transaction: nobody waits for the row with locks that others need.
FUNCTION = """
CREATE FUNCTION core_configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('otklik.changed_in', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        INSERT INTO core_configurationversion (id, version) VALUES (1, gen_random_uuid())
            ON CONFLICT (id) DO UPDATE SET version = excluded.version;
        PERFORM set_config('otklik.changed_in', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;
INSERT INTO core_configurationversion (id, version) VALUES (1, gen_random_uuid());
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_unused_blobs")]

    operations = [
        migrations.CreateModel(
            name="ConfigurationVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.UUIDField()),
            ],
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION core_configuration_changed()"),
    ]

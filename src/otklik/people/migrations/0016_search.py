"""People are found by pieces of name, addresses, login and phones by an index, not by reading everybody.

The rows are kept by the database itself: three tables have a part in them, one of which is allauth's.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Every word from each of its letters on, so that a piece from the midst of a word is the beginning of one of these;
# people.search reads what is typed in the same way.
FUNCTIONS = r"""
CREATE FUNCTION people_pieces(person bigint) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT substr(word, place, 40))), ''::tsvector)
      FROM (
        SELECT regexp_split_to_table(
                   translate(lower(said), 'ё!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', 'е' || repeat(' ', 32)), '\s+') AS word
          FROM (
            SELECT concat_ws(' ', name, email, login) AS said FROM people_person WHERE id = person
            UNION ALL SELECT email FROM account_emailaddress WHERE user_id = person
            UNION ALL SELECT regexp_replace(number, '[^0-9]', '', 'g') FROM people_phone WHERE person_id = person
          ) texts
      ) words, generate_series(1, length(word)) AS place
$$;
CREATE FUNCTION people_person_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO people_personsearch (person_id, pieces) VALUES (NEW.id, people_pieces(NEW.id));
    ELSE
        UPDATE people_personsearch SET pieces = people_pieces(NEW.id) WHERE person_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION people_address_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE people_personsearch SET pieces = people_pieces(OLD.user_id) WHERE person_id = OLD.user_id;
    END IF;
    -- A first address stands beside the name already.
    IF TG_OP <> 'DELETE' AND NOT EXISTS (SELECT FROM people_person WHERE id = NEW.user_id AND email = NEW.email) THEN
        UPDATE people_personsearch SET pieces = people_pieces(NEW.user_id) WHERE person_id = NEW.user_id;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION people_phone_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE people_personsearch SET pieces = people_pieces(OLD.person_id) WHERE person_id = OLD.person_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE people_personsearch SET pieces = people_pieces(NEW.person_id) WHERE person_id = NEW.person_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER people_person_named AFTER INSERT OR UPDATE OF name, email, login ON people_person
    FOR EACH ROW EXECUTE FUNCTION people_person_named();
CREATE TRIGGER people_address_kept AFTER INSERT OR UPDATE OR DELETE ON account_emailaddress
    FOR EACH ROW EXECUTE FUNCTION people_address_kept();
CREATE TRIGGER people_phone_kept AFTER INSERT OR UPDATE OR DELETE ON people_phone
    FOR EACH ROW EXECUTE FUNCTION people_phone_kept();
INSERT INTO people_personsearch (person_id, pieces) SELECT id, people_pieces(id) FROM people_person;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0015_token_scopes"), ("account", "0009_emailaddress_unique_primary_email")]

    operations = [
        migrations.CreateModel(
            name="PersonSearch",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("pieces", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["pieces"], name="person_pieces")],
            },
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]

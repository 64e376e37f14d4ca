"""The password hasher: Argon2id with less memory than Django's default."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters for small hosts: Django's default takes 100 MiB for each login at once."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

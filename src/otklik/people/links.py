"""Links with power over an account. One home for their paths: mails write them, the portal answers them."""

from django.conf import settings

RESET_PATH = "secure/ResetPassword/"
ACTIVATION_PATH = "secure/ActivateAccount/"


def reset_url(key: str) -> str:
    """The link of the password mail; built from the configured address only, never a request's Host (AB-30)."""
    return f"{settings.PUBLIC_URL}/{RESET_PATH}{key}"


def activation_url(secret: str) -> str:
    """The link behind the button of the first mail."""
    return f"{settings.PUBLIC_URL}/{ACTIVATION_PATH}{secret}"

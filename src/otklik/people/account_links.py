"""URLs of account links (activation, password reset, address confirmation), shared by mails and portal."""

from django.conf import settings

RESET_PATH = "secure/ResetPassword/"
ACTIVATION_PATH = "secure/ActivateAccount/"
ADDRESS_PATH = "secure/ConfirmAddress/"
SIGN_UP_PATH = "secure/FinishSignup/"
PROFILE_PATH = "servicedesk/customer/user/profile/security"


def reset_url(key: str) -> str:
    """Return the link for the password mail. Built from PUBLIC_URL, never from a request's Host header (AB-30)."""
    return f"{settings.PUBLIC_URL}/{RESET_PATH}{key}"


def activation_url(secret: str) -> str:
    """Return the link that activates an account."""
    return f"{settings.PUBLIC_URL}/{ACTIVATION_PATH}{secret}"


def address_url(secret: str) -> str:
    """Return the link that verifies an additional mail address."""
    return f"{settings.PUBLIC_URL}/{ADDRESS_PATH}{secret}"


def sign_up_url(secret: str) -> str:
    """Return the link that completes a self-registration."""
    return f"{settings.PUBLIC_URL}/{SIGN_UP_PATH}{secret}"

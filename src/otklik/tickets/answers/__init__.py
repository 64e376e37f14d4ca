"""Request forms: their fields as Django form fields, and the answers given."""

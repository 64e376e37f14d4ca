"""Forms of request types: their fields as Django forms, and the answers given."""

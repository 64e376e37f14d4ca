"""The benchmark that ships with the product."""

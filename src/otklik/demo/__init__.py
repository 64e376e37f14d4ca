"""The demo: two desks with sample data, and a post office in which the visitor plays a customer."""

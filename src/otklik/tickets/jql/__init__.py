"""The filter language: the subset of Jira's JQL that sites bring with them (docs/filter-language.md, ADR 116).

`parse` makes a tree of a text, `write` a text of a tree, `find` tickets of a tree. Only `find` knows the database.
"""

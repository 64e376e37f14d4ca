"""A filter as chips: its conditions in people's words, and forms that change one of them in the text.

The text of the filter is what counts; a chip reads a part of its tree and writes it again (ADR 121).
"""

"""Who said what: statements and their speakers from the text of an article, by rules."""

from expertstance.quotes.extraction import extract_statements

__all__ = ["extract_statements"]

"""Who said what: statements and their speakers from the text of an article, by rules."""

from expertstance.quotes.extraction import extract_statements
from expertstance.quotes.spoken import as_spoken

__all__ = ["as_spoken", "extract_statements"]

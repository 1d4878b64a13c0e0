"""The values that the clause rules pass on: a reporting clause, and a reporting verb in its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from expertstance.quotes.lexicon import Verb
from expertstance.quotes.subjects import Subject
from expertstance.quotes.tokens import Token


@dataclass(frozen=True, slots=True)
class Clause:
    """One reporting clause, by token numbers of its paragraph.

    Attributes:
        cue: ``(first, last)`` tokens of the reporting words, end-exclusive.
        subject: The words that name the speaker.
        contents: Token ranges of the statement's words, in text order.
        rule: Name of the rule.
        sure: Confidence that the subject is the speaker, 0 to 1.
        start: First token of the clause; the words of a clause before it end there.
        open: Whether the words are still to come, after a colon at the sentence's end.
    """

    cue: tuple[int, int]
    subject: Subject
    contents: tuple[tuple[int, int], ...]
    rule: str
    sure: float
    start: int
    open: bool = False

    def reports(self, k: int) -> bool:
        """Whether token ``k`` stands in the statement's words."""
        return any(first <= k < last for first, last in self.contents)


class Site(NamedTuple):
    """A form of a reporting verb at token ``at`` of the sentence ``tokens[low:high]``.

    ``cue`` holds the reporting words, ``earlier`` the clauses found before it in the sentence.
    """

    tokens: Sequence[Token]
    low: int
    high: int
    at: int
    verb: Verb
    cue: tuple[int, int]
    earlier: Sequence[Clause]

    @property
    def only_object(self) -> bool:
        """Whether the verb takes nothing but an object (``slammed the plan``)."""
        return self.verb.only_object

    @property
    def only_quote(self) -> bool:
        """Whether the verb takes nothing but a quote (``shouted``)."""
        return self.verb.frames == {"quote"}

    def has_quote(self, first: int, last: int) -> bool:
        """Whether a quote stands in ``tokens[first:last]``."""
        return any(token.kind == "quote" for token in self.tokens[first:last])

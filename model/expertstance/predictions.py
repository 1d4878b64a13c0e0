"""What the classifier says of one statement: a frozen value with a dictionary form."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Reason = Literal["no_outlook", "low_confidence", "empty"]
Context = str | Iterable[str | None] | None
"""The matter at hand, or the sentence before: one for all texts, or one per text; None and blank ones mean none."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The outlook of one statement.

    Attributes:
        text: The statement as given.
        label: The most likely outlook. Never the label that stands for "no outlook": see ``abstained``.
        score: Calibrated probability of ``label``, 0 to 1.
        scores: Calibrated probability of every label of the model, in the model's order; they sum to 1.
        abstained: Whether ``label`` should not be counted.
        reason: Why: ``"no_outlook"`` (the statement most likely takes none), ``"low_confidence"`` (``score`` is below
            the model's threshold), ``"empty"`` (there are no words); None where ``abstained`` is False.
        n_tokens: Word pieces of the text, without special tokens.
        windows: Number of windows the text was scored in; more than 1 for a text longer than the model's window.
        model: Name of the model.
        revision: First 12 hexadecimal digits of the SHA-256 of the model's weights file.
    """

    text: str
    label: str
    score: float
    scores: dict[str, float]
    abstained: bool
    reason: Reason | None
    n_tokens: int
    windows: int
    model: str
    revision: str

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and scalars, ready for JSON."""
        return asdict(self)

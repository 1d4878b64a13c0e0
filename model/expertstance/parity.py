"""Two ways of computing the same model, compared: how often the label changes, how far probabilities move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_LABELS_CHANGED = 0.005
MAX_DIFFERENCE = 0.05


@dataclass(frozen=True, slots=True)
class Parity:
    """How far calibrated probabilities are from those of the reference.

    Attributes:
        n: Statements compared.
        labels_changed: Share of statements whose most likely label, of all the model's labels, is another one.
        largest_difference: Of any probability; 1 where one of the two is not a number.
        mean_difference: Over all statements and labels.
    """

    n: int
    labels_changed: float
    largest_difference: float
    mean_difference: float

    def fault(self) -> str | None:
        """Why the two must not pass as the same model, or None where they may."""
        if self.largest_difference > MAX_DIFFERENCE or self.labels_changed > MAX_LABELS_CHANGED:
            return (
                f"it changes {self.labels_changed:.1%} of the labels of {self.n:,} statements (limit "
                f"{MAX_LABELS_CHANGED:.1%}) and moves a probability by {self.largest_difference:.3f} (limit "
                f"{MAX_DIFFERENCE})"
            )
        return None


def compare(reference: NDArray[np.float64], found: NDArray[np.float64]) -> Parity:
    """Compare probabilities of shape (n, labels), n at least 1, with those of the reference."""
    differences = np.nan_to_num(np.abs(found - reference), nan=1.0)
    return Parity(
        n=len(reference),
        labels_changed=float(np.mean(reference.argmax(axis=1) != found.argmax(axis=1))),
        largest_difference=float(differences.max()),
        mean_difference=float(differences.mean()),
    )

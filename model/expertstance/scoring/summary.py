"""What a run of batch scoring has done."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """Counts and speed of a run.

    Attributes:
        output: The file written; None for stdout.
        rejects: The file with rejected rows; None where there are none, or they went to stderr.
        rows: Rows read (statements, for articles), of the whole output.
        scored: Rows in the output.
        rejected: Rows in the rejects file.
        resumed_at: Rows that an earlier, interrupted run had done; 0 for a fresh run.
        seconds: Wall time of this process from the first row to the finished output.
        statements_per_second: Rows scored by this process per second.
        tokens_per_second: Word pieces computed by this process per second; a repeated text counts once a chunk.
        device: Where the model computed.
        precision: ``"fp32"``, ``"bf16"``, ``"fp16"`` or ``"int8"``.
        backend: ``"packed"``, ``"openvino"`` or ``"transformers"``.
        model: Name of the model.
        revision: First 12 hexadecimal digits of the SHA-256 of its weights file.
    """

    output: str | None
    rejects: str | None
    rows: int
    scored: int
    rejected: int
    resumed_at: int
    seconds: float
    statements_per_second: float
    tokens_per_second: float
    device: str
    precision: str
    backend: str
    model: str
    revision: str

    @property
    def exit_code(self) -> int:
        """0 where every row was scored, 1 where some were rejected, 2 where all were."""
        return 0 if not self.rejected else 1 if self.scored else 2

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON."""
        return asdict(self)


class ScoringInterrupted(KeyboardInterrupt):
    """Ctrl-C during a run; what was scored up to the last checkpoint is kept.

    Attributes:
        rows: Rows that are safe.
        resumable: Whether the run can go on with ``resume``.
    """

    def __init__(self, rows: int, *, resumable: bool) -> None:
        super().__init__(f"interrupted after {rows:,} rows")
        self.rows = rows
        self.resumable = resumable

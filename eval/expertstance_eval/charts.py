"""Charts as inline SVG, the same bytes for the same figures."""

import io
import re
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expertstance_eval.sections import Chart

_STYLE: Any = {"svg.hashsalt": "expertstance", "svg.fonttype": "none", "font.size": 9.0, "font.family": "sans-serif"}
_SIZE = (4.2, 3.2)


def draw(chart: Chart, *, key: str) -> str:
    """One chart as an ``<svg>`` element.

    Args:
        chart: What to draw.
        key: Prefix of the element ids, so that several drawings share a page.
    """
    with matplotlib.rc_context(_STYLE):
        drawing = Figure(figsize=_SIZE, layout="constrained")
        {"confusion": _confusion, "reliability": _reliability, "risk_coverage": _risk_coverage}[chart.kind](
            drawing.subplots(), chart.data
        )
        buffer = io.StringIO()
        drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r'\bid="', f'id="{key}-', svg)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{key}-", svg)


def _confusion(axes: Axes, data: dict[str, Any]) -> None:
    labels, counts = data["labels"], data["counts"]
    shares = [[value / max(1, sum(row)) for value in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    for row, values in enumerate(counts):
        for column, value in enumerate(values):
            colour = "white" if shares[row][column] > 0.5 else "black"
            axes.text(column, row, str(value), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(labels)), labels, rotation=20)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")


def _reliability(axes: Axes, data: dict[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for stage, points in data.items():
        axes.plot(
            [p["confidence"] for p in points],
            [p["accuracy"] for p in points],
            marker="o",
            markersize=3,
            linewidth=1,
            linestyle="--" if stage == "before" else "-",
            label=f"{stage} temperature",
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("probability of the best label")
    axes.set_ylabel("share right")
    axes.legend(frameon=False)


def _risk_coverage(axes: Axes, data: dict[str, Any]) -> None:
    axes.plot([c for c, _ in data["curve"]], [r for _, r in data["curve"]], linewidth=1.2)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, None)
    axes.set_xlabel("share of rows kept")
    axes.set_ylabel("share wrong")

"""The local web page that ``expertstance demo`` serves: paste an article, see who said what and with which outlook.

Needs the extra ``demo``; nothing is sent anywhere but to the browser that asks.
"""

from typing import Any

from expertstance.analysis import analyze_text
from expertstance.classifier import StanceClassifier
from expertstance.errors import MissingExtraError
from expertstance.page import pieces
from expertstance.statements import Statement

COLOURS = {"optimistic": "green", "cautious": "orange", "skeptical": "red"}
NOT_COUNTED = "not counted"


def build_demo(classifier: StanceClassifier) -> Any:
    """The page as ``gradio.Blocks``; ``launch()`` serves it.

    Raises:
        MissingExtraError: gradio is not installed.
    """
    try:
        import gradio
    except ModuleNotFoundError as error:
        raise MissingExtraError("the demo needs gradio: pip install 'expertstance[demo]'") from error

    def analyse(text: str) -> tuple[list[tuple[str, str | None]], list[list[str]]]:
        analysis = analyze_text(text, predict=classifier.predict)
        marked = [(piece.text, _category(piece.statement)) for piece in pieces(text, analysis.statements)]
        return marked, [_row(statement) for statement in analysis.statements]

    with gradio.Blocks(title="expertstance", analytics_enabled=False) as page:
        article = gradio.Textbox(label="Article", lines=12, placeholder="Paste a news report.")
        button = gradio.Button("Analyse", variant="primary")
        marked = gradio.HighlightedText(label="Statements", color_map=COLOURS)
        table = gradio.Dataframe(label="Who said what", headers=["speaker", "outlook", "score", "kind", "statement"])
        button.click(analyse, article, [marked, table], api_name="analyse")
    return page


def _category(statement: Statement | None) -> str | None:
    if statement is None or statement.prediction is None:
        return None
    return NOT_COUNTED if statement.prediction.abstained else statement.prediction.label


def _row(statement: Statement) -> list[str]:
    assert statement.prediction is not None
    speaker, prediction = statement.speaker, statement.prediction
    who = ", ".join(part for part in (speaker.name, speaker.role, speaker.affiliation) if part) or "unknown"
    outlook = f"({prediction.label})" if prediction.abstained else prediction.label
    return [who, outlook, f"{prediction.score:.2f}", statement.kind, statement.text]

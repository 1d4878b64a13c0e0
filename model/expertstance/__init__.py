"""Who said what, and with which outlook: extract statements from articles and classify them.

    from expertstance import predict, extract, analyze
    predict("The chances of an early end are slim.")

Importing this package is cheap: torch and transformers are loaded with the first prediction.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expertstance.analysis import Analysis
    from expertstance.api import analyze, extract, predict, predict_proba
    from expertstance.classifier import StanceClassifier
    from expertstance.errors import (
        ConfigError,
        EngineError,
        ExpertstanceError,
        InputError,
        MissingExtraError,
        ModelError,
        OutputError,
    )
    from expertstance.predictions import Prediction
    from expertstance.scoring import score_file
    from expertstance.scoring.summary import ScoringInterrupted
    from expertstance.statements import Speaker, Statement

__all__ = [
    "Analysis",
    "ConfigError",
    "EngineError",
    "ExpertstanceError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "Prediction",
    "ScoringInterrupted",
    "Speaker",
    "StanceClassifier",
    "Statement",
    "analyze",
    "extract",
    "predict",
    "predict_proba",
    "score_file",
]

_HOME = {
    "Analysis": "analysis",
    "ConfigError": "errors",
    "EngineError": "errors",
    "ExpertstanceError": "errors",
    "InputError": "errors",
    "MissingExtraError": "errors",
    "ModelError": "errors",
    "OutputError": "errors",
    "Prediction": "predictions",
    "ScoringInterrupted": "scoring.summary",
    "Speaker": "statements",
    "StanceClassifier": "classifier",
    "Statement": "statements",
    "analyze": "api",
    "extract": "api",
    "predict": "api",
    "predict_proba": "api",
    "score_file": "scoring",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'expertstance' has no attribute {name!r}")
    return getattr(import_module(f"expertstance.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__

"""The exceptions that a caller of expertstance may meet, all under one base class."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


class ExpertstanceError(Exception):
    """Base class: one clear sentence that names the place, the rule, the value and the way out."""


class InputError(ExpertstanceError, ValueError):
    """An article, statement, row or argument that cannot be used as it is."""


class OutputError(ExpertstanceError, OSError):
    """An output that cannot be written: no space, no permission, a device that fails."""


class ModelError(ExpertstanceError):
    """A model folder that is missing, incomplete, changed, or not of the expected kind."""


class ConfigError(ExpertstanceError, ValueError):
    """A configuration file with unknown keys or values out of range."""


class MissingExtraError(ExpertstanceError, ImportError):
    """A feature whose optional libraries are not installed."""


class EngineError(ExpertstanceError, RuntimeError):
    """A cluster that cannot be reached, or that failed while it computed."""


def faults_of(error: "ValidationError", *, whole: str) -> list[str]:
    """What pydantic found, each as place and rule in words of the file; a fault of all of it stands at ``whole``."""
    return [f"{'.'.join(map(str, fault['loc'])) or whole}: {_rule(fault)}" for fault in error.errors()]


def _rule(fault: "ErrorDetails") -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "there is no such key; check its spelling"
        case "missing":
            return "it is missing"
        case "union_tag_not_found":
            return f"the key {fault['ctx']['discriminator']} is missing"
        case "value_error":
            return str(fault["ctx"]["error"])
        case _:
            return fault["msg"]

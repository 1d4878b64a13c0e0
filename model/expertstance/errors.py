"""The exceptions that a caller of expertstance may meet, all under one base class."""


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

"""YAML files checked against a pydantic schema, with every fault in one message: configurations and files of cases.

Needs PyYAML, which the extras that read such files bring; nothing in the core imports this module.
"""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from expertstance.errors import ConfigError, ExpertstanceError, faults_of

T = TypeVar("T")


def load_yaml(
    path: Path, schema: TypeAdapter[T], *, kind: str = "config", error: type[ExpertstanceError] = ConfigError
) -> T:
    """Read a file and check it.

    Args:
        path: The file.
        schema: What it has to hold.
        kind: What to call such a file in messages.
        error: What to raise.

    Raises:
        ConfigError: The file is missing, is not YAML, or breaks a rule; or ``error``, if given.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise error(f"{kind} {path} cannot be read ({cause.strerror}); check the path") from cause
    except (yaml.YAMLError, UnicodeDecodeError) as cause:
        raise error(f"{kind} {path} is not YAML in UTF-8: {' '.join(str(cause).split())}; mend the file") from cause
    if content is None:
        raise error(f"{kind} {path} is empty; give it its keys")
    return check(content, schema, place=f"{kind} {path}", kind=kind, error=error)


def check(
    content: object,
    schema: TypeAdapter[T],
    *,
    place: str,
    kind: str = "config",
    error: type[ExpertstanceError] = ConfigError,
) -> T:
    """Check content that is already read.

    Args:
        content: Dictionaries, lists and scalars.
        schema: What it has to be.
        place: Where it comes from, for the message.
        kind: What a fault of the whole content is called.
        error: What to raise.

    Raises:
        ConfigError: It breaks a rule; or ``error``, if given.
    """
    try:
        return schema.validate_python(content)
    except ValidationError as cause:
        raise error(f"{place}: {'; '.join(faults_of(cause, whole=kind))}") from cause

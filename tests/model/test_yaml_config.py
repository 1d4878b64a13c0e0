"""YAML files against a schema: every fault in one sentence, under the name and the exception of the kind of file."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter

from expertstance import ConfigError, InputError
from expertstance.yaml_config import check, load_yaml


class Boat(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    crew: int


BOAT = TypeAdapter(Boat)


def test_a_right_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "boat.yaml"
    path.write_text("name: Mary\ncrew: 5\n", encoding="utf-8")
    assert load_yaml(path, BOAT) == Boat(name="Mary", crew=5)


def test_all_faults_stand_in_one_message() -> None:
    with pytest.raises(ConfigError) as caught:
        check({"name": 3, "crew": "many", "colour": "red"}, BOAT, place="config boat.yaml")
    message = str(caught.value)
    assert message.startswith("config boat.yaml: ")
    assert "\n" not in message
    for part in ("name: ", "crew: ", "colour: "):
        assert part in message


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"name: [", "is not YAML"), (b"name: \xff", "is not YAML"), (b"- 1", "boat: Input should be"), (b"", "is empty")],
)
def test_the_kind_of_file_names_itself_and_its_exception(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "boat.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        load_yaml(path, BOAT, kind="boat", error=InputError)
    assert str(caught.value).startswith(f"boat {path}")
    with pytest.raises(ConfigError):
        load_yaml(path, BOAT)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config .*missing.yaml cannot be read \(.*\); check the path"):
        load_yaml(tmp_path / "missing.yaml", BOAT)

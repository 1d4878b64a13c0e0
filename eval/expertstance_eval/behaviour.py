"""Behavioural cases: what a model must do, capability by capability, apart from how often each occurs in news.

Three kinds of test (Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", 2020):

- ``MFT``, minimum functionality: one text, one right label.
- ``INV``, invariance: the label must be the same for all texts of a case.
- ``DIR``, direction: from the first to the second text the probability of a label must rise (or fall).

The cases are YAML files in ``suites/``, one per capability.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from scipy.stats import binomtest

from expertstance.calibration import Calibration
from expertstance.errors import InputError
from expertstance.hub import sha256
from expertstance.json_rows import read_objects
from expertstance.yaml_config import load_yaml
from expertstance_eval.config import BehaviourConfig
from expertstance_eval.metrics import rounded
from expertstance_eval.records import as_written, probability_faults, stored
from expertstance_eval.systems import load_system

SURE = 0.9
"""A probability that starts and stays above this passes a rise, since it has hardly room to rise."""

Kind = Literal["MFT", "INV", "DIR"]


class Suite(BaseModel):
    """One file of cases of one kind.

    Attributes:
        capability: What the cases test, in a few words; ids are made of it.
        about: One sentence of what a right model does.
        cases: ``[label, text]`` for MFT, ``[text, text, …]`` for INV, ``[label, "up" | "down", text, text]`` for DIR.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    capability: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind
    about: str
    cases: list[list[str]] = Field(min_length=1)

    @model_validator(mode="after")
    def _shapes(self) -> Self:
        for k, case in enumerate(self.cases, start=1):
            shape_is_right = {
                "MFT": len(case) == 2,
                "INV": len(case) >= 2,
                "DIR": len(case) == 4 and case[1] in ("up", "down"),
            }[self.kind]
            if not shape_is_right:
                raise ValueError(f"case {k} ({case[:2]}) has not the shape of {self.kind}")
        return self


_SUITE = TypeAdapter(Suite)


@dataclass(frozen=True, slots=True)
class Case:
    """One test.

    Attributes:
        id: Capability, kind and number.
        label: The right label (MFT), the label whose probability moves (DIR), None (INV).
        direction: ``"up"`` or ``"down"`` (DIR).
        texts: One text (MFT), two (DIR), two or more (INV).
    """

    id: str
    capability: str
    kind: Kind
    label: str | None
    direction: str | None
    texts: tuple[str, ...]


def suite_paths(config: BehaviourConfig) -> dict[str, Path]:
    """The files of cases by the name a report gives them: as written in the configuration, or of the package."""
    if config.suites:
        return {source: Path(source) for source in config.suites}
    folder = Path(str(files("expertstance_eval"))) / "suites"
    return {f"suites/{path.name}": path for path in sorted(folder.glob("*.yaml"))}


def read_suite(path: Path) -> tuple[Suite, list[Case]]:
    """A file of cases.

    Raises:
        InputError: It is missing, or is not a file of cases.
    """
    suite = load_yaml(path, _SUITE, kind="suite", error=InputError)
    return suite, [_case(suite, k, case) for k, case in enumerate(suite.cases, start=1)]


def _case(suite: Suite, number: int, case: list[str]) -> Case:
    first_text = {"MFT": 1, "INV": 0, "DIR": 2}[suite.kind]
    return Case(
        id=f"{suite.capability}-{suite.kind.lower()}-{number:03d}",
        capability=suite.capability,
        kind=suite.kind,
        label=case[0] if first_text else None,
        direction=case[1] if suite.kind == "DIR" else None,
        texts=tuple(case[first_text:]),
    )


def read_cases(config: BehaviourConfig) -> list[Case]:
    """All cases in file order.

    Raises:
        InputError: A file cannot be used, or two files share capability and kind.
    """
    cases = [case for path in suite_paths(config).values() for case in read_suite(path)[1]]
    repeated = [key for key, n in Counter(case.id for case in cases).items() if n > 1]
    if repeated:
        raise InputError(f"suites: the case {repeated[0]!r} stands twice; give capability and kind once each")
    return cases


def write_predictions(config: BehaviourConfig, file: IO[str], advance: Callable[[int], None]) -> dict[str, Any]:
    """Score every text of every case.

    Raises:
        InputError: The cases cannot be used, or name a label that the model lacks.
        ModelError: The model is not to be had.
    """
    cases = read_cases(config)
    system = load_system(config.model, labels=None)
    unknown = sorted({case.label for case in cases if case.label is not None} - set(system.labels))
    if unknown:
        raise InputError(f"cases name the labels {unknown}, the model has {system.labels}; map them in model.label_map")
    ends = np.cumsum([len(case.texts) for case in cases])
    every = np.split(system.text_logits([text for case in cases for text in case.texts]), ends[:-1])
    for case, logits in zip(cases, every, strict=True):
        record = {
            **_facts(case),
            "labels": system.labels,
            "logits": [stored(row) for row in logits],
            "probabilities": [stored(row) for row in system.probabilities(logits)],
        }
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
        advance(1)
    return {"model": system.facts, "files": input_files(config)}


def _facts(case: Case) -> dict[str, Any]:
    """What ``predictions.jsonl`` says of a case itself."""
    return {
        "id": case.id,
        "capability": case.capability,
        "kind": case.kind,
        "label": case.label,
        "direction": case.direction,
        "texts": list(case.texts),
    }


def input_files(config: BehaviourConfig) -> dict[str, str]:
    """SHA-256 of the files of cases that are here, by name."""
    return {name: sha256(path) for name, path in suite_paths(config).items() if path.is_file()}


def passes(record: dict[str, Any]) -> bool:
    """Whether a scored case is as it should be; see the module's docstring and ``SURE``."""
    probabilities = np.array(record["probabilities"], dtype=np.float64)
    best = [record["labels"][k] for k in probabilities.argmax(axis=1)]
    if record["kind"] == "MFT":
        return bool(best[0] == record["label"])
    if record["kind"] == "INV":
        return len(set(best)) == 1
    before, after = probabilities[:, record["labels"].index(record["label"])]
    if record["direction"] == "down":
        before, after = 1 - before, 1 - after
    return bool(after > before or min(before, after) > SURE)


def summarise(config: BehaviourConfig, predictions: Path) -> dict[str, Any]:
    """Failure rates with Wilson intervals (Wilson, 1927) per capability and kind, and failed cases as examples.

    Raises:
        InputError: The file is not as ``write_predictions`` writes it.
    """
    groups: dict[tuple[str, str], list[_Outcome]] = {}
    for number, record in read_objects(predictions):
        with as_written(predictions, number):
            groups.setdefault((record["capability"], record["kind"]), []).append(_outcome(record))
    if not groups:
        raise InputError(f"{predictions}: no cases in it")
    every = [outcome for group in groups.values() for outcome in group]
    return {
        "capabilities": [
            {
                "capability": capability,
                "kind": kind,
                **_rate(group, config.confidence),
                "failed": [o.id for o in group if not o.passed],
                "examples": [o.example for o in group if not o.passed][: config.examples],
            }
            for (capability, kind), group in groups.items()
        ],
        "kinds": {
            kind: _rate([o for (_, k), group in groups.items() if k == kind for o in group], config.confidence)
            for kind in sorted({kind for _, kind in groups})
        },
        "all": _rate(every, config.confidence),
    }


@dataclass(frozen=True, slots=True)
class _Outcome:
    id: str
    passed: bool
    example: dict[str, Any]


def _outcome(record: dict[str, Any]) -> _Outcome:
    wanted = {
        "MFT": record["label"],
        "INV": "one label for all",
        "DIR": f"{record['label']} {record['direction']}",
    }[record["kind"]]
    given = [
        {
            "text": text,
            "label": record["labels"][int(np.argmax(row))],
            "probability": rounded(max(row)),
            **(
                {"wanted_label_probability": rounded(row[record["labels"].index(record["label"])])}
                if record["label"] is not None
                else {}
            ),
        }
        for text, row in zip(record["texts"], record["probabilities"], strict=True)
    ]
    return _Outcome(record["id"], passes(record), {"id": record["id"], "wanted": wanted, "given": given})


def _rate(outcomes: Sequence[_Outcome], confidence: float) -> dict[str, Any]:
    failures = sum(not o.passed for o in outcomes)
    interval = binomtest(failures, len(outcomes)).proportion_ci(confidence_level=confidence, method="wilson")
    return {
        "n": len(outcomes),
        "failures": failures,
        "failure_rate": rounded(failures / len(outcomes)),
        "interval": [rounded(interval.low), rounded(interval.high)],
    }


def check_rows(config: BehaviourConfig, predictions: Path, temperature: float | None) -> Iterator[str]:
    """Rows of ``predictions.jsonl`` that do not go with the cases, or whose probabilities are not their logits'."""
    calibration = Calibration(temperature=temperature or 1.0)
    present = all(path.is_file() for path in suite_paths(config).values())
    for entry, case in zip_longest(read_objects(predictions), read_cases(config) if present else ()):
        if present and (entry is None or case is None or entry[1]["id"] != case.id):
            found = None if entry is None else entry[1]["id"]
            yield f"{predictions.name}: case {found!r} where the suites have {None if case is None else case.id!r}"
            return
        number, row = entry
        place = f"{predictions.name}, line {number}"
        for name, value in (_facts(case) if case is not None else {}).items():
            if row[name] != value:
                yield f"{place}: {name} is {row[name]!r}, the suite has {value!r}"
        yield from (f"{place}: {fault}" for fault in probability_faults(row, calibration))

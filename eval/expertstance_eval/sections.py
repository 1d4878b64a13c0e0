"""What a report says, as titled tables and charts, before it becomes Markdown or HTML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

NOT_MEASURED = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of ready text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing to make from figures; Markdown leaves it out.

    Attributes:
        kind: Which drawing.
        caption: What it shows, in words.
        data: Figures for the drawing.
    """

    kind: Literal["confusion", "reliability", "risk_coverage"]
    caption: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a report."""

    title: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


def figure(value: float | None, interval: Sequence[float] | None = None) -> str:
    """A figure to three decimals, with its interval in brackets."""
    if value is None:
        return NOT_MEASURED
    return f"{value:.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def percent(share: float) -> str:
    """A level of intervals, not rounded to whole percent."""
    return f"{share * 100:g}%"


def _with_intervals(figures: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    return [figure(figures.get(name), figures["intervals"].get(name)) for name in names]


def classification_sections(results: dict[str, Any]) -> list[Section]:
    """Sections of a report on labels."""
    sections: list[Section] = []
    for name, data in results["figures"]["datasets"].items():
        sections.extend(_dataset_sections(name, data, results["config"]))
    if left_out := results["inputs"].get("left_out"):
        table = Table(("baseline", "why"), tuple(left_out.items()))
        sections.append(Section("Left out", "Optional baselines that were not to be had.", tables=(table,)))
    return sections


def _dataset_sections(name: str, data: dict[str, Any], config: dict[str, Any]) -> list[Section]:
    level = percent(config["confidence"])
    text = f"{data['n']} statements in {data['groups']} groups."
    if config["resamples"]:
        text += f" Brackets: {level} intervals, bootstrap over groups, {config['resamples']} resamples."
    sections = [Section(f"{name}: systems", text, tables=(_systems_table(data),))]
    if data["baselines"]:
        note = "Model minus baseline on the same rows; exact McNemar test, two-sided."
        sections.append(Section(f"{name}: against the baselines", note, tables=(_paired_table(data["baselines"]),)))
    model = data["model"]
    confusion = Chart(
        "confusion",
        f"Confusion matrix of {name}: rows are gold labels, columns predictions.",
        {"labels": config["labels"], "counts": model["confusion"]},
    )
    sections.append(
        Section(f"{name}: labels", tables=(_label_table(model), _confusion_table(model)), charts=(confusion,))
    )
    if (outlooks := data.get("outlooks_only")) is not None:
        note = f"Rows whose gold label is not `{config['no_outlook_label']}`, and the best of the other labels."
        sections.append(Section(f"{name}: outlooks only", note, tables=(_outlooks_table(outlooks),)))
    sections.append(_calibration_section(name, data))
    sections.append(_selective_section(name, data["selective"]))
    for slice_name, slices in data["slices"].items():
        sections.append(Section(f"{name}: by {slice_name}", tables=(_slice_table(slice_name, slices),)))
    return sections


def _systems_table(data: dict[str, Any]) -> Table:
    rows = []
    for name, system in {"model": data["model"], **data["baselines"]}.items():
        quality = system["probabilities"] or {}
        agreement = _with_intervals(system, ("macro_f1", "accuracy", "mcc", "ordinal_cost"))
        losses = [figure(quality.get(key), system["intervals"].get(key)) for key in ("log_loss", "brier")]
        rows.append((name, *agreement, *losses, figure(quality.get("ece"))))
    header = ("system", "macro-F1", "accuracy", "MCC", "ordinal cost", "log loss", "Brier", "ECE")
    return Table(header, tuple(rows))


def _paired_table(baselines: dict[str, Any]) -> Table:
    rows = []
    for name, system in baselines.items():
        test = system["model_minus_baseline"]
        mcnemar = test["mcnemar"]
        differences = [figure(test[key]["difference"], test[key].get("interval")) for key in ("macro_f1", "accuracy")]
        p_value = "< 0.001" if mcnemar["p_value"] < 0.001 else figure(mcnemar["p_value"])
        rows.append((name, *differences, str(mcnemar["only_first_right"]), str(mcnemar["only_second_right"]), p_value))
    header = ("baseline", "macro-F1", "accuracy", "only model right", "only baseline right", "p")
    return Table(header, tuple(rows))


def _label_table(model: dict[str, Any]) -> Table:
    rows = [
        (label, str(row["n"]), figure(row["precision"]), figure(row["recall"]), figure(row["f1"]))
        for label, row in model["per_label"].items()
    ]
    return Table(("label", "n", "precision", "recall", "F1"), tuple(rows))


def _confusion_table(model: dict[str, Any]) -> Table:
    labels = list(model["per_label"])
    rows = [(label, *map(str, row)) for label, row in zip(labels, model["confusion"], strict=True)]
    return Table(("gold / predicted", *labels), tuple(rows))


def _outlooks_table(outlooks: dict[str, Any]) -> Table:
    names = ("macro_f1", "accuracy", "mcc", "ordinal_cost")
    row = (str(outlooks["n"]), *_with_intervals(outlooks, names))
    return Table(("n", "macro-F1", "accuracy", "MCC", "ordinal cost"), (row,))


def _calibration_section(name: str, data: dict[str, Any]) -> Section:
    stages = {key: value for key, value in data["calibration"].items() if value is not None}
    rows = [
        (f"{key} temperature", *(figure(stage[m]) for m in ("log_loss", "brier", "ece", "classwise_ece")))
        for key, stage in stages.items()
    ]
    chart = Chart(
        "reliability",
        f"Reliability of {name}: share right against probability of the best label, bins of equal mass.",
        {key: stage["reliability"] for key, stage in stages.items()},
    )
    table = Table(("probabilities", "log loss", "Brier", "ECE", "class-wise ECE"), tuple(rows))
    return Section(f"{name}: calibration", tables=(table,), charts=(chart,))


def _selective_section(name: str, selective: dict[str, Any]) -> Section:
    shares = selective["accuracy_at"]
    table = Table(
        ("AURC", *(f"accuracy at {float(share):.0%}" for share in shares)),
        ((figure(selective["aurc"]), *(figure(value) for value in shares.values())),),
    )
    chart = Chart(
        "risk_coverage",
        f"Risk and coverage of {name}: share wrong among the most confident rows.",
        {"curve": selective["curve"]},
    )
    text = "The most confident rows only: accuracy at a share of rows kept, and the area under risk over coverage."
    return Section(f"{name}: selective prediction", text, tables=(table,), charts=(chart,))


def _slice_table(name: str, slices: dict[str, Any]) -> Table:
    names = ("macro_f1", "accuracy", "ordinal_cost")
    rows = [(value, str(row["n"]), *_with_intervals(row, names)) for value, row in slices.items()]
    return Table((name, "n", "macro-F1", "accuracy", "ordinal cost"), tuple(rows))


def extraction_sections(results: dict[str, Any]) -> list[Section]:
    """Sections of a report on extraction."""
    figures = results["figures"]
    names = ("word_recall", "speaker_accuracy", "exact_recall")
    rows = [
        (tier, str(row["attributions"]), str(row["words"]), *_with_intervals(row, names))
        for tier, row in figures["tiers"].items()
    ]
    asked = figures["asked_for"]
    counted = [row for tier, row in figures["tiers"].items() if tier != "other"]
    totals = [str(sum(row[key] for row in counted)) for key in ("attributions", "words")]
    rows.append(("asked for", *totals, *_with_intervals(asked, names)))
    recall = Table(("tier", "attributions", "words", "word recall", "speaker", "exactly the words"), tuple(rows))
    overall = figures["all"]
    measures = ("word_precision", "word_f1", "exact_precision", "exact_f1")
    precision = Table(
        ("extracted words", "word precision", "word F1", "exact precision", "exact F1"),
        ((str(overall["extracted"]), *_with_intervals(overall, measures)),),
    )
    text = (
        f"{figures['articles']} articles. Word recall: gold words that a statement covers. Speaker: of attributions "
        "with a source that are covered by at least 70 %, those whose statement names it. Precision: extracted words "
        "that lie in gold content of any tier. Exact: a statement has the same words as the attribution, no more and "
        "no fewer. F1 takes the recall of what is asked for."
    )
    return [Section("Extraction", text, tables=(recall, precision))]


def articles_sections(results: dict[str, Any]) -> list[Section]:
    """Sections of a report from article to label."""
    figures = results["figures"]
    spans, labels = figures["spans"], figures["labels"]
    found = [
        (title, *_with_intervals(spans, (f"{name}_precision", f"{name}_recall", f"{name}_f1")))
        for title, name in (("words", "word"), ("exactly the words", "exact"), ("matched", "matched"))
    ]
    text = (
        f"{figures['articles']} articles, {figures['statements']} gold statements, {figures['found']} found, "
        f"{figures['matched']} matched: at least half of the words of the two are shared, one to one."
    )
    sections = [Section("Statements", text, tables=(Table(("spans", "precision", "recall", "F1"), tuple(found)),))]
    kinds = [
        (kind, str(row["statements"]), *_with_intervals(row, ("matched_recall", "speaker_accuracy")))
        for kind, row in figures["kinds"].items()
    ]
    speaker = figure(figures["speakers"]["accuracy"], figures["speakers"]["intervals"].get("accuracy"))
    recall = _with_intervals(spans, ("matched_recall",))
    kinds.append(("all", str(figures["statements"]), *recall, speaker))
    kind_accuracy = _with_intervals(spans, ("kind_accuracy",))[0]
    text = f"Speaker: of matched statements, those with the right name. Kind told right: {kind_accuracy}."
    header = ("kind", "statements", "matched", "speaker")
    sections.append(Section("Speakers", text, tables=(Table(header, tuple(kinds)),)))
    views = [
        (title, *_with_intervals(labels[name], ("macro_f1", "accuracy")))
        for title, name in (
            ("gold statements", "gold_statements"),
            ("found statements that match one", "matched_statements"),
            ("end to end", "end_to_end"),
        )
    ]
    complete = _with_intervals(labels["end_to_end"], ("complete",))[0]
    text = (
        "End to end a gold statement that was not found misses its label, and a found one that matches none counts "
        f"against the label that it was given. Found, with the right speaker and the right label: {complete} of all."
    )
    per_label = [
        (label, str(row["n"]), figure(row["gold_statements_f1"]), figure(row["end_to_end_f1"]))
        for label, row in labels["per_label"].items()
    ]
    tables = (
        Table(("labels of", "macro-F1", "accuracy"), tuple(views)),
        Table(("label", "n", "F1, gold statements", "F1, end to end"), tuple(per_label)),
    )
    sections.append(Section("Labels", text, tables=tables))
    return sections


def behaviour_sections(results: dict[str, Any]) -> list[Section]:
    """Sections of a report on behavioural cases."""
    figures = results["figures"]
    rows = [(c["capability"].replace("_", " "), c["kind"], *_rate_cells(c)) for c in figures["capabilities"]]
    rows.extend(("all", kind, *_rate_cells(rate)) for kind, rate in figures["kinds"].items())
    rows.append(("all", "all", *_rate_cells(figures["all"])))
    text = "MFT: one text, one right label. INV: the label must not change. DIR: a probability must rise or fall."
    header = ("capability", "kind", "cases", "failures", "failure rate")
    sections = [Section("Behaviour", text, tables=(Table(header, tuple(rows)),))]
    for capability in figures["capabilities"]:
        if capability["examples"]:
            title = f"Failed: {capability['capability'].replace('_', ' ')} ({capability['kind']})"
            sections.append(Section(title, tables=(_example_table(capability["examples"]),)))
    return sections


def _rate_cells(rate: dict[str, Any]) -> tuple[str, str, str]:
    return str(rate["n"]), str(rate["failures"]), figure(rate["failure_rate"], rate["interval"])


def _example_table(examples: Sequence[dict[str, Any]]) -> Table:
    rows = []
    for example in examples:
        for k, given in enumerate(example["given"]):
            shown = f"{given['label']} {given['probability']:.2f}"
            if "wanted_label_probability" in given and example["wanted"] != given["label"]:
                shown += f" ({example['wanted'].split()[0]} {given['wanted_label_probability']:.2f})"
            rows.append((example["id"] if k == 0 else "", example["wanted"] if k == 0 else "", shown, given["text"]))
    return Table(("case", "wanted", "given", "text"), tuple(rows))


def provenance_section(results: dict[str, Any]) -> Section:
    """Where the figures come from; the same on every run of one machine."""
    found, inputs = results["provenance"], results["inputs"]
    code, hardware, model = found["code"], found["hardware"], inputs["model"]
    commit = code["commit"] or "none"
    rows = [
        ("expertstance", f"{code['version']}, commit {commit}{', changed files' if code['dirty'] else ''}"),
        ("Python", found["python"]),
        *((name, value) for name, value in found["packages"].items()),
        (
            "hardware",
            f"{hardware['processor'] or hardware['machine']}, {hardware['cores']} cores, "
            f"{hardware['threads']} threads, GPU: {hardware['gpu'] or 'none'}",
        ),
        ("seed", str(results["config"]["seed"])),
        ("predictions.jsonl", f"SHA-256 {results['predictions_sha256']}"),
        *((path, f"SHA-256 {value}") for path, value in inputs["files"].items()),
    ]
    if model is not None:
        rows.append(
            (
                "model",
                f"{model['name']} ({model['source']}), {model['precision']} on {model['device']}, "
                f"temperature {model['temperature']:.4f}",
            )
        )
        rows.extend((f"model, {name}", f"SHA-256 {value}") for name, value in model["files"].items())
    return Section("Provenance", tables=(Table(("what", "value"), tuple(rows)),))


def run_facts_section(results: dict[str, Any]) -> Section:
    """What differs between two runs of the same evaluation."""
    facts = results["run_facts"]
    rows = (
        ("started", facts["started"]),
        ("seconds", str(facts["seconds"])),
        ("command", facts["command"] or NOT_MEASURED),
    )
    return Section("Run facts", "Only this block differs between two runs.", tables=(Table(("what", "value"), rows),))

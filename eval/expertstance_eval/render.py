"""``report.md`` and ``report.html`` from ``results.json``; the same bytes for the same results."""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from expertstance_eval.charts import draw
from expertstance_eval.sections import Section, provenance_section, run_facts_section
from expertstance_eval.tasks import TASKS

MARKDOWN_NAME = "report.md"
HTML_NAME = "report.html"
_MARKDOWN_SPECIAL = re.compile(r"([\\|`*<>]|(?<!\w)_|_(?!\w)|\[(?=[^\]]*\]\())")


def render_markdown(results: dict[str, Any]) -> str:
    """The report as Markdown, without charts."""
    return _environment().get_template("report.md.j2").render(name=results["name"], sections=_sections(results))


def render_html(results: dict[str, Any]) -> str:
    """The report as one self-contained page."""
    sections = [
        (section, [(chart.caption, Markup(draw(chart, key=f"c{k}-{j}"))) for j, chart in enumerate(section.charts)])
        for k, section in enumerate(_sections(results))
    ]
    return _environment().get_template("report.html.j2").render(name=results["name"], sections=sections)


def without_charts(page: str) -> str:
    """A page with its drawings taken out, to compare pages that two versions of matplotlib drew."""
    return re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)


def _sections(results: dict[str, Any]) -> list[Section]:
    return [*TASKS[results["task"]].sections(results), provenance_section(results), run_facts_section(results)]


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("expertstance_eval", "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _markdown_cell
    return environment


def _markdown_cell(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))

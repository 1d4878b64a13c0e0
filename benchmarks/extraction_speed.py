"""Time statement extraction on a synthetic article of one megabyte, beside a plain search for quotation marks.

    python benchmarks/extraction_speed.py [--megabytes 1.0] [--repeats 3]

Prints the least seconds of the repeats, on the clock and of the processor, those of the plain quote finder (one
regular expression) in the same run, and the ratio of the processor's. The article is
made from invented sentences with a fixed seed.
"""

import argparse
import random
import re
import time
from collections.abc import Callable

from expertstance.quotes import extract_statements

_PEOPLE = [
    ("Marta Ilves", "a senior economist at Harbour Bank"),
    ("Tomas Okafor", "the deputy mayor of Lindheim"),
    ("Grace Undset", "director of the Institute for Rural Transport"),
    ("Pavel Amari", "a spokesman for the Dock Workers Union"),
]
_CLAUSES = [
    "the new line will open before the winter",
    "costs may rise again if the tender is late",
    "nobody on the board expected so weak a quarter",
    "the repairs have gone better than we had hoped",
    "we need another year of figures before we can judge",
]
_FILLERS = [
    "The council met for three hours on Tuesday and put off the vote.",
    "Shares of the operator closed slightly higher in thin trading.",
    "The bridge, which dates from 1931, carries some 12,000 vehicles a day.",
]
_PLAIN_QUOTE = re.compile('“[^”]*”|"[^"]*"')


def make_article(characters: int, seed: int = 0) -> str:
    """An invented article of at least ``characters`` characters."""
    rng = random.Random(seed)
    paragraphs: list[str] = []
    size = 0
    while size < characters:
        name, role = rng.choice(_PEOPLE)
        surname = name.split()[1]
        clause, other = rng.sample(_CLAUSES, 2)
        paragraph = " ".join(
            rng.sample(
                [
                    f"“{clause.capitalize()},” said {name}, {role}. “{other.capitalize()}.”",
                    f"{surname} told reporters on Monday that {clause}, although {other}.",
                    f"According to {name}, {clause}.",
                    f"{clause.capitalize()}, the ministry said in a statement.",
                    *_FILLERS,
                ],
                4,
            )
        )
        paragraphs.append(paragraph)
        size += len(paragraph) + 2
    return "\n\n".join(paragraphs)


def best_of(run: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Seconds on the clock and seconds of the processor, each the least of ``repeats`` runs."""
    clock, processor = [], []
    for _ in range(repeats):
        start, start_processor = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_processor)
    return min(clock), min(processor)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    article = make_article(int(args.megabytes * 1_000_000))
    statements = len(extract_statements(article))
    ours, ours_processor = best_of(lambda: extract_statements(article), args.repeats)
    plain, plain_processor = best_of(lambda: _PLAIN_QUOTE.findall(article), args.repeats)
    print(f"article {len(article):,} characters, {statements:,} statements")
    print(f"extract_statements {ours:.2f} s ({ours_processor:.2f} s of the processor)")
    print(f"plain quote finder {plain:.4f} s ({plain_processor:.4f} s of the processor)")
    print(f"ratio {ours_processor / plain_processor:.0f}")


if __name__ == "__main__":
    main()

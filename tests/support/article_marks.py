"""Marks of the Secretary General's article: enough to know its words again, not to read it.

The text is not kept here. For each paragraph the file of marks holds a short digest of every three
words that follow one another, so that a quotation can be looked up in the paragraph that it names.
`python -m tests.support.article_marks TEXT` makes the file anew from the article's text.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

MARKS = Path(__file__).resolve().parents[1] / "golden" / "article-marks.json"
HEADINGS = (
    "Coordinated Border Management",
    "Safety and Security",
    "Revised Kyoto Convention",
    "E-Commerce",
    "Harmonized System",
    "Capacity Building Strategy",
    "Performance Measurement",
    "Integrity",
    "Digital Customs and Data Analytics",
)
# Two headings are lost in the text: their parts begin with these words.
LOST = {
    "In June 2018, the WCO adopted": "E-Commerce",
    "The WCO Secretariat carries out various types": "Integrity",
}
ENDS = "Going forward"


def triples(text: str) -> Iterator[str]:
    """A digest of every three words that follow one another; points and quotes aside."""
    words = re.findall(r"[\w’'/-]+", text)
    for place in range(len(words) - 2):
        yield hashlib.sha256(" ".join(words[place : place + 3]).encode()).hexdigest()[:8]


def quoted(marks: Mapping[str, Sequence[Sequence[str]]], citation: Mapping[str, object]) -> bool:
    """Whether a quotation of three words or more stands in the paragraph that it names."""
    paragraph = int(str(citation["paragraph"]))
    found = marks[str(citation["heading"])]
    wanted = list(triples(str(citation["quote"])))
    return (
        bool(wanted) and 1 <= paragraph <= len(found) and set(wanted) <= set(found[paragraph - 1])
    )


def paragraphs(text: str) -> dict[str, list[str]]:
    """The paragraphs below each heading, in order."""
    found: dict[str, list[str]] = {heading: [] for heading in HEADINGS}
    heading: str | None = None
    for block in (part.strip() for part in re.split(r"\n\s*\n", text)):
        if block in HEADINGS:
            heading = block
            continue
        heading = next((name for words, name in LOST.items() if block.startswith(words)), heading)
        if block == ENDS:
            break
        if heading is not None:
            found[heading].append(block)
    return found


def main() -> None:
    """Write the file of marks."""
    text = Path(sys.argv[1]).read_text("utf-8")
    lines = [
        f" {json.dumps(heading)}: [\n"
        + ",\n".join(f"  {json.dumps(list(triples(one)))}" for one in parts)
        + "\n ]"
        for heading, parts in paragraphs(text).items()
    ]
    MARKS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()

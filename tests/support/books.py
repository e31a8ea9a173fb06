"""Spreadsheets as a planning office would fill them in."""

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook

Lines = Sequence[Mapping[str, object]]

ACTION = {
    "Code": "A-017", "Title": "Guidelines on risk profiles", "Year": "FY2019",
    "Lead unit": "CF", "Objectives": "SO3, SP3", "Priorities and shares": "PRI-5 0.5, PRI-9 0.5",
    "End": "2020-03-31",
}  # fmt: skip
DELIVERABLE = {
    "Code": "D-017-2", "Title": "Guide on risk profiles", "Action": "A-017", "Year": "FY2019",
    "Kind": "instrument", "Unit": "CF", "Date": "2020-01-31", "Objectives": "SO3",
    "Packages": "CEP", "Uses IT": "yes", "Data analysis": "x",
}  # fmt: skip
RELEASE = {
    "What happened": "deliverable.released", "Date": "2020-01-31", "Deliverable": "D-017-2",
    "Stage": "published",
}  # fmt: skip
REQUEST = {
    "What happened": "support.requested", "Date": "2019-09-12", "Member": "XA",
    "Request": "REQ-1", "Topics": "CEP, RP",
}  # fmt: skip
WHOLE: Mapping[str, Lines] = {
    "Actions": [ACTION],
    "Deliverables": [DELIVERABLE],
    "Estimates": [{"Indicator": "SG", "Period": "FY2019", "Estimate": 61}],
    "Targets": [{"Indicator": "SP7.1", "Period": "FY2019", "At least": 0.6, "At most": 0.8}],
    "Facts": [RELEASE, REQUEST],
    "Stated figures": [
        {"Indicator": "LD3.2", "Period": "FY2019", "Numerator": 18, "Denominator": 24,
         "As on": "2020-01-31"},
    ],
}  # fmt: skip


def a_book(sheets: Mapping[str, Lines]) -> bytes:
    """The file, with a sheet for each title and a column for each heading that is used."""
    book = Workbook(write_only=True)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        headings = list(dict.fromkeys(name for line in lines for name in line))
        sheet.append(headings)
        for line in lines:
            sheet.append([line.get(name) for name in headings])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def many(count: int) -> Mapping[str, Lines]:
    """A file with so many Deliverables, each released."""
    keys = [f"D-{number:05}" for number in range(count // 2)]
    return {
        "Deliverables": [{**DELIVERABLE, "Code": key, "Action": None} for key in keys],
        "Facts": [{**RELEASE, "Deliverable": key} for key in keys],
    }

"""What narrows and orders the lists of Actions and Deliverables."""

from typing import Annotated

from fastapi import Query

from plan_api.implementation.service.listing import Sort
from shared_kit.web.types import Code, Day, Line

SortBy = Annotated[
    Sort,
    Query(
        description="`due` and `-due`: the earliest and the latest first, those without a date "
        "last; what is equal comes by key."
    ),
]
Package = Annotated[Code | None, Query(examples=["RP"])]
DueFrom = Annotated[Day | None, Query(description="Due on this day or later.")]
DueTo = Annotated[Day | None, Query(description="Due on this day or earlier.")]
Words = Annotated[
    Line | None,
    Query(description="What the title contains, in either language; case does not matter."),
]

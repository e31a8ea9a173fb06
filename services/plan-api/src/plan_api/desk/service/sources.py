"""The page of the sources: which texts the plan rests on, and what is ours."""

from collections import Counter
from collections.abc import Iterator

from pydantic import BaseModel

from plan_api.desk.service.room import Room
from plan_api.directory.repository import Kind
from shared_kit.events.definitions import Said


async def sources_page(room: Room) -> str:
    """Write the page of the sources."""
    opened = await room.current()
    said = list(_said(opened.plan))
    cited = Counter(one.source.partition(",")[0].strip() for one in said if one.source)
    instruments = await room.shelf.entries(Kind.INSTRUMENT)
    cited.update(
        str(one.content["source"]).partition(",")[0].strip()
        for one in instruments
        if one.content.get("source")
    )
    return room.write(
        "sources.html",
        opened,
        cited=sorted(cited.items(), key=lambda one: (-one[1], one[0])),
        ours=sum(1 for one in said if one.ours),
        french=sum(1 for one in said if one.fr_official),
        texts=len(said),
    )


def _said(part: object) -> Iterator[Said]:
    """Every text of a plan, wherever it stands."""
    if isinstance(part, Said):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _said(getattr(part, name))
    elif isinstance(part, tuple):
        for one in part:
            yield from _said(one)

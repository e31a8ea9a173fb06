"""The codes that a cell can hold, by list, each with its name in both languages."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.directory.repository import Content, Directory, Kind, listing
from plan_api.exchange.model.fact_sheets import CORRECTING, FIELDS_OF
from plan_api.implementation.model import KINDS, Purpose, Stage
from plan_api.implementation.service.needs import WORDS
from plan_api.implementation.tables import ActionRow
from shared_kit.events.activity import OrganizerKind, Topic
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.web.language import Bilingual

Codes = Mapping[str, dict[str, Bilingual | None]]
"""By the names of lists that columns give; what has no name but its code has None."""

_MOST_ACTIONS: Final = 2_000
_REGIONS: Final = ("AMERICAS", "ASIA-PACIFIC", "ESA", "EUROPE", "MENA", "WCA")
"""The codes of the six regions, as the demonstration writes them."""

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **WORDS,
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "en": ("English", "anglais"),
    "fr": ("French", "français"),
    "drafted": ("drafted: it counts nowhere yet", "rédigé : ne compte encore nulle part"),
    "adopted": ("adopted", "adopté"),
    "published": ("published", "publié"),
    "done": ("done", "réalisé"),
    "international-organization": ("international organization", "organisation internationale"),
    "private-sector": ("private sector", "secteur privé"),
    "standards": ("standards outside any Package", "normes hors de tout train de mesures"),
    "people": ("people development", "valorisation des ressources humaines"),
}


async def codes_for(session: AsyncSession, *, plan: PlanSnapshot) -> Codes:
    """Read what a template of the plan offers."""
    actions = await session.execute(
        select(ActionRow.key, ActionRow.title, ActionRow.title_fr)
        .where(ActionRow.plan == plan.plan)
        .order_by(ActionRow.key)
        .limit(_MOST_ACTIONS)
    )
    return codes_of(
        plan,
        entries={
            kind: {
                entry.code: entry.content
                for entry in await Directory(session).read(listing(kind, having={}))
            }
            for kind in Kind
        },
        actions={
            key.partition(":")[2]: Bilingual(en=title, fr=title_fr or title)
            for key, title, title_fr in actions
        },
    )


def codes_of(
    plan: PlanSnapshot,
    *,
    entries: Mapping[Kind, Mapping[str, Content]],
    actions: Mapping[str, Bilingual],
) -> Codes:
    """All lists of a plan."""
    calendar = plan.calendar()
    periods: dict[str, Bilingual | None] = {
        one.code: Bilingual(en=calendar.label(one), fr=calendar.label(one))
        for one in calendar.periods()
    }
    years = {code: name for code, name in periods.items() if code != plan.cycle.code}
    packages = _titled(plan.packages)
    members = entries[Kind.MEMBER]
    return {
        "actions": dict(actions),
        "corrections": _worded(CORRECTING),
        "flags": _worded(("yes", "no")),
        "indicators": _titled(plan.indicators),
        "instruments": _entered(entries[Kind.INSTRUMENT]),
        "kinds": _worded((*KINDS, *plan.deliverable_kinds)),
        "languages": _worded(("en", "fr")),
        "members": _entered(members),
        "objectives": _titled(plan.objectives),
        "organizers": _worded(one.value for one in OrganizerKind),
        "packages": packages,
        "periods": periods,
        "priorities": _titled(plan.priorities),
        "purposes": _worded(one.value for one in Purpose),
        "quarters": dict.fromkeys(f"{code}-Q{part}" for code in years for part in (1, 2, 3, 4)),
        "regions": dict.fromkeys(
            sorted({*_REGIONS, *(str(one["region"]) for one in members.values())})
        ),
        "stages": _worded(one.value for one in Stage),
        "topics": {**_worded(get_args(Topic)), **_known(packages, get_args(Topic))},
        "types": _worded(FIELDS_OF),
        "units": _entered(entries[Kind.UNIT]),
        "years": years,
    }


def name_of(content: Content, code: str) -> Bilingual:
    """What an entry of the directory is called; Members and instruments have one name."""
    title = content.get("title", code)
    if isinstance(title, Mapping):
        return Bilingual(en=str(title["en"]), fr=str(title["fr"]))
    return Bilingual(en=str(title), fr=str(title))


def _titled(elements: Iterable[Any]) -> dict[str, Bilingual | None]:
    return {one.code: Bilingual(en=one.title.en, fr=one.title.fr) for one in elements}


def _worded(codes: Iterable[str]) -> dict[str, Bilingual | None]:
    return {
        code: Bilingual(en=_WORDS[code][0], fr=_WORDS[code][1]) if code in _WORDS else None
        for code in codes
    }


def _entered(entries: Mapping[str, Content]) -> dict[str, Bilingual | None]:
    return {code: name_of(entries[code], code) for code in sorted(entries)}


def _known(
    names: Mapping[str, Bilingual | None], codes: Iterable[str]
) -> dict[str, Bilingual | None]:
    return {code: names[code] for code in codes if code in names}

"""A long history of a plan: every type of fact, late, shuffled, repeated, corrected twice.

The same seed draws the same history. Items keep their fields, save one in ten that is told
differently; dates crowd at the edges of periods; times of events are coarse, so that ids decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any

from shared_kit.events import activity, corrections, plans, work
from shared_kit.events.base import Event
from shared_kit.events.codec import to_kafka
from shared_kit.events.definitions import Said
from shared_kit.events.envelope import CloudEvent
from shared_kit.messaging.log import Message
from tests.support.engine_builders import (
    PLAN,
    adopted,
    an_item,
    as_json,
    key,
    reached,
    released,
    the_plan,
)
from tests.support.engine_lab import sent
from tests.support.oracle_facts import BOUNDS, CYCLE, YEARS
from tests.support.oracle_table import COUNTS, IMPLEMENTED, INITIALLY, PACKAGES, SUPPORTED

# All is told before the first day on which the engine judges: nothing lies in its future.
TOLD_FROM = datetime(2019, 3, 1, tzinfo=UTC)
TOLD_ON_DAYS = 20
SOURCES = ("urn:trial:registry", "urn:trial:Field", "/trial/desk")
ESTIMATED = (*COUNTS, *INITIALLY, *IMPLEMENTED)
OBSERVED = (*SUPPORTED, "LD3.2", "ORG1", "ORG2.1")
UNITS = ("SGO", "TTA", "CF", "CB", "RCU")
KINDS = (
    "instrument", "instrument", "compendium", "advice-or-decision", "research", "joint-operation",
    "mission", "meeting", "event", "workshop", "milestone", "milestone", "other",
)  # fmt: skip
EDGES = (
    date(2019, 6, 30), date(2019, 7, 1), date(2020, 1, 4), date(2020, 2, 3), date(2020, 2, 4),
    date(2020, 6, 30), date(2020, 7, 1), date(2021, 6, 30), date(2021, 7, 1), date(2021, 11, 15),
    date(2021, 11, 16), date(2022, 6, 30), date(2022, 7, 1),
)  # fmt: skip
REPEATED = 0.02
# No fact of these is drawn in that year: silence, and in one of them a known zero.
SILENT = {"CEP": "FY2020", "invitations": "FY2021"}


@dataclass(frozen=True)
class Told:
    """An event as it lies in the log, with the key that it is sent by."""

    topic: str
    key: str
    event: CloudEvent

    @property
    def id(self) -> tuple[str, str]:
        return self.event.source, self.event.id

    def message(self) -> Message:
        value, headers = to_kafka(self.event)
        return Message(self.topic, self.key, value, tuple(headers))


class History:
    """Draws `length` records: what is told, in the order of arrival, repetitions included."""

    def __init__(self, *, seed: int, length: int) -> None:
        self._random = Random(seed)
        self._seed = seed
        self._told: list[Told] = []
        repeated = int(length * REPEATED)
        corrected = length // 6
        # Larger books for more events, so that the same share of facts is about the same thing.
        self._items = max(30, length // 14)
        self._requests = max(20, length // 12)
        self._tell(the_plan())
        while len(self._told) < length - repeated - corrected:
            self._tell(self._drawn())
        while len(self._told) < length - repeated:
            self._correct()
        self.arrivals = self._arrivals(repeated, within=max(50, min(800, length // 12)))

    @property
    def events(self) -> Sequence[CloudEvent]:
        """What was told, each once."""
        return [one.event for one in self._told]

    @cached_property
    def ids(self) -> frozenset[tuple[str, str]]:
        return frozenset(one.id for one in self._told)

    def _arrivals(self, repeated: int, *, within: int) -> Sequence[Told]:
        """Each some places earlier or later than it was told; some come twice, some far apart."""
        again = self._random.sample(self._told, repeated)
        places = [(n + self._random.uniform(0, within), one) for n, one in enumerate(self._told)]
        # Facts wait for the plan, but not so long that nothing is judged in the first lives.
        places[0] = (min(100, within), self._told[0])
        places += [(self._random.uniform(0, len(self._told)), one) for one in again]
        return [one for _, one in sorted(places, key=lambda place: place[0])]

    def _tell(self, event: Event, *, topic: str = "", key: str = "", subject: str = "") -> None:
        number = len(self._told)
        found, cloud_event = sent(
            event,
            id=f"t{self._random.randrange(1000):03}-{number}",
            source=self._random.choice(SOURCES),
            time=TOLD_FROM + timedelta(days=self._random.randrange(TOLD_ON_DAYS)),
            topic=topic or None,
            subject=subject or None,
        )
        self._told.append(Told(found, key or event.partition_key, cloud_event))

    def _drawn(self) -> Event:
        draw = self._random.choices(
            [
                self._released, self._rescheduled, self._adopted, self._estimate, self._target,
                self._requested, self._provided, self._ended, self._invited, self._implemented,
                self._effort, self._budget, self._confirmed, self._figure, self._noise,
            ],
            weights=[30, 4, 0.3, 3, 2, 14, 14, 4, 8, 12, 4, 1, 0.3, 0.1, 4],
        )[0]  # fmt: skip
        return draw()

    def _day(self, *, silent: str = "") -> date:
        while True:
            day = (
                self._random.choice(EDGES)
                if self._random.random() < 0.2
                else date(2019, 1, 1) + timedelta(days=self._random.randrange(1330))
            )
            if silent != f"FY{day.year - (day.month < 7)}":
                return day

    # --- work -------------------------------------------------------------------------------

    def _item(self, number: int, **fixed: Any) -> dict[str, Any]:
        """A Deliverable's fields: its own, or, of one fact in ten, others."""
        said = "" if self._random.random() < 0.9 else f"{self._random.random()}"
        own = Random(f"{self._seed}-{number}-{said}")
        kind = own.choice(KINDS)
        served = ["SO1", "SO2", "SO3", "SP1", "ORG1"]
        return an_item(
            number,
            **{
                "kind": kind,
                "objectives": own.choice([("LD3",), ("ORG2",), ("LD3", "SG")])
                if kind == "milestone"
                else tuple(own.sample(served, own.randrange(3))),
                "packages": tuple(own.sample(PACKAGES, own.randrange(3))),
                "listed": own.random() < 0.85,
                "weight": str(Decimal(own.randrange(1, 5)) / 20) if kind == "milestone" else None,
                "period": own.choice(YEARS),
                "due": None,
                "uses_it": own.random() < 0.4,
                "data_analysis": own.random() < 0.4,
                "compendium": own.random() < 0.2,
                "purpose": own.choice([None, *work.Purpose]),
                "revenue_advice": own.random() < 0.5,
                **fixed,
            },
        )  # fmt: skip

    def _number(self) -> int:
        return self._random.randrange(self._items)

    def _adopted(self) -> Event:
        """A year's plan, or a revision; some of it was in another year's already."""
        period = self._random.choice(YEARS)
        drawn = [
            self._item(self._number(), period=period, due=self._due_in(period))
            for _ in range(min(150, self._items // 6))
        ]
        return adopted(
            *{item["deliverable"]: item for item in drawn}.values(),
            period=period,
            revision=self._random.randrange(1, 4),
            on=BOUNDS[period][0] + timedelta(days=self._random.randrange(-60, 300)),
        )

    def _due_in(self, period: str) -> date | None:
        """Seldom none, and seldom outside the year."""
        start = BOUNDS[period][0]
        match self._random.randrange(20):
            case 0 | 1:
                return None
            case 2:
                return start + timedelta(days=self._random.randrange(-200, 600))
            case _:
                return start + timedelta(days=self._random.randrange(366))

    def _released(self) -> Event:
        item = self._item(self._number())
        if item["kind"] == "milestone" and self._random.random() < 0.9:
            return reached(item, str(Decimal(self._random.randrange(5)) / 4), self._day())
        return released(item, self._day(), stage=self._random.choice(list(work.Stage)))

    def _rescheduled(self) -> Event:
        return work.DeliverableRescheduled(
            deliverable=key(f"D-{self._number()}"),
            period=self._random.choice(YEARS),
            due=self._day(),
            approved_by=self._random.choice([None, "PLAN"]),
        )

    def _noise(self) -> Event:
        """What is told, kept, and moves no figure."""
        item, day = self._item(self._number()), self._day()
        action, revision = key(f"A-{self._random.randrange(50)}"), self._random.randrange(1, 9)
        match self._random.randrange(6):
            case 0:
                return work.DeliverablePlanned(**item)
            case 1:
                return work.DeliverableCancelled(deliverable=item["deliverable"], cancelled_on=day)
            case 2:
                kinds = (work.ActionStarted, work.ActionCompleted, work.ActionCancelled)
                return self._random.choice(kinds)(action=action, on=day)
            case 3:
                return plans.UnitRegistered(
                    code="CF", revision=revision, title=Said(en="C", fr="C")
                )
            case 4:
                code = f"X-{self._random.randrange(40)}"
                return plans.MemberRegistered(
                    code=code, revision=revision, title=code, region="EUROPE", fictional=True
                )
            case _:
                code = f"TOOL-{self._random.randrange(40)}"
                return plans.InstrumentRegistered(code=code, revision=revision, title=code)

    # --- estimates, targets, stated figures -------------------------------------------------

    def _estimate(self) -> Event:
        code = self._random.choice(ESTIMATED)
        period = self._random.choice((*YEARS, CYCLE))
        steps = period != CYCLE and self._random.random() < 0.3
        start = int(period[2:6]) if steps else 0
        counts = sorted(self._random.randrange(60) for _ in range(3))
        months = ((start, 9), (start, 12), (start + 1, 3))
        return plans.EstimateStated(
            indicator=key(code),
            period=period,
            value=self._random.choice([0, *range(5, 10 + self._items // 8)]),
            revision=self._random.randrange(1, 5),
            points=tuple(
                plans.EstimatePoint(on=date(year, month, 15), value=count)
                for (year, month), count in zip(months, counts, strict=True)
            )
            if steps
            else None,
        )

    def _target(self) -> Event:
        low = self._random.randrange(5)
        return plans.TargetSet(
            indicator=key(self._random.choice(OBSERVED)),
            period=self._random.choice((*YEARS, CYCLE)),
            low=Decimal(low) / 5,
            high=self._random.choice([None, Decimal(low + 1) / 5]),
            revision=self._random.randrange(1, 4),
        )

    def _figure(self) -> Event:
        """Stated as such: of a year long over, of an observed one, of one without a denominator."""
        code, period, whole = self._random.choice(
            [("LD1", "FY2019", 40), ("ORG1", "FY2020", 500), ("SP5", "FY2020", None)]
        )
        return activity.FigureStated(
            indicator=key(code),
            period=period,
            numerator=Decimal(self._random.randrange(40)),
            denominator=None if whole is None else Decimal(whole),
            as_on=BOUNDS[period][0] + timedelta(days=self._random.randrange(300)),
        )

    def _confirmed(self) -> Event:
        return activity.ReportingConfirmed(
            indicator=key(self._random.choice([*SUPPORTED, *IMPLEMENTED, "LD3.2"])),
            period=self._random.choice((*YEARS, CYCLE)),
            until=self._day(),
        )

    # --- what happened ----------------------------------------------------------------------

    def _topics(self) -> tuple[Any, ...]:
        everything = ["ECP", "RP", "CEP", "ODP", "people", "standards"]
        return tuple(self._random.sample(everything, self._random.randrange(1, 4)))

    def _member(self, request: int) -> str:
        return f"X-{request * 7 % 180}"

    def _requested(self) -> Event:
        number = self._random.randrange(self._requests)
        return activity.SupportRequested(
            request=f"REQ-{number}",
            member=self._member(number),
            topics=self._topics(),
            received_on=self._day(),
        )

    def _provided(self) -> Event:
        number = self._random.randrange(self._requests)
        other = self._random.randrange(self._requests)
        return activity.SupportProvided(
            deliverable=key(f"D-{self._number()}"),
            member=self._member(number if self._random.random() < 0.9 else other),
            requests=tuple(dict.fromkeys((f"REQ-{number}", f"REQ-{other}"))),
            topics=self._topics(),
            completed_on=self._day(),
        )

    def _ended(self) -> Event:
        kind = self._random.choice([activity.SupportDeclined, activity.SupportWithdrawn])
        return kind(request=f"REQ-{self._random.randrange(self._requests)}", on=self._day())

    def _invited(self) -> Event:
        event = f"EVT-{self._random.randrange(self._items)}"
        match self._random.randrange(6):
            case 0 | 1:
                return activity.InvitationAttended(event=event)
            case 2 if self._random.random() < 0.5:
                return activity.InvitationWithdrawn(event=event)
            case _:
                return activity.InvitationReceived(
                    event=event,
                    title="A conference",
                    event_on=self._day(silent=SILENT["invitations"]),
                    organizer_kind=self._random.choice(list(activity.OrganizerKind)),
                )

    def _implemented(self) -> Event:
        packages = tuple(self._random.sample(PACKAGES, self._random.randrange(1, 3)))
        return activity.InstrumentImplemented(
            instrument=f"TOOL-{self._random.randrange(self._items // 8)}",
            packages=packages,
            member=f"X-{self._random.randrange(180)}",
            implemented_on=self._day(silent=SILENT["CEP"] if "CEP" in packages else ""),
        )

    def _effort(self) -> Event:
        part = self._random.randrange(200)
        year = self._random.choice(("FY2018", *YEARS))
        return activity.EffortRecorded(
            plan=PLAN,
            unit=self._random.choice(UNITS),
            quarter=f"{year}-Q{self._random.randrange(1, 5)}",
            on_priorities=Decimal(part) / 4,
            total=Decimal(part + self._random.randrange(200)) / 4,
        )

    def _budget(self) -> Event:
        def amounts() -> activity.SourceAmounts:
            part = self._random.randrange(5000)
            rest = self._random.randrange(5000)
            return activity.SourceAmounts(priorities=Decimal(part), total=Decimal(part + rest))

        names = self._random.sample(["wco-budget", "voluntary", "in-kind"], 2)
        return activity.ResourcesAllocated(
            plan=PLAN,
            period=self._random.choice((*YEARS, *YEARS, CYCLE)),
            revision=self._random.randrange(1, 4),
            by_source={name: amounts() for name in sorted(names)},  # type: ignore[misc]  # drawn from the names
        )

    # --- corrections ------------------------------------------------------------------------

    def _correct(self) -> None:
        """Retract, replace, contest or validate a fact, or retract one of these."""
        target = self._told[self._random.randrange(1, len(self._told))]
        source, id = target.id
        event: Event
        match self._random.randrange(6):
            case 0 | 1 | 2:
                event = corrections.FactRetracted(source=source, id=id)
            case 3 | 4 if ".fact." not in target.event.type:
                event = corrections.FactReplaced(
                    source=source, id=id, data=as_json(self._another(target).event.data or b"{}")
                )
            case _:
                event = self._random.choice([corrections.FactContested, corrections.FactValidated])(
                    source=source, id=id
                )
        self._tell(event, topic=target.topic, key=target.key, subject=target.event.subject or "")

    def _another(self, target: Told) -> Told:
        """What it says instead: another event of the type, told before."""
        while True:
            other = self._told[self._random.randrange(1, len(self._told))]
            if other.event.type == target.event.type:
                return other

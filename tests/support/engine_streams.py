"""Random histories of a plan: few items, few Members, many coincidences."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from shared_kit.events import activity, corrections, plans, work
from shared_kit.events.base import Event
from shared_kit.events.envelope import CloudEvent
from tests.support.engine_builders import PLAN, adopted, an_item, key, reached, released
from tests.support.engine_lab import SOURCE, sent

FIRST_TIME = datetime(2019, 3, 1, tzinfo=UTC)
YEARS = ("FY2019", "FY2020", "FY2021")


class Streams:
    """Draws events; the same seed draws the same history."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.sent: list[tuple[str, CloudEvent]] = []
        self._dates = [date(2019, 3, 1) + timedelta(days=n) for n in range(900)]
        # Edges are drawn more often than chance would.
        self._edges = [
            date(2019, 6, 30), date(2019, 7, 1), date(2020, 1, 4), date(2020, 1, 5),
            date(2020, 2, 3), date(2020, 2, 4), date(2020, 6, 30), date(2020, 7, 1),
            date(2019, 8, 7), date(2019, 8, 8),
        ]  # fmt: skip

    def history(self, *, length: int) -> list[tuple[str, CloudEvent]]:
        """A history without the plan itself."""
        for number in range(length):
            event = self._event()
            self.sent.append(sent(event, id=f"e{number}", time=self._time()))
        for number in range(length // 5):
            self._correct(f"c{number}")
        return self.sent

    def _time(self) -> datetime:
        # Coarse, so that times coincide and the id decides.
        return FIRST_TIME + timedelta(days=self.random.randrange(20))

    def _day(self) -> date:
        pool = self._edges if self.random.random() < 0.3 else self._dates
        return self.random.choice(pool)

    def _item(self, **fixed: Any) -> dict[str, Any]:
        random = self.random
        milestone = random.random() < 0.25
        number = random.randrange(12)
        return an_item(
            f"M{number}" if milestone else number,
            **{
                "due": None if random.random() < 0.25 else self._day(),
                "kind": "milestone" if milestone else random.choice(["instrument", "workshop"]),
                "objectives": random.choice(
                    [("LD3",)]
                    if milestone
                    else [("SO1",), ("SO1", "ORG1"), ("ORG1",), (), ("SO2",)]
                ),
                "packages": random.choice([(), ("ECP",), ("RP", "ECP")]),
                "listed": random.random() < 0.8,
                "weight": str(Decimal(random.randrange(1, 5)) / 4) if milestone else None,
                "period": random.choice(YEARS),
                **fixed,
            },
        )

    def _event(self) -> Event:
        draw = self.random.choices(
            [
                self._adopted, self._released, self._reached, self._rescheduled, self._estimate,
                self._target, self._requested, self._provided, self._ended, self._budget,
                self._invited, self._implemented, self._confirmed,
            ],
            weights=[3, 14, 6, 4, 3, 4, 10, 9, 4, 4, 7, 6, 2],
        )[0]  # fmt: skip
        return draw()

    def _adopted(self) -> Event:
        period = self.random.choice(YEARS)
        items = {item["deliverable"]: item for item in (self._item() for _ in range(6))}
        return adopted(
            *items.values(),
            period=period,
            revision=self.random.randrange(1, 4),
            on=self._day(),
        )

    def _released(self) -> Event:
        stage = self.random.choice(list(work.Stage))
        item = self._item()
        if item["kind"] == "milestone":
            return reached(item, str(Decimal(self.random.randrange(5)) / 4), self._day())
        return released(item, self._day(), stage=stage)

    def _reached(self) -> Event:
        number = self.random.randrange(12)
        item = an_item(f"M{number}", kind="milestone", objectives=("LD3",), weight="0.5")
        return reached(item, str(Decimal(self.random.randrange(5)) / 4), self._day())

    def _rescheduled(self) -> Event:
        milestone = "M" if self.random.random() < 0.3 else ""
        return work.DeliverableRescheduled(
            deliverable=key(f"D-{milestone}{self.random.randrange(12)}"),
            period=self.random.choice(YEARS),
            due=self._day(),
            approved_by=self.random.choice([None, "planning-office"]),
        )

    def _estimate(self) -> Event:
        code = self.random.choice(["SG", "SO1", "SP1.1", "SP1.2"])
        return plans.EstimateStated(
            indicator=key(code),
            period=self.random.choice((*YEARS, "2019-2022")),
            value=self.random.randrange(0, 9),
            revision=self.random.randrange(1, 4),
        )

    def _target(self) -> Event:
        low = self.random.randrange(0, 4)
        high = self.random.choice([None, Decimal(low + 1) / 4])
        return plans.TargetSet(
            indicator=key(self.random.choice(["SP7.1", "SP7.4", "SP7.5", "ORG2.1", "LD3.2"])),
            period=self.random.choice((*YEARS, "2019-2022")),
            low=Decimal(low) / 4,
            high=high,
            revision=self.random.randrange(1, 4),
        )

    def _topics(self) -> tuple[Any, ...]:
        everything = ["ECP", "RP", "ODP", "people", "standards"]
        return tuple(self.random.sample(everything, self.random.randrange(1, 4)))

    def _requested(self) -> Event:
        number = self.random.randrange(8)
        return activity.SupportRequested(
            request=f"REQ-{number}",
            member=f"M{number % 5}",
            topics=self._topics(),
            received_on=self._day(),
        )

    def _provided(self) -> Event:
        number = self.random.randrange(8)
        return activity.SupportProvided(
            deliverable=key(f"D-{number}"),
            member=f"M{(number if self.random.random() < 0.9 else number + 1) % 5}",
            requests=tuple({f"REQ-{number}", f"REQ-{self.random.randrange(8)}"}),
            topics=self._topics(),
            completed_on=self._day(),
        )

    def _ended(self) -> Event:
        kind = self.random.choice([activity.SupportDeclined, activity.SupportWithdrawn])
        return kind(request=f"REQ-{self.random.randrange(8)}", on=self._day())

    def _budget(self) -> Event:
        def amounts() -> activity.SourceAmounts:
            part = self.random.randrange(0, 50)
            return activity.SourceAmounts(
                priorities=Decimal(part), total=Decimal(part + self.random.randrange(0, 50))
            )

        names = self.random.sample(["wco-budget", "voluntary", "in-kind"], 2)
        return activity.ResourcesAllocated(
            plan=PLAN,
            period=self.random.choice((*YEARS, "2019-2022")),
            revision=self.random.randrange(1, 4),
            by_source={name: amounts() for name in sorted(names)},  # type: ignore[misc]  # drawn from the names
        )

    def _invited(self) -> Event:
        event = f"EVT-{self.random.randrange(8)}"
        match self.random.randrange(4):
            case 0:
                return activity.InvitationAttended(event=event)
            case 1 if self.random.random() < 0.4:
                return activity.InvitationWithdrawn(event=event)
            case _:
                return activity.InvitationReceived(
                    event=event,
                    title="A conference",
                    event_on=self._day(),
                    organizer_kind=self.random.choice(list(activity.OrganizerKind)),
                )

    def _implemented(self) -> Event:
        return activity.InstrumentImplemented(
            instrument=f"TOOL-{self.random.randrange(4)}",
            packages=self.random.choice([("ECP",), ("RP",), ("ECP", "RP")]),
            member=f"M{self.random.randrange(4)}",
            implemented_on=self._day(),
        )

    def _confirmed(self) -> Event:
        return activity.ReportingConfirmed(
            indicator=key(self.random.choice(["SP7.1", "SP7.4", "LD3.2"])),
            period=self.random.choice((*YEARS, "2019-2022")),
            until=self._day(),
        )

    def _correct(self, own: str) -> None:
        topic, target = self.random.choice(self.sent)
        same = [event for event in self.sent if event[1].type == target.type]
        event: Event
        match self.random.randrange(4):
            case 0 | 1:
                event = corrections.FactRetracted(source=SOURCE, id=target.id)
            case 2 if ".fact." not in target.type:
                other = self.random.choice(same)[1]
                event = corrections.FactReplaced(source=SOURCE, id=target.id, data=_data(other))
            case _:
                event = corrections.FactContested(source=SOURCE, id=target.id)
        self.sent.append(
            sent(event, id=own, time=self._time(), topic=topic, subject=target.subject)
        )


def _data(event: CloudEvent) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.data or b"{}")
    return found

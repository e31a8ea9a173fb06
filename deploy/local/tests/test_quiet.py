"""One look that says that all is quiet is believed: so it must not miss what is handed on."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from shared_kit.messaging.log import Ends, TopicPartition
from shared_kit.web.app import create_api
from shared_kit.web.probes import add_probes, always
from wcoplan.dispatcher import Dispatcher
from wcoplan.settle import NotSettledError, settle_by

_PLACE = TopicPartition("work", 0)


class Log:
    """Says how far it reaches."""

    def __init__(self) -> None:
        self.end = 7

    async def ends(self) -> Ends:
        return {_PLACE: self.end}


class Service:
    """Tells what it has left; does something whenever it is asked."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.outbox = 0
        self.at_work = False
        self.seen: list[Ends | None] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def counts(self, *, ends: Ends | None = None) -> Mapping[str, int]:
        self.seen.append(ends)
        answer = {"outbox": self.outbox}
        self.meanwhile()
        return answer

    def busy(self) -> bool:
        return self.at_work


def together(log: Log, **services: Service) -> Dispatcher:
    apps = {}
    for name, service in services.items():
        api = create_api(service=name, title=name, version="0", auth="demo", routers=[])
        add_probes(api, ready=always, started=always, progress=service.counts, busy=service.busy)
        apps[name] = api
    return Dispatcher(apps, ends=log.ends)


async def test_quiet_is_what_nobody_left_against_the_same_ends_of_the_log() -> None:
    log = Log()
    first, second = Service(log), Service(log)
    assert await together(log, first=first, second=second).left() == {}
    assert first.seen == second.seen == [{_PLACE: 7}]


async def test_what_the_second_hands_back_while_the_first_is_quiet_is_not_missed() -> None:
    log = Log()
    first, second = Service(log), Service(log)

    def hand_on() -> None:
        log.end += 1

    second.meanwhile = hand_on
    assert await together(log, first=first, second=second).left() != {}


async def test_who_is_not_done_is_named_and_what_comes_after_is_not_asked() -> None:
    log = Log()
    first, second = Service(log), Service(log)
    first.outbox = 2
    assert await together(log, first=first, second=second).left() == {"first": {"outbox": 2}}
    assert second.seen == []


async def test_while_somebody_is_at_work_nobody_is_asked_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    service = Service(log)
    system = together(log, service=service)
    await system.left()
    service.at_work = True
    assert await system.left() != {}
    assert len(service.seen) == 1
    # One that is always at work, with something else, does not hide that all is quiet.
    monkeypatch.setattr("wcoplan.dispatcher._LOOKS_EVERY_SECONDS", 0.0)
    system = together(log, service=service)
    assert await system.left() == {}


async def test_settling_waits_for_as_many_quiet_rounds_as_it_is_told() -> None:
    answers = iter([{"a": 1}, {}, {"a": 1}, {}, {}, {}])

    async def ask() -> Mapping[str, object]:
        return next(answers)

    await settle_by(ask, pause=0)
    assert list(answers) == [{}]


async def test_settling_says_at_its_deadline_what_is_left() -> None:
    async def ask() -> Mapping[str, object]:
        return {"kpi-engine": {"marks": 3}}

    with pytest.raises(NotSettledError, match="marks"):
        await settle_by(ask, deadline=timedelta(0), pause=0)

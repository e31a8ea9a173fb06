from notifier.domain.rule import DEVIATION
from services.notifier.tests.builders import PLAN, SG, a_plan, a_unit
from services.notifier.tests.conftest import Heard


async def test_the_rule_of_a_new_installation_is_the_domains(heard: Heard) -> None:
    async with heard.sessions() as session:
        stores = heard.notifier.open_stores(session)

        assert await stores.definitions.rule() == DEVIATION


async def test_an_older_version_of_a_plan_changes_nothing(heard: Heard) -> None:
    await heard.events(a_plan(version=2), a_plan(version=1, indicators=("SO1",)))

    async with heard.sessions() as session:
        found = await heard.notifier.open_stores(session).definitions.subjects([SG])
    assert found.keys() == {SG}


async def test_a_name_and_what_is_counted_may_stand_in_the_short_words(heard: Heard) -> None:
    await heard.events(a_plan(), a_unit())

    async with heard.sessions() as session:
        stores = heard.notifier.open_stores(session)
        subject = (await stores.definitions.subjects([SG]))[SG]
        units = await stores.definitions.units(["SGO", "nobody"])
    assert subject.name.en == "Leadership, guidance and support"
    assert subject.counted.fr == "initiatives prévues réalisées"
    assert subject.plan == PLAN
    assert units.keys() == {"SGO"}

"""What the notifier could not use: parked from the log itself, read, and sent again by API."""

from pathlib import Path

import httpx

from services.notifier.tests.builders import a_record, a_unit
from services.notifier.tests.conftest import migrate_notifier
from services.notifier.tests.test_app import a_service, log, settled
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Message
from shared_kit.testing.plugin import MakeDatabase

__all__ = ["log"]

ADMINISTRATOR = {"authorization": "Bearer demo-administrator"}
AUDITOR = {"authorization": "Bearer demo-auditor"}
PATH = "/api/v1/notifier/parked"


async def _published(log: EmbeddedLog) -> int:
    ends, starts = await log.end_offsets(["plan"]), await log.start_offsets(["plan"])
    return sum(ends.values()) - sum(starts.values())


async def test_bad_bytes_are_parked_shown_and_sent_again_by_api(
    log: EmbeddedLog, database: MakeDatabase, tmp_path: Path
) -> None:
    headers = tuple(a_record(a_unit(), id="bad").headers)
    await log.publish([Message("plan", "CF", b'{"code": 7}', headers)])
    await log.publish([Message("plan", "CF", b"\x00\xff", ())])

    url = database("notifier", migrate=migrate_notifier)
    async with a_service(log, url, tmp_path / "mail") as client:
        await settled(client)
        first = await client.get(PATH, params={"limit": "1"}, headers=AUDITOR)
        assert first.status_code == 200, first.text
        [data] = first.json()["items"]
        second = await client.get(first.links["next"]["url"], headers=AUDITOR)
        [envelope] = second.json()["items"]
        assert (data["topic"], data["code"], data["value"]) == (
            "plan",
            "invalid-data",
            "eyJjb2RlIjogN30=",
        )
        assert (envelope["value"], second.json()["next"]) == ("AP8=", None)
        narrowed = await client.get(PATH, params={"code": envelope["code"]}, headers=AUDITOR)
        assert narrowed.json()["items"] == [envelope]
        one = await client.get(f"{PATH}/{data['id']}", headers=ADMINISTRATOR)
        assert one.json() == data
        assert data["replayed_at"] is None

        sent = await client.post(f"{PATH}/{data['id']}/replay", headers=ADMINISTRATOR)
        assert (sent.status_code, sent.json()) == (202, {"id": data["id"], "replayed": True})
        refused = await client.post(f"{PATH}/{envelope['id']}/replay", headers=ADMINISTRATOR)
        assert refused.status_code == 409
        await settled(client)
        assert await _published(log) == 3
        again = (await client.get(PATH, headers=AUDITOR)).json()["items"]
        assert [one["value"] for one in again] == [data["value"], envelope["value"], data["value"]]
        assert again[0]["replayed_at"] is not None
        await _refuses(client, data["id"])


async def _refuses(client: httpx.AsyncClient, id: int) -> None:
    for role, reading, replaying in (
        (None, 401, 401),
        ("member", 403, 403),
        ("editor:CF", 403, 403),
        ("auditor", 200, 403),
        ("planning-office", 200, 403),
    ):
        headers = {"authorization": f"Bearer demo-{role}"} if role else {}
        assert (await client.get(PATH, headers=headers)).status_code == reading, role
        assert (await client.get(f"{PATH}/{id}", headers=headers)).status_code == reading, role
        replayed = await client.post(f"{PATH}/{id}/replay", headers=headers)
        assert replayed.status_code == replaying, role
    assert (await client.get(f"{PATH}/999", headers=ADMINISTRATOR)).status_code == 404
    french = {**ADMINISTRATOR, "accept-language": "fr"}
    missing = await client.post(f"{PATH}/999/replay", headers=french)
    assert missing.status_code == 404
    assert "enregistrement" in missing.json()["detail"]

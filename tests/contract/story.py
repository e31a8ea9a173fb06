"""The requests that the recorded examples answer, in an order in which all of them succeed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from plan_api.events.schemas.taken import EVENT
from plan_api.exchange.api.exports import XLSX
from plan_api.plans.schemas.files import EXAMPLE

V1: Final = "/api/v1"
PLAN: Final = "wco-2019-2022"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request. `changes` names what its If-Match is read from, `keeps` what later ones need."""

    operation: str
    method: str = "GET"
    path: str
    status: int = 200
    role: str = "planning-office"
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    changes: str = ""
    keeps: Mapping[str, str] = field(default_factory=dict)
    settles: bool = False


def _get(operation: str, path: str, **more: Any) -> Step:
    return Step(operation=operation, path=f"{V1}{path}", **more)


def _new(operation: str, path: str, body: Any, **more: Any) -> tuple[Step, Step]:
    """What was made, and what the same request is answered when it comes again."""
    made = Step(operation=operation, method="POST", path=f"{V1}{path}", body=body, status=201)
    again = Step(
        operation=operation, method="POST", path=f"{V1}{path}", body=body, status=200, **more
    )
    return made, again


def _verb(operation: str, path: str, verb: str, body: Any = None) -> Step:
    return Step(
        operation=operation,
        method="POST",
        path=f"{V1}{path}/{verb}",
        body=body,
        changes=f"{V1}{path}",
    )


def _put(operation: str, path: str, body: Any) -> Step:
    return Step(
        operation=operation, method="PUT", path=f"{V1}{path}", body=body, changes=f"{V1}{path}"
    )


_UNIT = {
    "title": {"en": "Transit desk", "fr": "Bureau du transit", "ours": True},
    "parent": "CF",
    "language": "en",
    "mailbox": "transit@example.org",
}
_MEMBER = {
    "title": "Republic of Examplia",
    "region": "europe",
    "accession": "1998-05-04",
    "fictional": True,
}
_INSTRUMENT = {
    "title": "Guidelines on risk profiles",
    "packages": ["CEP"],
    "uses_it": True,
    "data_analysis": True,
}


def _action(number: int) -> dict[str, Any]:
    return {
        "key": f"{PLAN}:A-9{number}",
        "plan": PLAN,
        "title": "Guidelines on risk profiles",
        "title_fr": "Directives sur les profils de risque",
        "period": "FY2020",
        "lead": "CF",
        "objectives": [f"{PLAN}:SO3"],
        "priorities": [{"priority": f"{PLAN}:PRI-5", "share": "1"}],
        "end": "2021-03-31",
        "date_certainty": "stated",
    }


def _deliverable(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "deliverable": f"{PLAN}:D-9{number}-1",
        "title": "Guidelines on risk profiles",
        "title_fr": "Directives sur les profils de risque",
        "plan": PLAN,
        "period": "FY2019",
        "listed": True,
        "kind": "instrument",
        "unit": "CF",
        "objectives": [f"{PLAN}:SO3"],
        "due": "2020-03-31",
        "date_certainty": "stated",
        **fields,
    }


_DIRECTORY: Final = (
    _get("list_units", "/units"),
    *_new("register_unit", "/units", {"code": "TRANSIT", **_UNIT}),
    _get("get_unit", "/units/TRANSIT"),
    _put("update_unit", "/units/TRANSIT", {**_UNIT, "language": "fr"}),
    _get("list_members", "/members"),
    *_new("register_member", "/members", {"code": "X-99", **_MEMBER}),
    _get("get_member", "/members/X-99"),
    _put("update_member", "/members/X-99", {**_MEMBER, "title": "Examplia"}),
    _get("list_instruments", "/instruments"),
    *_new("register_instrument", "/instruments", {"code": "RISK-PROFILES", **_INSTRUMENT}),
    _get("get_instrument", "/instruments/RISK-PROFILES"),
    _put("update_instrument", "/instruments/RISK-PROFILES", {**_INSTRUMENT, "compendium": True}),
)
_PLANS: Final = (
    _get("list_plans", "/plans"),
    _get("get_plan", f"/plans/{PLAN}"),
    _get("list_plan_versions", f"/plans/{PLAN}/versions"),
    _get("get_plan_map", f"/plans/{PLAN}/map"),
    _get("list_priorities", f"/plans/{PLAN}/priorities"),
    _get("get_objective", f"/objectives/{PLAN}:SO3"),
    _get("get_indicator", f"/indicators/{PLAN}:SP7.1"),
    *_new(
        "state_estimate",
        f"/indicators/{PLAN}:SG/estimates",
        {
            "period": "FY2020",
            "value": 61,
            "points": [{"on": "2020-12-31", "value": 30}, {"on": "2021-06-30", "value": 61}],
            "reason": "Implementation Plan 2020/21",
        },
    ),
    _get("list_estimates", f"/indicators/{PLAN}:SG/estimates"),
    *_new(
        "set_target",
        f"/indicators/{PLAN}:SP7.1/targets",
        {"period": "FY2020", "low": "0.60", "high": "0.80", "reason": "Approved by the Council"},
    ),
    _get("list_targets", f"/indicators/{PLAN}:SP7.1/targets"),
    *_new("import_plan", "/plans", dict(EXAMPLE)),
)
_D1, _D2, _D3, _D4 = (f"/deliverables/{PLAN}:D-9{number}-1" for number in (1, 2, 3, 4))
_A1, _A2 = (f"/actions/{PLAN}:A-9{number}" for number in (1, 2))
_WORK: Final = (
    *_new("plan_action", "/actions", _action(1)),
    _verb("start_action", _A1, "start", {"on": "2020-01-31"}),
    _get("get_action", _A1),
    _get("list_actions", "/actions"),
    *_new("plan_deliverable", "/deliverables", _deliverable(1, instrument="RISK-PROFILES")),
    _verb("reschedule_deliverable", _D1, "reschedule", {"due": "2020-05-31"}),
    _verb("approve_deliverable", _D1, "approve"),
    _verb(
        "release_deliverable",
        _D1,
        "release",
        {"released_on": "2020-01-31", "stage": "published", "evidence": "PC0587"},
    ),
    _get("get_deliverable", _D1),
    _get("list_deliverables", "/deliverables"),
    *_new("plan_deliverable", "/deliverables", _deliverable(2, kind="milestone", weight="0.5")),
    _verb("reach_deliverable", _D2, "reach", {"share": "0.5", "reached_on": "2019-12-16"}),
    *_new("plan_deliverable", "/deliverables", _deliverable(3)),
    _verb("cancel_deliverable", _D3, "cancel", {"cancelled_on": "2020-01-31"}),
    *_new("adopt_implementation_plan", f"/implementation-plans/{PLAN}/FY2020/adopt", {}),
    _get("get_implementation_plan", f"/implementation-plans/{PLAN}/FY2020"),
    _verb("complete_action", _A1, "complete", {"on": "2020-01-31"}),
    *_new("plan_action", "/actions", _action(2)),
    _verb("cancel_action", _A2, "cancel", {"on": "2020-01-31"}),
)
_MEMBERS_EVENT: Final = {**EVENT, "data": {**EVENT["data"], "member": "X-99"}}
_STRUCTURED: Final = {"content-type": "application/cloudevents+json"}
_BATCH: Final = {"content-type": "application/cloudevents-batch+json"}
_EXCHANGE: Final = (
    Step(
        operation="post_events",
        method="POST",
        path=f"{V1}/events",
        body=_MEMBERS_EVENT,
        headers=_STRUCTURED,
        status=202,
    ),
    Step(
        operation="post_events",
        method="POST",
        path=f"{V1}/events",
        body=[_MEMBERS_EVENT, {**_MEMBERS_EVENT, "id": "2", "source": ""}],
        headers=_BATCH,
        status=207,
    ),
    _get("list_event_types", "/schemas"),
    _get("get_event_schema", "/schemas/org.wcoomd.strategy.support.withdrawn.v1"),
    _get("get_import_template", "/imports/template.xlsx", keeps={"template": ""}),
    Step(
        operation="create_import",
        method="POST",
        path=f"{V1}/imports?name=plan.xlsx",
        body="template",
        headers={"content-type": XLSX},
        status=202,
        keeps={"import": "id"},
        settles=True,
    ),
    _get("get_import", "/imports/{import}"),
)
_FIGURES: Final = (
    _get("get_scorecard", f"/scorecards/{PLAN}"),
    _get("list_results", f"/results?plan={PLAN}"),
    _get("get_result", f"/results/{PLAN}:SG"),
    _get("get_result_series", f"/results/{PLAN}:SG/series"),
    _get("get_result_changes", f"/results/{PLAN}:SG/changes?from=2020-02-03"),
    _get("explain_result", f"/results/{PLAN}:SG/explain"),
    _get("get_result_parts", f"/results/{PLAN}:SG/parts?by=priority"),
    _get("list_facts", "/facts?topic=work", keeps={"fact": "items/0/id"}),
    _get("get_fact", "/facts/{fact}?source=urn:wcoplan:plan-api"),
    _get("list_parked", "/parked", role="administrator", keeps={"parked": "items/0/id"}),
    _get("get_parked", "/parked/{parked}", role="administrator"),
    Step(
        operation="replay_parked",
        method="POST",
        path=f"{V1}/parked/{{parked}}/replay",
        role="administrator",
        status=202,
    ),
    Step(
        operation="start_reconciliation",
        method="POST",
        path=f"{V1}/reconciliations",
        role="administrator",
        status=202,
        settles=True,
    ),
    _get("list_reconciliations", "/reconciliations", role="auditor", keeps={"check": "items/0/id"}),
    _get("get_reconciliation", "/reconciliations/{check}", role="auditor"),
)
_ALERTS: Final = (
    _get("list_alerts", "/alerts", keeps={"alert": "items/0/id"}),
    _get("get_alert", "/alerts/{alert}"),
    Step(
        operation="acknowledge_alert",
        method="POST",
        path=f"{V1}/alerts/{{alert}}/ack",
        body={"comment": "The guide is with the translators."},
    ),
    _get("list_inbox", "/inbox", keeps={"notice": "items/0/id"}),
    _get("get_notice", "/inbox/{notice}"),
    _get("list_rules", "/rules"),
    _get(
        "list_notifier_parked",
        "/notifier/parked",
        role="administrator",
        keeps={"unheard": "items/0/id"},
    ),
    _get("get_notifier_parked", "/notifier/parked/{unheard}", role="administrator"),
    Step(
        operation="replay_notifier_parked",
        method="POST",
        path=f"{V1}/notifier/parked/{{unheard}}/replay",
        role="administrator",
        status=202,
    ),
)
STORY: Final = (
    *_FIGURES,
    *_ALERTS,
    *_DIRECTORY,
    *_PLANS,
    *_WORK,
    *_EXCHANGE,
)

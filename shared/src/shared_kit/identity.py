"""Who calls and what they may: roles, the caller, the one policy table, and the demo sign-in.

Deny by default: an operation without a row in POLICY fails when its app is created.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Literal

DEMO_COOKIE = "wcoplan_demo"
"""Set by the page's switcher: `<role>[:scope]`. Counts for pages, never for the API."""

Auth = Literal["none", "demo", "insecure-dev"]


class Role(StrEnum):
    """What somebody is to the plan; scopes say for which unit, Member, body or source."""

    MEMBER = "member"
    EDITOR = "editor"
    DIRECTOR = "director"
    PLANNING_OFFICE = "planning-office"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


ANYONE = frozenset(Role)
PUBLIC: frozenset[Role] = frozenset()
"""No sign-in is looked at: probes, documentation, assets."""

UNITS = frozenset({Role.EDITOR, Role.DIRECTOR, Role.PLANNING_OFFICE})
"""Those who write for a unit; which one is checked against their scopes."""

DECIDE = frozenset({Role.DIRECTOR, Role.PLANNING_OFFICE})
OFFICE = frozenset({Role.PLANNING_OFFICE})
SENDERS = UNITS | {Role.SERVICE}
OPERATE = frozenset({Role.ADMINISTRATOR})
INSPECT = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.PLANNING_OFFICE})

SECRETARIAT = UNITS | INSPECT
"""Those who work at the Secretariat: what is neither Members' nor the public's is theirs."""

Policy = Mapping[str, frozenset[Role]]

POLICY: Policy = {
    # One row an operation, by operationId (the name of its function). A new route needs one.
    # Everybody: a sign-in is not even looked at.
    "livez": PUBLIC,
    "readyz": PUBLIC,
    "startupz": PUBLIC,
    "metrics": PUBLIC,
    "progress": PUBLIC,
    "openapi": PUBLIC,
    "docs": PUBLIC,
    "docs_asset": PUBLIC,
    "problem_catalogue": PUBLIC,
    "problem_page": PUBLIC,
    "static": PUBLIC,
    # The plan, of plan-api: reading it
    "get_plan": ANYONE,
    "list_plans": ANYONE,
    "list_plan_versions": ANYONE,
    "get_plan_file": ANYONE,
    "get_plan_map": ANYONE,
    "list_priorities": ANYONE,
    "get_objective": ANYONE,
    "get_indicator": ANYONE,
    "list_estimates": ANYONE,
    "list_targets": ANYONE,
    "list_instruments": ANYONE,
    "get_instrument": ANYONE,
    "list_units": ANYONE,
    "get_unit": ANYONE,
    "list_members": ANYONE,
    "get_member": ANYONE,
    "get_implementation_plan": ANYONE,
    "list_actions": ANYONE,
    "get_action": ANYONE,
    "list_deliverables": ANYONE,
    "get_deliverable": ANYONE,
    "list_event_types": ANYONE,
    "get_event_schema": ANYONE,
    "export_table": ANYONE,
    "get_import_template": ANYONE,
    "create_import": UNITS,
    "get_import": UNITS | INSPECT,
    "apply_import": UNITS,
    "imports_page": ANYONE,
    "import_page": ANYONE,
    "import_from_page": UNITS,
    "apply_from_page": UNITS,
    "plan_files_page": ANYONE,
    "plan_file_page": ANYONE,
    "plan_file_example": ANYONE,
    "plan_file_schema": ANYONE,
    "plan_file_from_page": OFFICE,
    "plan_file_units_from_page": OFFICE,
    "bring_plan_file_from_page": OFFICE,
    # The plan, of plan-api: writing it
    "import_plan": OFFICE,
    "state_estimate": DECIDE,
    "set_target": OFFICE,
    "register_unit": OFFICE,
    "register_member": OFFICE,
    "register_instrument": OFFICE,
    "update_unit": OFFICE,
    "update_member": OFFICE,
    "update_instrument": OFFICE,
    "adopt_implementation_plan": OFFICE,
    "plan_action": UNITS,
    "start_action": UNITS,
    "complete_action": UNITS,
    "cancel_action": UNITS,
    "plan_deliverable": UNITS,
    "release_deliverable": UNITS,
    "reach_deliverable": UNITS,
    "reschedule_deliverable": UNITS,
    "approve_deliverable": OFFICE,
    "cancel_deliverable": UNITS,
    "carry_over_deliverable": UNITS,
    "post_events": SENDERS,
    # Figures, of kpi-engine:
    "get_scorecard": ANYONE,
    "list_results": ANYONE,
    "get_result": ANYONE,
    "get_result_series": ANYONE,
    "explain_result": ANYONE,
    "get_result_changes": ANYONE,
    "get_result_parts": ANYONE,
    "list_facts": ANYONE,
    "get_fact": ANYONE,
    "list_parked": INSPECT,
    "get_parked": INSPECT,
    "replay_parked": OPERATE,
    "list_reconciliations": INSPECT,
    "get_reconciliation": INSPECT,
    "start_reconciliation": OPERATE,
    # Alerts, of notifier:
    "list_alerts": SECRETARIAT,
    "get_alert": SECRETARIAT,
    "acknowledge_alert": UNITS,
    "list_inbox": SECRETARIAT,
    "get_notice": SECRETARIAT,
    "list_rules": ANYONE,
    "get_stream": ANYONE,
    "list_notifier_parked": INSPECT,
    "get_notifier_parked": INSPECT,
    "replay_notifier_parked": OPERATE,
    # Pages, of plan-api:
    "overview_page": ANYONE,
    "indicator_page": ANYONE,
    "changes_page": ANYONE,
    "objective_page": ANYONE,
    "then_and_now_page": ANYONE,
    "priorities_page": ANYONE,
    "start_page": ANYONE,
    "alert_page": ANYONE,
    "deliverable_page": ANYONE,
    "deliverables_page": ANYONE,
    "units_page": ANYONE,
    "unit_page": ANYONE,
    "action_page": ANYONE,
    "priority_page": ANYONE,
    "members_page": ANYONE,
    "member_page": ANYONE,
    "sources_page": ANYONE,
    "record_page": ANYONE,
    "record_form_page": ANYONE,
    "acknowledge_from_page": UNITS,
    "switch_demo_user": ANYONE,
    "release_from_page": UNITS,
    "reach_from_page": UNITS,
    "reschedule_from_page": UNITS,
    "approve_from_page": OFFICE,
    "cancel_from_page": UNITS,
    "carry_over_from_page": UNITS,
    "retract_from_page": UNITS,
    "record_from_page": UNITS,
    "correction_page": ANYONE,
    "correct_from_page": UNITS,
    "year_page": ANYONE,
    "adopt_page": ANYONE,
    "adopt_from_page": OFFICE,
    "action_form_page": ANYONE,
    "plan_action_from_page": UNITS,
    "deliverable_form_page": ANYONE,
    "plan_deliverable_from_page": UNITS,
    "start_action_from_page": UNITS,
    "complete_action_from_page": UNITS,
    "cancel_action_from_page": UNITS,
    "estimate_page": ANYONE,
    "estimate_from_page": DECIDE,
    "target_page": ANYONE,
    "target_from_page": OFFICE,
}

_SHOWN_IN_DEMO = ("list_alerts", "get_alert", "list_inbox", "get_notice")
"""Reads of Secretariat level that the demonstration shows to everybody, under its banner."""


def policy_of(auth: Auth) -> Policy:
    """The policy table of a service that runs with that sign-in."""
    return {**POLICY, **dict.fromkeys(_SHOWN_IN_DEMO, ANYONE)} if auth == "demo" else POLICY


class NotSignedInError(Exception):
    """Nobody signed in, or with credentials that are not known here."""


class NotAllowedError(Exception):
    """The caller is known; the role or the scope does not reach this far."""


class SignInNotConfiguredError(Exception):
    """No issuer is named and neither demo nor insecure-dev was chosen: refuse to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls. Scopes are typed: `unit:CAP`, `member:BE`, `body:PC`, `source:/portal`."""

    subject: str
    role: Role
    scopes: frozenset[str] = field(default_factory=frozenset)
    anonymous: bool = False

    def may_write_unit(self, unit: str) -> bool:
        """The planning office for all units, editors and directors for those they hold."""
        if self.role is Role.PLANNING_OFFICE:
            return True
        return self.role in UNITS and self._holds("unit", unit)

    def may_send_from(self, source: str) -> bool:
        """A service for the CloudEvents sources that it was registered with, people for all."""
        return self.role is not Role.SERVICE or self._holds("source", source)

    def require_unit(self, unit: str) -> None:
        """Raise NotAllowedError where `may_write_unit` says no."""
        if not self.may_write_unit(unit):
            raise NotAllowedError(f"{self.role} {self.subject} may not write for this unit")

    def _holds(self, kind: str, value: str) -> bool:
        return f"{kind}:{value}" in self.scopes or f"{kind}:*" in self.scopes


def auth_context(caller: Caller) -> dict[str, str]:
    """Who caused an event, as CloudEvents says it (extension Auth Context)."""
    kind = "service_account" if caller.role is Role.SERVICE else "app_user"
    return {"authtype": kind, "authid": caller.subject}


PUBLIC_READER = Caller(subject="public", role=Role.MEMBER, anonymous=True)
"""Without a token the demonstration is read as a Member would; writing needs a token."""

_SCOPE = re.compile(r"^(?:(unit|member|body|source):)?([A-Za-z0-9*/._~:-]{1,120})$")
_SCOPE_OF_ROLE = {
    Role.MEMBER: "member",
    Role.EDITOR: "unit",
    Role.DIRECTOR: "unit",
    Role.SERVICE: "source",
}


def demo_caller(text: str) -> Caller:
    """Read `<role>[:scope[,scope]]`, the part after `demo-` of a token, or the cookie.

    A bare scope is of the role's own kind: `director:CAP` holds `unit:CAP`.

    Raises:
        NotSignedInError: there is no such role, or a scope that is none.
    """
    name, _, rest = text.partition(":")
    try:
        role = Role(name)
    except ValueError as error:
        raise NotSignedInError("this demo role does not exist") from error
    scopes = set()
    for part in filter(None, rest.split(",")):
        found = _SCOPE.match(part)
        kind = found and (found[1] or _SCOPE_OF_ROLE.get(role))
        if not found or not kind:
            raise NotSignedInError("this demo scope cannot be read")
        scopes.add(f"{kind}:{found[2]}")
    return Caller(subject=f"demo-{text}", role=role, scopes=frozenset(scopes))


def caller_of_request(*, authorization: str | None, cookie: str | None) -> Caller:
    """Say who calls, in demo mode: by bearer token, else by cookie, else the public reader.

    Raises:
        NotSignedInError: a token was sent that means nothing here.
    """
    if authorization is not None:
        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip().startswith("demo-"):
            raise NotSignedInError("a bearer token of the demonstration is expected")
        return demo_caller(token.strip().removeprefix("demo-"))
    try:
        return demo_caller(cookie) if cookie else PUBLIC_READER
    except NotSignedInError:
        return PUBLIC_READER  # a browser keeps sending it: the pages must stay readable


def require_role(caller: Caller, *, operation: str, policy: Policy = POLICY) -> None:
    """Let the caller through, or say no.

    Raises:
        NotSignedInError: signing in could help.
        NotAllowedError: it could not; also where the operation has no row.
    """
    allowed = policy.get(operation, frozenset())
    if caller.role in allowed:
        return
    if caller.anonymous:
        raise NotSignedInError("sign in to do this")
    raise NotAllowedError(f"the role {caller.role} may not do this")


def refuse_unsafe_start(*, auth: Auth, host: str) -> None:
    """Demo users listen on loopback only; without an issuer nothing else starts by itself.

    Raises:
        SignInNotConfiguredError: as said.
    """
    if auth == "insecure-dev":
        return
    if auth != "demo":
        raise SignInNotConfiguredError("no issuer is set: choose demo (loopback) or insecure-dev")
    if host != "localhost" and not _is_loopback(host):
        raise SignInNotConfiguredError(f"demo users listen on loopback only, not on {host}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

"""Who may what: demo callers, scopes, the policy table, and when to refuse to start."""

import pytest

from shared_kit.identity import (
    ANYONE,
    POLICY,
    PUBLIC_READER,
    SECRETARIAT,
    Auth,
    Caller,
    NotAllowedError,
    NotSignedInError,
    Role,
    SignInNotConfiguredError,
    caller_of_request,
    demo_caller,
    policy_of,
    refuse_unsafe_start,
    require_role,
)


@pytest.mark.parametrize(
    ("text", "role", "scopes"),
    [
        ("member", Role.MEMBER, set()),
        ("member:BE", Role.MEMBER, {"member:BE"}),
        ("editor:CAP", Role.EDITOR, {"unit:CAP"}),
        ("director:CAP,TAR", Role.DIRECTOR, {"unit:CAP", "unit:TAR"}),
        ("director:unit:CAP,body:PC", Role.DIRECTOR, {"unit:CAP", "body:PC"}),
        ("planning-office", Role.PLANNING_OFFICE, set()),
        ("service:/portals/be", Role.SERVICE, {"source:/portals/be"}),
        ("auditor", Role.AUDITOR, set()),
        ("administrator", Role.ADMINISTRATOR, set()),
    ],
)
def test_reads_demo_callers(text: str, role: Role, scopes: set[str]) -> None:
    caller = demo_caller(text)

    assert (caller.role, set(caller.scopes)) == (role, scopes)
    assert not caller.anonymous


@pytest.mark.parametrize("text", ["", "king", "Editor", "auditor:CAP", "editor:a b", "editor:\n"])
def test_refuses_what_is_no_demo_caller(text: str) -> None:
    with pytest.raises(NotSignedInError):
        demo_caller(text)


def test_a_token_goes_before_the_cookie() -> None:
    caller = caller_of_request(authorization="bearer demo-auditor", cookie="director:CAP")
    assert caller.role is Role.AUDITOR

    assert caller_of_request(authorization=None, cookie="director:CAP").role is Role.DIRECTOR
    assert caller_of_request(authorization=None, cookie=None) == PUBLIC_READER


def test_a_cookie_that_means_nothing_locks_nobody_out() -> None:
    assert caller_of_request(authorization=None, cookie="king") == PUBLIC_READER


@pytest.mark.parametrize(
    ("who", "unit", "may"),
    [
        ("editor:CAP", "CAP", True),
        ("editor:CAP", "TAR", False),
        ("director:*", "TAR", True),
        ("director", "CAP", False),
        ("planning-office", "CAP", True),
        ("member:CAP", "CAP", False),
        ("auditor", "CAP", False),
        ("administrator", "CAP", False),
        ("service:CAP", "CAP", False),
        ("member:unit:CAP", "CAP", False),
    ],
)
def test_who_may_write_for_a_unit(who: str, unit: str, may: bool) -> None:
    caller = demo_caller(who)

    assert caller.may_write_unit(unit) is may
    if not may:
        with pytest.raises(NotAllowedError):
            caller.require_unit(unit)


def test_a_service_sends_from_its_own_sources() -> None:
    assert demo_caller("service:/portals/be").may_send_from("/portals/be")
    assert not demo_caller("service:/portals/be").may_send_from("/portals/fr")
    assert not demo_caller("service").may_send_from("/portals/be")
    assert demo_caller("planning-office").may_send_from("/anything")


def test_denies_by_default() -> None:
    for role in Role:
        with pytest.raises(NotAllowedError):
            require_role(Caller(subject="x", role=role), operation="no_such_operation")
    with pytest.raises(NotSignedInError):
        require_role(PUBLIC_READER, operation="no_such_operation")


def test_signing_in_can_help_only_who_has_not() -> None:
    with pytest.raises(NotSignedInError):
        require_role(PUBLIC_READER, operation="release_deliverable")
    with pytest.raises(NotAllowedError):
        require_role(demo_caller("member"), operation="release_deliverable")


@pytest.mark.parametrize("operation", POLICY)
def test_no_row_lets_the_public_write(operation: str) -> None:
    reads = (
        *("get_", "list_", "explain_", "export_table", "switch_demo_user"),
        *("plan_file_example", "plan_file_schema"),
    )
    if POLICY[operation] == ANYONE:
        assert operation.startswith(reads) or operation.endswith("_page")


def test_administrators_and_auditors_edit_no_plan() -> None:
    edits = [
        name
        for name, roles in POLICY.items()
        if Role.EDITOR in roles and roles not in (ANYONE, SECRETARIAT)
    ]

    assert edits
    for name in edits:
        assert not POLICY[name] & {Role.ADMINISTRATOR, Role.AUDITOR, Role.MEMBER}


ALERTS = ("list_alerts", "get_alert", "list_inbox", "get_notice")


@pytest.mark.parametrize("operation", ALERTS)
@pytest.mark.parametrize("role", Role)
def test_alerts_are_the_secretariats_save_in_the_demonstration(operation: str, role: Role) -> None:
    caller = Caller(subject="x", role=role)

    require_role(caller, operation=operation, policy=policy_of("demo"))
    if role in (Role.MEMBER, Role.SERVICE):
        with pytest.raises(NotAllowedError):
            require_role(caller, operation=operation, policy=policy_of("insecure-dev"))
    else:
        require_role(caller, operation=operation, policy=policy_of("insecure-dev"))


def test_the_demonstration_opens_nothing_else() -> None:
    shown = policy_of("demo")

    assert {name for name, roles in POLICY.items() if shown[name] != roles} == set(ALERTS)


@pytest.mark.parametrize(
    ("auth", "host", "starts"),
    [
        ("demo", "127.0.0.1", True),
        ("demo", "localhost", True),
        ("demo", "::1", True),
        ("demo", "[::1]", True),
        ("demo", "0.0.0.0", False),
        ("demo", "::", False),
        ("demo", "10.0.0.1", False),
        ("demo", "example.org", False),
        ("none", "127.0.0.1", False),
        ("insecure-dev", "0.0.0.0", True),
    ],
)
def test_refuses_an_unsafe_start(auth: Auth, host: str, starts: bool) -> None:
    if starts:
        refuse_unsafe_start(auth=auth, host=host)
    else:
        with pytest.raises(SignInNotConfiguredError):
            refuse_unsafe_start(auth=auth, host=host)

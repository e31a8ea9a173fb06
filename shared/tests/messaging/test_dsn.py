"""One URL in the settings serves SQLAlchemy and the driver."""

import pytest

from shared_kit.messaging.dsn import dsn


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql+asyncpg://u:p%40s@h:5432/d", "postgresql://u:p%40s@h:5432/d"),
        (
            "postgresql+asyncpg://postgres@/plan?host=/var/a b/pg",
            "postgresql://postgres@/plan?host=%2Fvar%2Fa+b%2Fpg",
        ),
        ("postgresql+asyncpg://u@h/d?ssl=require", "postgresql://u@h/d?sslmode=require"),
    ],
)
def test_translates_what_the_two_call_differently(given: str, expected: str) -> None:
    assert dsn(given) == expected

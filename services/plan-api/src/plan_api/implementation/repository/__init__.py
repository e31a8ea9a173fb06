"""Loads and saves Actions, Deliverables and adoptions, one by one or many in a statement."""

from plan_api.implementation.repository.many import (
    add_actions,
    add_deliverables,
    lock_actions,
    save_deliverables,
)
from plan_api.implementation.repository.one import (
    Actions,
    Adoption,
    Adoptions,
    Deliverables,
    digest_of,
)
from plan_api.implementation.repository.rows import in_year, to_action, to_deliverable

__all__ = [
    "Actions",
    "Adoption",
    "Adoptions",
    "Deliverables",
    "add_actions",
    "add_deliverables",
    "digest_of",
    "in_year",
    "lock_actions",
    "save_deliverables",
    "to_action",
    "to_deliverable",
]

"""HTTP in and out of the pages of the work."""

from fastapi import APIRouter

from plan_api.desk.api.corrections import router as corrections_router
from plan_api.desk.api.deliverables import router as deliverables_router
from plan_api.desk.api.pages import router as pages_router
from plan_api.desk.api.planning import router as planning_router
from plan_api.desk.api.record import router as record_router

router = APIRouter()
for part in (
    pages_router,
    planning_router,
    deliverables_router,
    record_router,
    corrections_router,
):
    router.include_router(part)

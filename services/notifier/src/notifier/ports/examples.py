"""What the API answers, for its documentation; a test holds them to the views."""

from pydantic.config import JsonDict

FIGURES: JsonDict = {
    "numerator": "23",
    "denominator": "61",
    "due": "26",
    "due_done": "20",
    "window_due": "26",
    "window_due_done": "20",
    "due_by": "2020-01-04",
    "attainment": "0.769231",
    "evidence_p": "0.001511",
    "once_in": 660,
    "status": "at-risk",
    "revision": 41,
    "judged_on": "2020-02-03",
    "judged_at": "2020-02-03T08:00:00Z",
}
REASONS: JsonDict = {
    "reason": "Of 26 due by 4 January 2020, 20 are released; overdue: Guide on transit "
    "guarantees (30 Nov, 65 days), Workshop on risk profiles (13 Dec, 52 days), and 4 more.",
    "reason_fr": "Sur 26 attendus au 4 janvier 2020, 20 sont réalisés ; en retard : Guide "
    "sur les garanties de transit (30 nov., 65 jours), Atelier sur les profils de risque (13 déc., "
    "52 jours) et 4 autres.",
}
_SHOWN: JsonDict = {
    "numerator": "22",
    "denominator": "61",
    "judged_numerator": None,
    "judged_denominator": None,
    "due": "26",
    "due_done": "20",
}
DIFFERENCE: JsonDict = {
    "check": 12,
    "checked_at": "2020-02-03T08:01:00Z",
    "shown": _SHOWN,
    "live": _SHOWN,
    "rebuilt": {**_SHOWN, "numerator": "23"},
    "lost": 1,
    "surplus": 0,
    "items": [
        {
            "key": "wco-2019-2022:D-017-2",
            "title": "Guide on transit guarantees",
            "title_fr": "Guide sur les garanties de transit",
        }
    ],
}
ALERT: JsonDict = {
    "id": "d81282e0-8528-5a80-82b8-d7c9f791d4b9",
    "rule": "deviation",
    "rule_version": 1,
    "plan": "wco-2019-2022",
    "indicator": "wco-2019-2022:SG",
    "code": "SG",
    "title": {
        "en": "Provide leadership, guidance and support to Customs administrations",
        "fr": "Assurer leadership, orientation et soutien aux administrations douanières",
    },
    "counted": {
        "en": "planned initiatives carried out",
        "fr": "initiatives prévues réalisées",
    },
    "period": "FY2019",
    "period_label": "FY2019/20",
    "level": "critical",
    "condition": "open",
    "phase": "firing",
    "handling": "new",
    "basis": "window",
    **REASONS,
    "since": "2020-02-03",
    "raised_on": "2020-02-03",
    "raised_at": "2020-02-03T08:00:00Z",
    "closed_on": None,
    "closed_at": None,
    "close_reason": None,
    "figures": FIGURES,
    "difference": None,
    "overdue": [
        {
            "key": "wco-2019-2022:D-017-2",
            "title": "Guide on transit guarantees",
            "title_fr": "Guide sur les garanties de transit",
            "due": "2019-11-30",
            "days": 65,
        }
    ],
    "owner_unit": "SGO",
    "owner_title": {"en": "Secretary General's office", "fr": "Bureau du Secrétaire général"},
    "acknowledged_by": None,
    "acknowledged_at": None,
    "comment": None,
}
STEP: JsonDict = {
    "seq": 1,
    "kind": "raised",
    "on": "2020-02-03",
    "at": "2020-02-03T08:00:00Z",
    "level": "critical",
    "previous_level": None,
    "close_reason": None,
    **REASONS,
    "figures": FIGURES,
    "by": None,
    "comment": None,
    "told": {
        "inbox_item": "1f0a1b76-0d7c-5d3e-9f54-3f2b64c8a1d0",
        "unit": "SGO",
        "mail": "written",
        "recipient": "sgo@secretariat.example",
        "written_at": "2020-02-03T08:00:01Z",
    },
}
ITEM: JsonDict = {
    "id": "1f0a1b76-0d7c-5d3e-9f54-3f2b64c8a1d0",
    "alert": "d81282e0-8528-5a80-82b8-d7c9f791d4b9",
    "kind": "raised",
    "level": "critical",
    "plan": "wco-2019-2022",
    "indicator": "wco-2019-2022:SG",
    "period": "FY2019",
    "unit": "SGO",
    "at": "2020-02-03T08:00:00Z",
    "language": "en",
    "subject": "[Critical] Leadership, guidance and support (SG): 20 of 26 due are released",
    "deliverables": [],
}

RULE: JsonDict = {
    "id": "deviation",
    "version": 1,
    "name": {"en": "Behind the plan", "fr": "En retard sur le plan"},
    "says": {"en": "Warning: fewer than 90 % ...", "fr": "Avertissement : moins de 90 % ..."},
    "healthy": "19/20",
    "min_due": 8,
    "warning": {"line": "9/10", "alpha": "1/20", "clear": "93/100", "hold_days": 14},
    "critical": {"window_line": "4/5", "alpha": "1/100", "hold_days": 0},
    "items": {"several": 2, "graces_of_one": 2},
    "recover_days": 14,
}

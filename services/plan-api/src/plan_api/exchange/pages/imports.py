"""What the pages of imports show: the form, how far a file is, what was found in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from plan_api.exchange.model.findings import Import, ImportState
from plan_api.exchange.model.sheets import BY_NAME
from plan_api.report.pages.frame import Frame

REFRESHED_AFTER: Final = 2
"""Seconds; without a script the browser asks again by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWords:
    """Says things about imports to one reader."""

    frame: Frame

    def state(self, one: Import) -> str:
        _ = self.frame.format.texts.gettext
        match one.state:
            case ImportState.READING:
                return _("being read")
            case ImportState.UNREADABLE:
                return _("could not be read")
            case ImportState.APPLYING:
                return _("being applied")
            case ImportState.APPLIED:
                return _("applied")
            case ImportState.READY:
                if one.mistakes:
                    return _("with mistakes, not applied")
                return _("ready to be applied") if one.lines else _("nothing in it")

    def line_state(self, state: str) -> str:
        _ = self.frame.format.texts.gettext
        return {
            "new": _("new"),
            "known": _("known already"),
            "wrong": _("wrong"),
            "waiting": _("waiting"),
        }[state]

    def sheet(self, name: str) -> str:
        return BY_NAME[name].title(french=self.frame.language == "fr")

    def column(self, found: dict[str, Any]) -> str:
        french = self.frame.language == "fr"
        columns = BY_NAME[found["sheet"]].columns
        return next(
            (one.fr if french else one.en) for one in columns if one.name == found["column"]
        )

    def waiting(self, wait: dict[str, Any]) -> str:
        """12 lines wait for Action A-017, which has a mistake in line 4 of the sheet Actions."""
        texts = self.frame.format.texts
        _ = texts.gettext
        what = {
            "units": _("the unit"),
            "members": _("the Member"),
            "instruments": _("the instrument"),
            "actions": _("the Action"),
            "deliverables": _("the Deliverable"),
        }[wait["sheet"]]
        return texts.ngettext(
            "%(num)s line waits for %(what)s %(code)s: line %(row)s of the sheet %(sheet)s has a "
            "mistake.",
            "%(num)s lines wait for %(what)s %(code)s: line %(row)s of the sheet %(sheet)s has a "
            "mistake.",
            wait["lines"],
        ) % {
            "num": self.frame.format.number(wait["lines"]),
            "what": what,
            "code": wait["code"],
            "row": wait["row"],
            "sheet": self.sheet(wait["sheet"]),
        }

    def message(self, found: dict[str, Any]) -> str:
        return str(found[self.frame.language])


def imports_page(
    *, frame: Frame, latest: Sequence[Import], may_send: bool, missing_file: bool = False
) -> dict[str, object]:
    """The form, and what was sent last."""
    return frame.context(
        latest=latest,
        may_send=may_send,
        missing_file=missing_file,
        says=ImportWords(frame=frame),
    )


def import_page(*, frame: Frame, one: Import, may_apply: bool) -> dict[str, object]:
    """One file; while it is worked on, the page asks again by itself."""
    preview = one.preview or {}
    return frame.context(
        one=one,
        busy=one.is_busy,
        seconds=REFRESHED_AFTER,
        may_apply=may_apply,
        sheets=preview.get("sheets", []),
        mistakes=preview.get("mistakes", []),
        waits=preview.get("waits", []),
        shortfalls=preview.get("shortfalls", []),
        sample=preview.get("sample", []),
        failure=(preview.get("failure") or {}).get(frame.language),
        says=ImportWords(frame=frame),
    )

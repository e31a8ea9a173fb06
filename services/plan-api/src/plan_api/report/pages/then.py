"""What is said of the day as of which a page is shown, and of a day that cannot be."""

from datetime import date

from plan_api.report.pages.frame import Frame
from plan_api.report.pages.others import message_page


def day_not_known_page(*, frame: Frame, why: str, since: date | None) -> dict[str, object]:
    """Why nothing can be shown as of the day that the address names, and what can be."""
    _ = frame.format.texts.gettext
    lines = [
        {
            "no-date": _("The address names no day. Write it as year, month and day: 2019-12-16."),
            "to-come": _("That day is still to come: nobody knows yet what will be known then."),
            "too-early": _("On that day nothing was known here yet."),
        }[why]
    ]
    if since is not None:
        lines.append(
            _("What was known can be shown for each day from %(first)s to %(last)s.")
            % {
                "first": frame.format.long_day(since),
                "last": frame.format.long_day(frame.format.today),
            }
        )
    return message_page(
        frame=frame,
        heading=_("Not known as of that day"),
        lines=lines,
        onward=("/", _("To the figures of today")),
    )

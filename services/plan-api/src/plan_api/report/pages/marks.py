"""The shape of each status: readable in black and white; the word always stands beside it."""

from typing import Final

from markupsafe import Markup

from plan_api.report.model import Status

_SHAPES: Final = {
    Status.ON_TRACK: '<circle cx="8" cy="8" r="6.5" fill="currentColor"/>',
    Status.AT_RISK: (
        '<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.8"/>'
        '<path d="M8 2.4a5.6 5.6 0 0 0 0 11.2z" fill="currentColor"/>'
    ),
    Status.OFF_TRACK: (
        '<path d="M8 2.2 14.6 13.6H1.4z" fill="none" stroke="currentColor" '
        'stroke-width="1.9" stroke-linejoin="round"/>'
    ),
    Status.NOT_JUDGED: (
        '<path d="M3 8h10" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round"/>'
    ),
}


def mark(status: Status) -> Markup:
    """The shape alone, coloured by its class and silent for those who listen."""
    return Markup(  # noqa: S704 - only constants of this module and an enum's value
        f'<svg class="mark {status.value}" viewBox="0 0 16 16" width="16" height="16" '
        f'aria-hidden="true" focusable="false">{_SHAPES[status]}</svg>'
    )

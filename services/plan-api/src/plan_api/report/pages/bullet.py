"""A bullet graph for one row: bar = actual, tick = expected to date, line = the estimate.

Drawn on the row's own scale and stretched by the page; strokes keep their width.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from markupsafe import Markup

from plan_api.report.model import Range, Result

_WIDTH: Final = 240
_HEIGHT: Final = 20


def bullet(result: Result, *, label: str) -> Markup:
    """Draw a result; nothing at all where there is no figure or nothing to compare it with."""
    if result.numerator is None or not result.denominator:
        return Markup("")
    top = max(result.numerator, result.denominator, result.expected or Decimal(0))
    scale = _WIDTH / Fraction(top)
    end = _at(result.denominator, scale)
    parts = [
        _band(
            None if _judged_apart(result) else result.target,
            denominator=result.denominator,
            scale=scale,
        ),
        f'<path class="b-line" d="M0 10H{end}M{end} 5V15"/>',
        f'<rect class="b-bar" x="0" y="6.5" width="{_at(result.numerator, scale)}" height="7"/>',
    ]
    if result.numerator > result.denominator:
        # The estimate stays visible inside a bar that has passed it.
        parts.append(f'<path class="b-past" d="M{end} 5V15"/>')
    if result.expected is not None:
        tick = _at(result.expected, scale)
        parts.append(f'<path class="b-tick" d="M{tick} 2V18"/>')
    return Markup(
        '<svg class="bullet" viewBox="-1 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(_WIDTH + 2, _HEIGHT, label, Markup("").join(Markup(part) for part in parts))  # noqa: S704 - numbers only


def forecast_band(
    *, so_far: Decimal, low: int, likely: int, high: int, whole: Decimal, label: str
) -> Markup:
    """Draw where a count may end: bar = so far, shaded = the band, tick = most likely."""
    scale = _WIDTH / Fraction(max(so_far, whole, Decimal(high)))
    end = _at(whole, scale)
    start, stop = _at(Decimal(low), scale), _at(Decimal(high), scale)
    # A band of one value is still to be seen.
    wide = max(stop - start, 1.0)
    tick = _at(Decimal(likely), scale)
    parts = [
        f'<rect class="b-band" x="{start}" y="3" width="{wide:g}" height="14"/>',
        f'<path class="b-line" d="M0 10H{end}M{end} 5V15"/>',
        f'<rect class="b-bar" x="0" y="6.5" width="{_at(so_far, scale)}" height="7"/>',
        f'<path class="b-tick" d="M{tick} 2V18"/>',
    ]
    return Markup(
        '<svg class="bullet" viewBox="-1 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(_WIDTH + 2, _HEIGHT, label, Markup("").join(Markup(part) for part in parts))  # noqa: S704 - numbers only


def _judged_apart(result: Result) -> bool:
    """Whether the target is held against another pair than the one that is drawn."""
    pair = result.judged
    return pair is not None and (pair.numerator, pair.denominator) != (
        result.numerator,
        result.denominator,
    )


def _band(target: Range | None, *, denominator: Decimal, scale: Fraction) -> str:
    if target is None:
        return ""
    low = (target.low or Decimal(0)) * denominator
    high = (target.high if target.high is not None else Decimal(1)) * denominator
    start, end = _at(low, scale), _at(min(high, denominator), scale)
    return f'<rect class="b-band" x="{start}" y="3" width="{end - start:g}" height="14"/>'


def _at(value: Decimal, scale: Fraction) -> float:
    # A place in a picture, not a figure: a float will do.
    return round(float(max(value, Decimal(0)) * 1) * float(scale), 1)

"""Bars as SVG, by hand: readable in light and dark, no library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

COLOURS = ("#3b6ea5", "#d08c2e", "#6a9955", "#a05195", "#888888")
LEFT, WIDE, ROW = 260, 760, 26


def stacked(title: str, unit: str, rows: Sequence[tuple[str, Sequence[float]]], parts: Sequence[str] = ()) -> str:
    """One bar a row, of one or more parts that add up; the sum stands at its end."""
    most = max((sum(values) for _, values in rows), default=0) or 1
    scale = (WIDE - LEFT - 90) / most
    tall = 62 + ROW * len(rows) + (22 if parts else 0)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {tall}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDE}" height="{tall}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold">{escape(title)}</text>',
        f'<text x="12" y="42" fill="#555">{escape(unit)}</text>',
    ]
    for number, (name, values) in enumerate(rows):
        y, x = 52 + ROW * number, float(LEFT)
        out.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
        for part, value in enumerate(values):
            wide = max(value * scale, 0)
            colour = COLOURS[part % len(COLOURS)]
            out.append(f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{ROW - 7}" fill="{colour}"/>')
            x += wide
        out.append(f'<text x="{x + 6:.1f}" y="{y + 15}">{told(sum(values))}</text>')
    for number, name in enumerate(parts):
        x = LEFT + number * 100
        y = 58 + ROW * len(rows)
        out.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{COLOURS[number % len(COLOURS)]}"/>')
        out.append(f'<text x="{x + 17}" y="{y + 11}">{escape(name)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def told(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

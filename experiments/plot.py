"""Pictures of the experiments: panels of lines with intervals, and heat maps, as SVG. Standard library only."""

import dataclasses
import math
from xml.sax.saxutils import escape

# Okabe and Ito's colours, told apart by colour-blind readers too; markers differ as well.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
MARKERS = ("circle", "square", "diamond", "triangle", "cross", "circle")
INK, PALE, FONT = "#222222", "#dddddd", "Helvetica, Arial, 'DejaVu Sans', sans-serif"


@dataclasses.dataclass
class Series:
    """points are (x, middle, least, greatest); a line is not drawn across x = gap_after."""
    name: str
    points: list
    style: int
    band: bool = False
    dashed: bool = False
    gap_after: float = None


@dataclasses.dataclass
class Log:
    """A logarithmic axis; values outside low..high are drawn at its ends."""
    label: str
    low: float = None
    high: float = None


@dataclasses.dataclass
class Categories:
    label: str
    names: list


@dataclasses.dataclass
class Panel:
    title: str
    series: list
    x: object
    y: Log


@dataclasses.dataclass
class Grid:
    """cells: (row, column) -> (value for the colour or None, first line, second line)."""
    title: str
    column_label: str
    columns: tuple
    row_label: str
    rows: tuple
    cells: dict


def power(exponent):
    """10^exponent with a raised exponent, as SVG text."""
    if -2 <= exponent <= 3:
        return f"{10.0 ** exponent:g}"
    return f'10<tspan dy="-4" font-size="8">{"−" if exponent < 0 else ""}{abs(exponent)}</tspan>'


class Scale:
    """Maps values to pixels and knows its ticks: (value, label or "" for a minor one)."""

    def __init__(self, axis, values, start, end):
        self.log = isinstance(axis, Log)
        self.start, self.end = start, end
        if not self.log:
            self.low, self.high = -0.5, len(axis.names) - 0.5
            self.ticks = list(enumerate(escape(name) for name in axis.names))
            return
        values = [v for v in values if v > 0 and math.isfinite(v)] or [1, 10]
        low = math.log10(axis.low if axis.low else min(values))
        high = math.log10(axis.high if axis.high else max(values))
        room = 0 if axis.low or axis.high else 0.06 * max(high - low, 0.2)
        self.low, self.high = low - room, max(high + room, low + room + 0.2)
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        inside = [e for e in decades if self.low - 1e-9 <= e <= self.high + 1e-9]
        every = 1 + (len(inside) - 1) // 7
        labelled = (1,) if len(inside) >= 3 else (1, 3) if len(inside) == 2 and self.high - self.low > 1.5 else (1, 2, 5)
        mantissas = range(1, 10)
        if self.high - self.low < 0.7:
            mantissas = labelled = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
        self.ticks = []
        for e in decades:
            for m in mantissas:
                place = e + math.log10(m)
                if not self.low - 1e-9 <= place <= self.high + 1e-9:
                    continue
                if m in labelled and (m > 1 or (e - inside[0]) % every == 0):
                    self.ticks.append((10.0 ** place, power(e) if m == 1 or not -3 <= e <= 4 else f"{m * 10.0 ** e:g}"))
                else:
                    self.ticks.append((10.0 ** place, ""))

    def __call__(self, value):
        place = value
        if self.log:
            place = math.log10(value) if value > 0 else self.low
        share = min(1, max(0, (place - self.low) / (self.high - self.low)))
        return self.start + share * (self.end - self.start)


def words(x, y, content, size=11, anchor="middle", turn=None, weight="normal", colour=INK):
    """content is SVG already."""
    rotate = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
            f'fill="{colour}"{rotate}>{content}</text>')


def stroke(points, colour, width=1.5, dashed=False):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>'


def marker(x, y, style, size=3.4):
    colour, shape = COLOURS[style % len(COLOURS)], MARKERS[style % len(MARKERS)]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>'
    if shape == "square":
        return f'<rect x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size}" height="{2 * size}" fill="{colour}"/>'
    if shape == "cross":
        return (stroke([(x - size, y - size), (x + size, y + size)], colour, 2)
                + stroke([(x - size, y + size), (x + size, y - size)], colour, 2))
    size *= 1.3
    corners = [(x, y - size), (x + size, y), (x, y + size), (x - size, y)]
    if shape == "triangle":
        corners = [(x, y - size), (x + size, y + size * 0.8), (x - size, y + size * 0.8)]
    return f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}" fill="{colour}"/>'


def draw_panel(panel, left, top, width, height):
    """The panel's inner box is at left, top; labels stand outside it."""
    xs = [p[0] for s in panel.series for p in s.points]
    ys = [v for s in panel.series for p in s.points for v in p[1:]]
    x, y = Scale(panel.x, xs, left, left + width), Scale(panel.y, ys, top + height, top)
    out = [words(left, top - 8, escape(panel.title), 12, "start", weight="bold")]
    for value, label in y.ticks:
        if label:
            out.append(stroke([(left, y(value)), (left + width, y(value))], PALE, 0.8))
            out.append(words(left - 7, y(value) + 4, label, anchor="end"))
        out.append(stroke([(left - (4 if label else 2), y(value)), (left, y(value))], INK, 0.8))
    for value, label in x.ticks:
        if label:
            out.append(words(x(value), top + height + 16, label))
        if x.log:
            out.append(stroke([(x(value), top + height), (x(value), top + height + (4 if label else 2))], INK, 0.8))
    out.append(f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="{INK}" stroke-width="0.8"/>')
    out.append(words(left + width / 2, top + height + 33, escape(panel.x.label)))
    out.append(words(left - 42, top + height / 2, escape(panel.y.label), turn=-90))
    for series in panel.series:
        colour, points = COLOURS[series.style % len(COLOURS)], series.points
        if not points:
            continue
        if series.band:
            outline = [(x(p[0]), y(p[2])) for p in points] + [(x(p[0]), y(p[3])) for p in reversed(points)]
            out.append(f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in outline)}" '
                       f'fill="{colour}" fill-opacity="0.18"/>')
        split = math.inf if series.gap_after is None else series.gap_after
        for part in ([p for p in points if p[0] < split], [p for p in points if p[0] >= split]):
            if len(part) > 1:
                out.append(stroke([(x(p[0]), y(p[1])) for p in part], colour, 1.5, series.dashed))
        for place, p in enumerate(points):
            if not series.band:
                out.append(stroke([(x(p[0]), y(p[2])), (x(p[0]), y(p[3]))], colour, 1.5))
            if not series.band or place % 3 == series.style % 3:
                out.append(marker(x(p[0]), y(p[1]), series.style))
    return out


def write(path, width, height, title, note, body):
    with open(path, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                   f'viewBox="0 0 {width} {height}" font-family="{FONT}">\n'
                   f'<rect width="{width}" height="{height}" fill="white"/>\n')
        file.write(words(14, 24, escape(title), 15, "start", weight="bold") + "\n")
        file.write("\n".join(body) + "\n")
        file.write(words(14, height - 10, escape(note), 11, "start") + "\n</svg>\n")


def figure(path, title, panels, columns, note="", size=(230, 190)):
    """Panels in rows. One legend on top if all have the same series, else one in each row of text below a panel."""
    width, height = size if columns > 2 else (330, 210)
    names = lambda panel: [(s.name, s.style, s.dashed) for s in panel.series]
    entries = []
    for panel in panels:
        entries += [entry for entry in names(panel) if entry not in entries]
    shared = len(entries) <= len(COLOURS) and all(len(names(p)) >= len(entries) - 1 for p in panels)
    cell_w, cell_h = width + 78, height + 72 + (0 if shared else 18)
    top = 74 if shared else 58
    rows = -(-len(panels) // columns)
    total_w, total_h = columns * cell_w + 10, top + rows * cell_h + 12
    body = []

    def legend(entries, left, line):
        for name, style, dashed in entries:
            body.append(stroke([(left, line - 4), (left + 24, line - 4)], COLOURS[style % len(COLOURS)], 1.5, dashed))
            body.append(marker(left + 12, line - 4, style))
            body.append(words(left + 30, line, escape(name), 11, "start"))
            left += 30 + 6.2 * len(name) + 18

    if shared:
        legend(entries, 18, 46)
    for place, panel in enumerate(panels):
        left, up = 66 + (place % columns) * cell_w, top + (place // columns) * cell_h
        body += draw_panel(panel, left, up, width, height)
        if not shared:
            legend(names(panel), left, up + height + 52)
    write(path, total_w, total_h, title, note, body)


def shade(share):
    """White to dark blue; 0 is the palest."""
    pale, dark = (240, 246, 252), (8, 69, 128)
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(pale, dark))


def heat_map(path, title, grids, columns, note="", cell=(78, 38)):
    wide, high = cell
    width = max(len(g.columns) for g in grids) * wide
    height = max(len(g.rows) for g in grids) * high
    cell_w, cell_h, top = width + 90, height + 78, 62
    body = []
    for place, grid in enumerate(grids):
        left, up = 70 + (place % columns) * cell_w, top + (place // columns) * cell_h
        values = [math.log(c[0]) for c in grid.cells.values() if c[0]]
        low, high_value = (min(values), max(values)) if values else (0, 1)
        body.append(words(left, up - 8, escape(grid.title), 12, "start", weight="bold"))
        for i, row in enumerate(grid.rows):
            y = up + i * high
            body.append(words(left - 7, y + high / 2 + 4, str(row), anchor="end"))
            for j, column in enumerate(grid.columns):
                x = left + j * wide
                value, first, second = grid.cells.get((row, column), (None, "", ""))
                share = (math.log(value) - low) / max(high_value - low, 1e-9) if value else 0
                fill = shade(share) if value else "#d9d9d9" if first else "#ffffff"
                colour = "#ffffff" if value and share > 0.5 else INK
                body.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="{fill}" stroke="white"/>')
                body.append(words(x + wide / 2, y + 16, escape(first), 11, colour=colour))
                body.append(words(x + wide / 2, y + 30, escape(second), 10, colour=colour))
        for j, column in enumerate(grid.columns):
            body.append(words(left + (j + 0.5) * wide, up + len(grid.rows) * high + 15, str(column)))
        body.append(words(left + len(grid.columns) * wide / 2, up + len(grid.rows) * high + 32, escape(grid.column_label)))
        body.append(words(left - 42, up + len(grid.rows) * high / 2, escape(grid.row_label), turn=-90))
    rows = -(-len(grids) // columns)
    write(path, 20 + columns * cell_w, top + rows * cell_h + 12, title, note, body)

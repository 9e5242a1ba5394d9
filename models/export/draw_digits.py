"""Twenty hand-shaped digits, drawn by this script alone, so that the samples owe nothing to MNIST.

Each digit is one or more pen strokes given in a unit square (x to the right, y down) and is then
brought to MNIST's form: the ink fits a 20x20 box, its centre of mass sits in the middle of 28x28.

    python draw_digits.py SHEET.png     writes all of them as one picture
"""

import sys
from dataclasses import dataclass

import numpy as np

SIDE = 28
BOX = 20


def line(*points):
    """A stroke with corners at the given points."""
    return np.array(points, dtype=float)


def curve(*points, steps=12):
    """A smooth stroke through the given points (Catmull-Rom spline)."""
    p = np.array(points, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:]):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3))
    return np.vstack(pieces + [p[-2:-1]])


@dataclass(frozen=True)
class Drawing:
    label: int
    width: float  # of the pen, in pixels
    turn: float  # degrees clockwise
    strokes: tuple


DRAWINGS = (
    Drawing(0, 2.6, 8, (curve((.55, 0), (.2, .12), (.02, .5), (.2, .9), (.5, 1), (.8, .88), (.92, .5), (.8, .12), (.5, 0)),)),
    Drawing(0, 3.4, 14, (curve((.5, 0), (.3, .15), (.22, .5), (.3, .85), (.5, 1), (.7, .85), (.78, .5), (.7, .15), (.45, .02)),)),
    Drawing(1, 2.8, 4, (line((.5, 0), (.5, 1)),)),
    Drawing(1, 3.4, 22, (line((.5, 0), (.5, 1)),)),
    Drawing(2, 2.6, 0, (curve((.08, .22), (.25, .04), (.55, 0), (.8, .18), (.72, .45), (.4, .75), (.05, 1)), line((.05, 1), (.95, .96)))),
    Drawing(2, 3.2, 5, (curve((.1, .2), (.4, 0), (.75, .1), (.75, .35), (.5, .7), (.25, .95), (.05, .92), (.15, .75), (.45, .85), (.7, .98), (1, .9)),)),
    Drawing(3, 2.6, 0, (curve((.1, .12), (.4, 0), (.75, .1), (.72, .34), (.35, .48)), curve((.35, .48), (.75, .58), (.85, .8), (.55, 1), (.05, .9)))),
    Drawing(3, 3.4, 8, (curve((.15, .1), (.5, 0), (.72, .2), (.55, .42), (.35, .47)), curve((.35, .47), (.7, .55), (.78, .78), (.5, .98), (.12, .95)))),
    Drawing(4, 2.6, 3, (line((.15, 0), (.08, .55), (.85, .5)), line((.78, .02), (.7, 1)))),
    Drawing(4, 3.2, 8, (curve((.2, .02), (.08, .3), (.15, .5), (.45, .52), (.75, .42)), line((.78, 0), (.72, .5), (.68, 1)))),
    Drawing(5, 2.6, 0, (line((.85, 0), (.25, .02), (.18, .42)), curve((.18, .42), (.5, .36), (.82, .52), (.78, .85), (.45, 1), (.05, .92)))),
    Drawing(5, 3.2, 8, (line((.9, .03), (.3, .06), (.22, .45)), curve((.22, .45), (.55, .42), (.7, .62), (.6, .88), (.3, 1), (.08, .9)))),
    Drawing(6, 2.6, 0, (curve((.68, 0), (.35, .2), (.12, .55), (.2, .9), (.5, 1), (.78, .85), (.72, .6), (.45, .54), (.18, .72)),)),
    Drawing(6, 3.2, 10, (curve((.5, 0), (.3, .3), (.2, .65), (.3, .95), (.55, .98), (.7, .8), (.6, .62), (.4, .64), (.26, .82)),)),
    Drawing(7, 2.6, 0, (line((.05, .06), (.9, .02)), curve((.9, .02), (.6, .45), (.4, 1)))),
    Drawing(7, 3.2, 4, (line((.1, .08), (.85, .04), (.4, 1)), line((.35, .52), (.85, .48)))),
    Drawing(8, 2.6, 4, (curve((.75, .12), (.45, 0), (.2, .18), (.4, .42), (.72, .65), (.72, .9), (.45, 1), (.2, .86), (.28, .62), (.6, .42), (.8, .2), (.7, .08)),)),
    Drawing(8, 3.0, 12, (curve((.5, 0), (.28, .12), (.32, .36), (.5, .46), (.7, .34), (.72, .12), (.5, 0)), curve((.5, .46), (.24, .62), (.28, .92), (.52, 1), (.76, .9), (.74, .6), (.5, .46)))),
    Drawing(9, 2.6, 0, (curve((.78, .15), (.5, 0), (.2, .15), (.2, .4), (.5, .48), (.75, .3), (.8, .12)), curve((.8, .12), (.76, .55), (.66, 1)))),
    Drawing(9, 3.2, 6, (curve((.72, .1), (.45, .02), (.26, .2), (.34, .4), (.58, .38), (.72, .1)), curve((.72, .1), (.74, .5), (.58, .88), (.3, .98)))),
)


def render(segments, width):
    """Antialiased ink of all segments [n, 2, 2] in pixels: full inside the pen, fading over one pixel at its edge."""
    grid = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1)[:, :, None, :] + 0.5
    start, along = segments[:, 0], segments[:, 1] - segments[:, 0]
    t = ((grid - start) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)
    nearest = start + np.clip(t, 0, 1)[..., None] * along
    distance = np.linalg.norm(grid - nearest, axis=-1).min(-1)
    return np.clip(width / 2 + 0.5 - distance, 0, 1)


def draw(drawing):
    angle = np.radians(drawing.turn)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    aspect = np.array([0.75, 1.0])
    segments = np.vstack([np.stack([s[:-1], s[1:]], axis=1) for s in drawing.strokes]) * aspect @ turn
    low, high = segments.min((0, 1)), segments.max((0, 1))
    segments = (segments - (low + high) / 2) * (BOX - drawing.width) / (high - low).max() + SIDE / 2
    ink = render(segments, drawing.width)
    rows, columns = np.indices(ink.shape) + 0.5
    mass = np.array([(columns * ink).sum(), (rows * ink).sum()]) / ink.sum()
    return np.round(255 * render(segments + SIDE / 2 - mass, drawing.width)).astype(np.uint8)


def digits():
    """All drawings: images uint8 [20, 28, 28] and labels int64 [20]."""
    return np.stack([draw(d) for d in DRAWINGS]), np.array([d.label for d in DRAWINGS], dtype=np.int64)


def main():
    from PIL import Image

    images, _ = digits()
    sheet = np.vstack([np.hstack(images[0::2]), np.hstack(images[1::2])])
    Image.fromarray(255 - sheet).resize((560, 112), Image.Resampling.NEAREST).save(sys.argv[1], optimize=True)


if __name__ == "__main__":
    main()

"""How a lesson's figure looks: readable in grey, by line styles and markers, and saved small."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tunesmith.errors import LessonError
from tunesmith.lessons.lesson import Findings, Lesson
from tunesmith.model.ownership import FIGURE_MARK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLES: Final[tuple[dict[str, Any], ...]] = (
    {"color": "#1b6ca8", "linestyle": "-", "marker": "o"},
    {"color": "#d1495b", "linestyle": "--", "marker": "s"},
    {"color": "#3a3a3a", "linestyle": ":", "marker": "^"},
    {"color": "#8f8f8f", "linestyle": "-.", "marker": "D"},
)
"""One for each line of a figure: colour, dashes and marker all tell them apart."""
HOW_TO_GET: Final = "no figure: matplotlib is not installed (pip install 'tunesmith[lessons]')"
"""Said where figures cannot be drawn."""
COLOURS: Final = 64
"""Of a saved figure."""
LOOK: Final = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "font.size": 9,
    "legend.frameon": False,
    "lines.markersize": 4.5,
    "lines.linewidth": 1.5,
    "savefig.dpi": 100,
}


@contextmanager
def _look() -> Iterator[None]:
    """Raise LessonError where there is no matplotlib; else draw as in LOOK."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise LessonError(HOW_TO_GET) from error
    with mpl.rc_context(LOOK):
        yield


def save(lesson: Lesson, findings: Findings, folder: Path) -> Path:
    """Write the lesson's figure to folder/ID.png and return its path.

    Raises LessonError without matplotlib. No window and no display are needed.
    """
    with _look():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        figure = Figure(figsize=(7, 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        lesson.draw(findings, figure)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{lesson.id}.png"
        about = PngInfo()
        about.add_text("Software", FIGURE_MARK)
        drawn = BytesIO()
        figure.savefig(drawn)
        # few colours are enough, and make a third of the bytes
        picture = Image.open(drawn).convert("RGB").quantize(COLOURS)
        picture.save(path, optimize=True, pnginfo=about)
    return path


def band(axes: "Axes", x: Any, middle: Any, low: Any, high: Any, number: int, label: str) -> None:
    """Draw a line with its interval as a band, in the style of that number."""
    style = STYLES[number]
    axes.plot(x, middle, label=label, **style)
    axes.fill_between(x, low, high, color=style["color"], alpha=0.15, linewidth=0)


def bars(axes: "Axes", names: list[str], values: Any, low: Any, high: Any) -> None:
    """Draw points with intervals, one line for each name, the first on top."""
    places = range(len(names))
    for place, value, left, right in zip(places, values, low, high, strict=True):
        axes.plot([left, right], [place, place], color="#777777", linewidth=2)
        axes.plot([value], [place], color="#1b6ca8", marker="o", linestyle="none")
    axes.set_yticks(list(places), names)
    axes.set_ylim(len(names) - 0.5, -0.5)

"""Pictures beside the pages, as SVG and PNG, and the script that draws charts in a browser."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path

from publish_py.charts import Figure
from publish_py.hexmap import HexMap
from publish_py.render import Content, map_picture

MAP_SCALE = 2.0


def write_pictures(assets: Path, content: Content, *, synthetic: bool) -> None:
    """Write every figure and map as SVG and PNG.

    Drawing and turning a drawing into pixels both let other threads run, so they go on side
    by side.

    Parameters
    ----------
    assets
        The folder, which is there.
    content
        What the pages show.
    synthetic
        Whether maps are marked as SYNTHETIC; figures carry the mark in their specification.
    """
    real = content.public.figures if content.public else ()
    work: list[Callable[[], None]] = [
        *(partial(write_figure, assets, one) for one in (*content.figures, *real)),
        *(partial(_write_map, assets, one, synthetic) for one in content.maps),
    ]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for done in [pool.submit(one) for one in work]:
            done.result()


def write_figure(assets: Path, figure: Figure) -> None:
    """Write one figure as SVG and PNG."""
    picture = figure.svg()
    (assets / f"{figure.name}.svg").write_text(picture, encoding="utf-8", newline="\n")
    (assets / f"{figure.name}.png").write_bytes(figure.png(picture))


def _write_map(assets: Path, one: HexMap, synthetic: bool) -> None:
    import vl_convert as vlc  # noqa: PLC0415 (only where pictures are made)

    picture = map_picture(one, synthetic=synthetic)
    (assets / f"{one.name}.svg").write_text(picture, encoding="utf-8", newline="\n")
    (assets / f"{one.name}.png").write_bytes(bytes(vlc.svg_to_png(picture, scale=MAP_SCALE)))


def vega_bundle(cache: Path) -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that needs no network.

    The bundle has the shape of a module; browsers refuse modules from disk, so it is wrapped
    into a plain script of its own scope. Bundling takes seconds and depends on nothing but
    the version of vl-convert, so its result is kept.

    Parameters
    ----------
    cache
        The folder where it is kept.
    """
    import vl_convert as vlc  # noqa: PLC0415 (only where pictures are made)

    kept = cache / f"vega_{version('vl-convert-python')}.js"
    if not kept.is_file():
        bundle = vlc.javascript_bundle()  # type: ignore[call-arg]  # its stub lacks the default
        cache.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(f".{os.getpid()}")
        beside.write_text(f"(function () {{\n{bundle}\n}})();\n", encoding="utf-8", newline="\n")
        beside.replace(kept)
    return kept.read_text(encoding="utf-8")

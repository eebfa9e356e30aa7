"""A folder of real published files as the geography: recognised by header, read, and copied."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from python_calamine import CalamineWorkbook

from common_py.errors import CinError
from synth_py import facts
from synth_py.config import AGES
from synth_py.geography import Geography

Ints = NDArray[np.int64]
Texts = NDArray[np.str_]

_POPULATION = ("LSOA Code", "All Ages", "0", "15", "90+")
CSV_KINDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "income score of 2015 by LSOA": (
        ("lsoa11_code", "income_score_2015"),
        ("LSOA code (2011)", "Local Authority District code (2013)", "Income Score (rate)"),
    ),
    "OA to LSOA to MSOA to LAD17 lookup": (("OA11CD", "LSOA11CD", "MSOA11CD", "LAD17CD"),),
    "LSOA to ward to LAD19 lookup": (("LSOA11CD", "WD19CD", "LAD19CD"),),
    "LTLA19 to UTLA19 lookup": (("LTLA19CD", "UTLA19CD"),),
    "persons of SAPE22DT2": (_POPULATION,),
    "males of SAPE22DT2": (_POPULATION,),
    "females of SAPE22DT2": (_POPULATION,),
    "IoD 2019 File 7": (
        ("LSOA code (2011)", "Local Authority District code (2019)", "Income Score (rate)"),
    ),
    "RUC 2011 of LSOAs": (("LSOA11CD", "RUC11CD"),),
}
#: Headers of DfE's underlying data, and of the LAIT file of all measures.
_UNDERLYING = frozenset({"time_period", "geographic_level", "old_la_code"})
_LAIT = frozenset({"LA Number", "Years"})
BOOK_KINDS = {
    "IoD 2015 File 11": ("Income", "Upper Tier Local Authority District code (2013)"),
    "IoD 2019 File 11": ("Income", "Upper Tier Local Authority District code (2019)"),
    "SAPE21DT11": ("Mid-2018 Population Density", "People per Sq Km"),
}


@dataclass(frozen=True)
class RealFiles:
    """The published files of a folder that synthesis and the warehouse need.

    Attributes
    ----------
    folder
        Where they are; nothing is written there.
    paths
        Path by kind: the keys of `CSV_KINDS` and `BOOK_KINDS`.
    """

    folder: Path
    paths: dict[str, Path]


def find_files(folder: Path) -> RealFiles:
    """Recognise the files of a folder by their headers.

    Raises
    ------
    CinError
        If the folder or one of the files is not there.
    """
    if not folder.is_dir():
        raise CinError("the reference folder does not exist", file=str(folder),
                       remedy="give the folder that holds the published files")  # fmt: skip
    paths: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        for kind in _kinds(path):
            paths.setdefault(kind, path)
    for kind in (*CSV_KINDS, *BOOK_KINDS):
        if kind not in paths:
            raise CinError(
                f"no file has the headers of: {kind}",
                file=str(folder),
                remedy="add the published file to the folder, or leave the folder out",
            )
    return RealFiles(folder, paths)


def _kinds(path: Path) -> Iterator[str]:
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        header = set(_header(path))
        for kind, choices in CSV_KINDS.items():
            sex, _, table = kind.partition(" of ")
            named = table != "SAPE22DT2" or f"_{sex}." in name
            if named and any(set(choice) <= header for choice in choices):
                yield kind
    elif name.endswith(".xlsx"):
        book = CalamineWorkbook.from_path(str(path))
        for kind, (sheet, header_cell) in BOOK_KINDS.items():
            if sheet in book.sheet_names and header_cell in _top_cells(book, sheet):
                yield kind


def _top_cells(book: CalamineWorkbook, sheet: str) -> set[str]:
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False, nrows=6)
    return {str(cell).strip() for row in rows for cell in row}


def _header(path: Path) -> list[str]:
    packing = "gzip" if path.suffix == ".gz" else None
    with pa.input_stream(str(path), compression=packing) as stream:
        line = stream.read(8192).decode("utf-8-sig", errors="replace").splitlines()[:1]
    return [cell.strip() for cell in next(csv.reader(line), [])]


def _read(path: Path, columns: tuple[str, ...]) -> dict[str, Texts]:
    """Read some columns of a CSV file as text."""
    header = _header(path)
    wanted = [header.index(name) for name in columns]
    names = [str(i) for i in range(len(header))]
    table = pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(column_names=names, skip_rows=1),
        convert_options=pa.csv.ConvertOptions(
            include_columns=[names[i] for i in wanted],
            column_types={names[i]: pa.string() for i in wanted},
        ),
    )
    return {
        name: table.column(names[i]).to_numpy().astype(np.str_)
        for name, i in zip(columns, wanted, strict=True)
    }


def published_tables(folder: Path) -> list[Path]:
    """Return the files of DfE's published tables: real figures that stand beside a census."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if (path.name.lower().endswith((".csv", ".csv.gz")) and _is_published(_header(path)))
        or re.fullmatch(r"s251.*20\d\d.*\.xlsx", path.name.lower())
        or (path.suffix == ".parquet" and set(pq.read_schema(path).names) >= _LAIT)
    ]


def _is_published(header: list[str]) -> bool:
    return set(header) >= _UNDERLYING and "new_la_code" in header


def copy_reference(files: RealFiles, target: Path) -> None:
    """Copy the files below `target`, each under its own name and in its own folder.

    Published tables of figures go with them: the real results are made of those.
    """
    for path in dict.fromkeys([*files.paths.values(), *published_tables(files.folder)]):
        to = target / path.relative_to(files.folder)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)


def read_geography(files: RealFiles) -> Geography:
    """Read England: LSOAs by authority of 2018/19, income, averages and children.

    Raises
    ------
    CinError
        If an English LSOA of the lookup is missing from another file.
    """
    lsoa, la_code = _authorities(files)
    moments = facts.la_moments()
    codes = moments.text("la_code")
    la = _match(codes, la_code, "authorities seed", "la_code")
    order = np.lexsort((lsoa, la))
    lsoa, la = lsoa[order], la[order]
    msoas = _column(files, "OA to LSOA to MSOA to LAD17 lookup", lsoa, ("LSOA11CD", "MSOA11CD"))
    ruc = _column(files, "RUC 2011 of LSOAs", lsoa, ("LSOA11CD", "RUC11CD"))
    msoa_code, msoa = np.unique(msoas, return_inverse=True)
    return Geography(
        lsoa_code=lsoa,
        la=la,
        la_number=moments.text("la_number"),
        la_code=codes,
        income=_income(files, lsoa),
        la_income=_averages(files, codes),
        children=np.stack([_children(files, sex, lsoa) for sex in ("males", "females")], axis=2),
        msoa=msoa,
        msoa_code=msoa_code,
        rural=np.isin(ruc.astype("U1"), ("D", "E")),
        density=_densities(files, lsoa),
        elderly=_elderly(files, lsoa, la, codes.size),
    )


def _column(files: RealFiles, kind: str, lsoa: Texts, names: tuple[str, str]) -> Texts:
    """Return a column of a CSV file by LSOA; `names` are those of the LSOA and the column."""
    path = files.paths[kind]
    table = _read(path, names)
    return table[names[1]][_match(table[names[0]], lsoa, path.name, names[0])]


def _densities(files: RealFiles, lsoa: Texts) -> NDArray[np.float64]:
    """Return people per km² from SAPE21DT11."""
    path = files.paths["SAPE21DT11"]
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(BOOK_KINDS["SAPE21DT11"][0])
    rows = [row for row in sheet.to_python() if len(row) >= 5 and str(row[0]).startswith("E0")]
    values = np.array([float(str(row[4])) for row in rows])
    return values[_match(np.array([str(row[0]) for row in rows]), lsoa, path.name, "Code")]


def _elderly(files: RealFiles, lsoa: Texts, la: Ints, n_las: int) -> NDArray[np.float64]:
    """Return each authority's share of residents aged 65 and over, shape (J,)."""
    path = files.paths["persons of SAPE22DT2"]
    old = (*(str(age) for age in range(65, 90)), "90+")
    table = _read(path, ("LSOA Code", "All Ages", *old))
    at = _match(table["LSOA Code"], lsoa, path.name, "LSOA Code")
    everybody = table["All Ages"][at].astype(np.float64)
    aged = np.sum([table[age][at].astype(np.float64) for age in old], axis=0)
    return np.bincount(la, aged, n_las) / np.bincount(la, everybody, n_las)


def _match(known: Texts, wanted: Texts, file: str, column: str) -> Ints:
    """Return where each wanted code stands among the known ones."""
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known, wanted, sorter=order), known.size - 1)
    place = order[at]
    lost = np.unique(wanted[known[place] != wanted])
    if lost.size:
        raise CinError(
            f"{lost.size} areas have no row, {lost[0]} for one",
            file=file,
            place=f"column {column}",
            remedy="use the file as published, for the whole of England",
        )
    return place.astype(np.int64)


def _authorities(files: RealFiles) -> tuple[Texts, Texts]:
    """Return English LSOAs and the ONS code of their authority of 2018/19.

    April 2019 upper tiers, but Bournemouth, Poole and Dorset by their districts of 2017.
    """
    path = files.paths["OA to LSOA to MSOA to LAD17 lookup"]
    areas = _read(path, ("LSOA11CD", "LAD17CD"))
    english = np.char.startswith(areas["LSOA11CD"], "E")
    lsoa, first = np.unique(areas["LSOA11CD"][english], return_index=True)
    lad17 = areas["LAD17CD"][english][first]
    wards_path = files.paths["LSOA to ward to LAD19 lookup"]
    wards = _read(wards_path, ("LSOA11CD", "LAD19CD"))
    lad19 = wards["LAD19CD"][_match(wards["LSOA11CD"], lsoa, wards_path.name, "LSOA11CD")]
    tiers_path = files.paths["LTLA19 to UTLA19 lookup"]
    tiers = _read(tiers_path, ("LTLA19CD", "UTLA19CD"))
    utla = tiers["UTLA19CD"][_match(tiers["LTLA19CD"], lad19, tiers_path.name, "LTLA19CD")]
    for row in facts.read_rows(facts.seed_path("geography/lad17_la_overrides.csv")):
        utla[lad17 == row["lad17_code"]] = row["la_code"]
    return lsoa, utla


def _income(files: RealFiles, lsoa: Texts) -> NDArray[np.float64]:
    path = files.paths["income score of 2015 by LSOA"]
    header = _header(path)
    columns = ("lsoa11_code", "income_score_2015")
    if columns[0] not in header:
        columns = ("LSOA code (2011)", "Income Score (rate)")
    scores = _read(path, columns)
    at = _match(scores[columns[0]], lsoa, path.name, columns[0])
    return scores[columns[1]][at].astype(np.float64)


def _averages(files: RealFiles, codes: Texts) -> NDArray[np.float64]:
    path = files.paths["IoD 2015 File 11"]
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Income").to_python()
    header = [str(cell).strip() for cell in rows[0]]
    code = header.index("Upper Tier Local Authority District code (2013)")
    score = header.index("Income - Average score")
    known = np.array([str(row[code]) for row in rows[1:]])
    values = np.array([float(str(row[score])) for row in rows[1:]])
    return values[_match(known, codes, path.name, header[code])]


def _children(files: RealFiles, sex: str, lsoa: Texts) -> Ints:
    path = files.paths[f"{sex} of SAPE22DT2"]
    ages = tuple(str(age) for age in AGES)
    table = _read(path, ("LSOA Code", *ages))
    at = _match(table["LSOA Code"], lsoa, path.name, "LSOA Code")
    return np.column_stack([table[age][at].astype(np.float64).astype(np.int64) for age in ages])

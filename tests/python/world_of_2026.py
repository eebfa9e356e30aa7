"""A small England moved to the census of 2026: LSOAs of 2021 and IoD 2025. SYNTHETIC.

Of every tenth MSOA the first LSOA has been split, of the next the first two have been merged, the
rest is unchanged; a third of the locations keep LSOAs of 2011; authorities are those of 31 March
2026. Made of what `cin synth` wrote, by SQL.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from tests.python.tiny_census import write_csv, write_workbook

PROJECT = Path(__file__).resolve().parents[2]
NEW_AUTHORITIES = {"835": "838", "836": "839", "837": "839"}
AGES = range(91)

_AREAS = """
create table lsoas as
select distinct LSOA11CD as lsoa11, MSOA11CD as msoa, LAD17CD as lad17
from read_csv('{lookups}/Output_Area*.csv.gz', all_varchar = true);
create table lad19 as
select LSOA11CD as lsoa11, LAD19CD as lad from read_csv('{lookups}/Lower_Layer*.csv', all_varchar = true);
create table upper as
select LTLA19CD as lad, UTLA19CD as utla from read_csv('{lookups}/Lower_Tier*.csv', all_varchar = true);
create table changes as
select * from read_csv('{seeds}/lad_changes.csv', types = {{'first_census_year': 'integer'}});
create table authorities as
select * from read_csv('{seeds}/la_authorities.csv', types = {{'la_number': 'varchar'}});

create table kinds as
select *, dense_rank() over (order by msoa) % 10 as kind,
    row_number() over (partition by msoa order by lsoa11) as place, count(*) over (partition by msoa) as n
from lsoas;
create table links as
with changed as (
    select lsoa11, msoa, unnest(case
        when kind = 0 and place = 1 then [lsoa11 || '-1', lsoa11 || '-2']
        when kind = 1 and n > 1 and place <= 2 then [msoa || '-3']
        else [lsoa11] end) as new_name,
        case when kind = 0 and place = 1 then 'S' when kind = 1 and n > 1 and place <= 2 then 'M' else 'U' end as change
    from kinds
)
select lsoa11, msoa, change, lad19.lad, case when change = 'U' then lsoa11
    else 'E01099' || lpad(cast(dense_rank() over (order by change = 'U', new_name) as varchar), 3, '0') end as lsoa21
from changed inner join lad19 using (lsoa11);
create table districts as
select links.lad as lad19,
    any_value(coalesce(at22.new_lad_code, links.lad)) as lad22,
    any_value(coalesce(at24.new_lad_code, links.lad)) as lad23,
    any_value(numbers.la_number) as la_number
from links
left join changes as at22 on links.lad = at22.old_lad_code and at22.first_census_year <= 2022
left join changes as at24 on links.lad = at24.old_lad_code and at24.first_census_year <= 2024
left join upper on links.lad = upper.lad
inner join (select distinct la_code, la_number from authorities) as numbers
    on coalesce(at24.new_lad_code, upper.utla, links.lad) = numbers.la_code
group by links.lad;
create table people as
select "LSOA Code" as lsoa11, {ages}
from read_csv('{population}/SAPE22DT2_Mid-2019_Persons.csv.gz', all_varchar = true);
create table males as
select "LSOA Code" as lsoa11, {ages}
from read_csv('{population}/SAPE22DT2_Mid-2019_Males.csv.gz', all_varchar = true);
create table scores as
select "LSOA code (2011)" as lsoa11, cast("Income Score (rate)" as double) as income
from read_csv('{iod}/File_7*.csv', all_varchar = true);
"""  # noqa: E501
_POPULATION = """
select links.lsoa21, {females}, {males}
from links inner join people using (lsoa11) inner join males using (lsoa11)
group by links.lsoa21 order by links.lsoa21
"""
_SCORES = """
select links.lsoa21, any_value(districts.lad23) as lad, round(avg(income), 3) as income,
    cast(sum(people.age_0 + people.age_40) * 40 as bigint) as residents,
    cast(sum(people.age_0 + people.age_10) * 8 as bigint) as children
from links inner join scores using (lsoa11) inner join people using (lsoa11)
inner join districts on links.lad = districts.lad19
group by links.lsoa21 order by links.lsoa21
"""
_AVERAGES = """
select codes.la_code, codes.la_name,
    round(sum(scores.income * people.age_0) / sum(people.age_0), 3)
from links inner join scores using (lsoa11) inner join people using (lsoa11)
inner join districts on links.lad = districts.lad19
inner join authorities as codes on districts.la_number = codes.la_number
    and 2024 between codes.first_census_year and codes.last_census_year
group by codes.la_code, codes.la_name order by codes.la_code
"""
_UPPER = """
select districts.lad23, any_value(codes.la_code)
from districts inner join authorities as codes on districts.la_number = codes.la_number
    and 2024 between codes.first_census_year and codes.last_census_year
group by districts.lad23 order by districts.lad23
"""
_LOCATIONS = """
select located.* replace (case
    when hash(located.lsoa_code || located.la_child_id) % 3 = 0 then located.lsoa_code
    else coalesce(new.lsoa21, located.lsoa_code) end as lsoa_code)
from read_parquet('{file}') as located
left join (select lsoa11, min(lsoa21) as lsoa21 from links group by lsoa11) as new
    on located.lsoa_code = new.lsoa11
where located.la_number not in ({gone})
order by located.la_number, located.la_child_id, located.upn
"""


def move_to_2026(small: Path, data: Path) -> duckdb.DuckDBPyConnection:
    """Write the world of 2026 below `data`; return the database of how it was made."""
    made = duckdb.connect()
    reference = small / "reference"
    made.execute(
        _AREAS.format(
            lookups=reference / "lookups",
            population=reference / "population",
            iod=reference / "iod2019",
            seeds=PROJECT / "seeds" / "geography",
            ages=", ".join(f'cast("{a if a < 90 else "90+"}" as bigint) as age_{a}' for a in AGES),
        )
    )
    for folder in ("lookups", "ruc", "density"):
        shutil.copytree(reference / folder, data / "reference" / folder)
    _write_reference(made, data / "reference")
    _write_census(made, small, data)
    shutil.copytree(small / "synthetic", data / "synthetic")
    (data / "synthetic" / "planted.csv").unlink()
    return made


def _write_reference(made: duckdb.DuckDBPyConnection, folder: Path) -> None:
    females = ", ".join(f"sum({_part(f'people.age_{a} - males.age_{a}')}) as f{a}" for a in AGES)
    males = ", ".join(f"sum({_part(f'males.age_{a}')}) as m{a}" for a in AGES)
    rows = made.execute(_POPULATION.format(females=females, males=males)).fetchall()
    header = ["LSOA 2021 Code", "Total", *(f"F{a}" for a in AGES), *(f"M{a}" for a in AGES)]
    write_csv(
        folder / "Mid-2024 LSOA 2021.csv",
        [header, *([row[0], sum(row[1:]), *row[1:]] for row in rows)],
    )
    scores = made.execute(_SCORES).fetchall()
    columns = (
        "LSOA code (2021)", "Local Authority District code (2024)", "Income Score (rate)",
        "Total population: mid 2022", "Dependent Children aged 0-15: mid 2022",
    )  # fmt: skip
    write_csv(folder / "File_7_2025.csv", [columns, *scores])
    upper = "Upper Tier Local Authority District"
    averages = (f"{upper} code (2024)", f"{upper} name (2024)", "Income - Average score")
    write_workbook(
        folder / "File_11_2025.xlsx", {"Income": [averages, *made.execute(_AVERAGES).fetchall()]}
    )
    exact_fit = made.execute(
        "select lsoa11, lsoa21, change, lad22 from links "
        "inner join districts on links.lad = districts.lad19 order by lsoa11, lsoa21"
    ).fetchall()
    write_csv(folder / "exact_fit.csv", [("LSOA11CD", "LSOA21CD", "CHGIND", "LAD22CD"), *exact_fit])
    pairs = made.execute(_UPPER).fetchall()
    write_csv(folder / "ltla_utla_2023.csv", [("LTLA23CD", "UTLA23CD"), *pairs])


def _part(value: str) -> str:
    """Give 3 in 5 of a split LSOA to one part, the rest to the other."""
    first = f"({value}) * 3 // 5"
    return (
        f"case when change <> 'S' then {value} "  # noqa: S608 - our own words
        f"when lsoa21 = (select min(l.lsoa21) from links as l where l.lsoa11 = links.lsoa11) "
        f"then {first} else {value} - {first} end"
    )


def _write_census(made: duckdb.DuckDBPyConnection, small: Path, data: Path) -> None:
    gone = ", ".join(f"'{la}'" for la in NEW_AUTHORITIES)
    extract = data / "census" / "2026" / "extract"
    extract.mkdir(parents=True)
    for file in sorted((small / "census" / "2019" / "extract").glob("*.parquet")):
        rows = f"read_parquet('{file}') where la_number not in ({gone})"
        names = made.execute(f"describe select * from {rows}").fetchall()  # noqa: S608 - our own
        columns = ", ".join(_moved(str(name[0])) for name in names)
        made.execute(f"copy (select {columns} from {rows}) to '{extract / file.name}'")  # noqa: S608
    folder = data / "locations" / "2026"
    folder.mkdir(parents=True)
    (file,) = (small / "locations" / "2019").glob("*.parquet")
    query = _LOCATIONS.format(file=file, gone=gone)
    made.execute(f"copy ({query}) to '{folder / file.name}'")


def _moved(column: str) -> str:
    if column == "census_year":
        return "'2026' as census_year"
    if column == "sex":
        return "case sex when '1' then 'M' when '2' then 'F' else 'U' end as sex"
    if column.endswith("_date"):
        return f"strftime(try_cast({column} as date) + interval 7 year, '%Y-%m-%d') as {column}"
    return column

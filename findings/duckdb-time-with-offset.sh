#!/usr/bin/env bash
# DuckDB: a time with an offset is another time in Arrow than in Parquet.
#
# Versions: duckdb 2.0.1, pyarrow 26.0.1.
#
# Two values of the type TIME WITH TIME ZONE, exported both ways and read with pyarrow:
#
#     DuckDB   12:00:00+05, 09:00:00+02   distinct: 2
#     Arrow    12:00:00, 09:00:00         distinct: 2   time64[us]
#     Parquet  07:00:00, 07:00:00         distinct: 1   time64[us]
#
# Why it is surprising: both routes give the Arrow type time64[us], so nothing shows that one
# holds the local time without its offset, and the other the time in UTC. A model fitted on
# the Parquet file and applied to the Arrow table of the same query gets different hours, and
# two distinct values of the column become one in Parquet.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1

cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import duckdb
import pyarrow.parquet

connection = duckdb.connect()
connection.execute("create table t (x timetz)")
connection.execute("insert into t values ('12:00:00+05'), ('09:00:00+02')")
connection.execute("copy t to 't.parquet' (format parquet)")

distinct = connection.execute("select count(distinct x) from t").fetchone()[0]
texts = [row[0] for row in connection.execute("select x::varchar from t").fetchall()]
arrow = connection.sql("from t").to_arrow_table()["x"]
parquet = pyarrow.parquet.read_table("t.parquet")["x"]

print(f"DuckDB   {', '.join(texts)}   distinct: {distinct}")
for route, column in (("Arrow", arrow), ("Parquet", parquet)):
    times = [str(time) for time in column.to_pylist()]
    print(f"{route:<8} {', '.join(times)}         distinct: {len(set(times))}   {column.type}")

if arrow.type != parquet.type:
    sys.exit("CHANGED: the two routes give different types")
if [time.hour for time in arrow.to_pylist()] != [12, 9]:
    sys.exit("CHANGED: Arrow no longer gets the local time")
if [time.hour for time in parquet.to_pylist()] != [7, 7]:
    sys.exit("CHANGED: Parquet no longer gets the time in UTC")
print("as described: two exports of one column disagree under one type")
PYTHON

# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/golden/parquet/*.parquet with PyArrow: each way of packing and encoding that is read, conversations as
Hugging Face stores them, and what is not read.  Usage: make_parquet.py [FOLDER]"""
import datetime
import decimal
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "golden" / "parquet")
folder.mkdir(exist_ok=True, parents=True)
n = 37
plain = pa.table({
    "id": pa.array(range(n), pa.int64()),
    "question": [f"What is {i}?" if i % 7 else None for i in range(n)],
    "answer": [f"Answer {i % 3} ä" for i in range(n)],
    "label": pa.array([f"class {i % 2}" for i in range(n)]).dictionary_encode(),
    "score": pa.array([i / 8 for i in range(n)], pa.float32()),
    "picture": pa.array([b"\xff\xfe" for i in range(n)], pa.binary()),
})
for name, options in {
    "snappy": {"compression": "snappy"},
    "zstd": {"compression": "zstd", "row_group_size": 10},
    "gzip": {"compression": "gzip", "data_page_version": "2.0"},
    "none": {"compression": "none", "use_dictionary": False, "data_page_size": 64},
    "lz4": {"compression": "lz4"},
    "delta": {"compression": "none", "use_dictionary": False, "column_encoding": {"answer": "DELTA_LENGTH_BYTE_ARRAY"}},
}.items():
    pq.write_table(plain, folder / f"{name}.parquet", **options)

types = pa.table({
    "question": pa.array([-5, None, 7], pa.int32()),
    "answer": pa.array([0.1, 1e300, -2.5], pa.float64()),
    "label": pa.array([True, None, False], pa.bool_()),
    "group": pa.array([datetime.date(2024, 2, 29), None, datetime.date(1969, 12, 31)], pa.date32()),
    "system": pa.array([datetime.datetime(2024, 2, 29, 12, 30, 1, 500000), None, datetime.datetime(1969, 12, 31, 23, 59, 59)], pa.timestamp("us")),
    "rejected": pa.array([decimal.Decimal("-0.05"), decimal.Decimal("12.30"), None], pa.decimal128(7, 2)),
})
pq.write_table(types, folder / "types.parquet", store_decimal_as_integer=True)

turn = pa.struct([("role", pa.string()), ("content", pa.string())])
chat = pa.table({
    "id": ["a", "b", "c", "d"],
    "messages": pa.array([
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is \"gout\"?"}, {"role": "assistant", "content": "A\ndisease"}],
        [],
        [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "1"}],
        None,
    ], pa.list_(turn)),
    "tags": pa.array([["x", None], [], None, ["y"]], pa.list_(pa.string())),
})
pq.write_table(chat, folder / "chat.parquet")

# Lists over pages of some values each.
dialogue = pa.table({"messages": pa.array([
    [{"role": r, "content": f"{r} {i}"} for r in ("system", "user", "assistant")] for i in range(12)], pa.list_(turn))})
pq.write_table(dialogue, folder / "pages.parquet", compression="none", data_page_size=1, write_batch_size=5)

# One row of 70000 times the same long name without a value.
pq.write_table(
    pa.table({"id": ["a"], "parts": pa.array([[{"x" * 1000: None}] * 70000], pa.list_(pa.struct([("x" * 1000, pa.string())])))}),
    folder / "long-row.parquet")

# Decimals in bytes, the last of which is longer than a number of the computer; bytes that are no text beside a list.
pq.write_table(pa.table({
    "question": pa.array([decimal.Decimal("-0.05"), decimal.Decimal("12.30"), decimal.Decimal("-12345.67")], pa.decimal128(7, 2)),
    "answer": pa.array([decimal.Decimal("-7.001"), decimal.Decimal("9000000000000000.125"), decimal.Decimal("1" + 30 * "0")], pa.decimal128(38, 3)),
}), folder / "decimals.parquet")
pq.write_table(pa.table({
    "question": ["a", "b"], "answer": pa.array([b"good", b"\xff\xfe"], pa.binary()), "tags": pa.array([["x"], []], pa.list_(pa.string())),
}), folder / "not-text.parquet")

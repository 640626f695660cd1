#!/usr/bin/env python3
"""Decoders written from the comments of matrices/formats/format.h and file.h alone, against `heddle matrix convert`.

usage: read_formats.py HEDDLE FOLDER     works in FOLDER; exit code 1 and a line for what differs
"""
import random
import struct
import subprocess
import sys

HEDDLE, FOLDER = sys.argv[1], sys.argv[2]
SHAPES = [(1, 1), (64, 1), (1, 64), (65, 63), (130, 70), (200, 1)]
DENSITIES = [0, 0.02, 0.5, 1]


def words(data, letter):
    return struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data)


def read_file(path):
    """(options, sections by name) of version 1."""
    data = open(path, "rb").read()
    assert data[:8] == b"HEDDLEFM" and words(data[8:12], "I")[0] == 1
    sections, at = {}, 76 + 24 * words(data[20:24], "I")[0]
    for entry in range(76, at, 24):
        name, length = data[entry:entry + 16].rstrip(b"\0").decode(), words(data[entry + 16:entry + 24], "Q")[0]
        sections[name] = data[at:at + length]
        at += length
    assert at == len(data), "bytes behind the last section"
    return sections


def spread(places, bits, values, at, found):
    """Values from `at` on go to the places whose bit is set; how many there were."""
    begin = at
    for place, bit in zip(places, bits):
        if bit:
            found[place] = values[at]
            at += 1
    return at - begin


def high_first(word):
    return [word >> 63 - i & 1 for i in range(64)]


def bitmap(sections, rows, cols):
    found, places = {}, [(i // cols, i % cols) for i in range(rows * cols)]
    bits = [bit for word in words(sections["bitmap"], "Q") for bit in high_first(word)]
    values = words(sections["values"], "H")
    assert spread(places, bits, values, 0, found) == len(values)
    return found


def tile_bitmap(sections, rows, cols, order):
    bands, blocks = -(-rows // 64), -(-cols // 64)
    if order == "columns":
        tiles = [[(64 * b + i, c) for i in range(64)] for b in range(bands) for c in range(cols)]
    else:
        tiles = [[(64 * b + r, 64 * q + i) for i in range(64)]
                 for b in range(bands) for q in range(blocks) for r in range(64)]
    offsets, values, found = words(sections["offsets"], "I"), words(sections["values"], "H"), {}
    bitmaps = words(sections["bitmap"], "Q")
    assert len(bitmaps) == len(tiles) == len(offsets) - 1
    for t, places in enumerate(tiles):
        count = spread(places, high_first(bitmaps[t]), values, 2 * offsets[t], found)
        assert offsets[t + 1] - offsets[t] == -(-count // 8) * 4
    return found


def tca_bme(sections, rows, cols):
    across, found = -(-cols // 64), {}
    offsets, values = words(sections["offsets"], "I"), words(sections["values"], "H")
    for group in range(-(-rows // 64) * across):
        at = offsets[group]
        for tile in range(64):
            block, corner = divmod(tile, 4)
            row = group // across * 64 + block // 4 * 16 + corner % 2 * 8
            column = group % across * 64 + block % 4 * 16 + corner // 2 * 8
            word = words(sections["bitmap"], "Q")[64 * group + tile]
            places = [(row + i // 8, column + i % 8) for i in range(64)]
            at += spread(places, [word >> i & 1 for i in range(64)], values, at, found)
        assert offsets[group + 1] == offsets[group] + -(-(at - offsets[group]) // 8) * 8
    return found


def csr_int4(sections, rows):
    pointers, columns = words(sections["pointers"], "I"), words(sections["columns"], "I")
    nibbles = [half for byte in sections["values"] for half in (byte & 15, byte >> 4)]
    return {(row, columns[i]): nibbles[i] - 16 * (nibbles[i] > 7)
            for row in range(rows) for i in range(pointers[row], pointers[row + 1])}


def bsr_int8(sections, block):
    pointers, columns, values = (words(sections[s], l) for s, l in (("pointers", "I"), ("columns", "I"), ("values", "b")))
    area = block * block
    return {(row * block + i // block, columns[b] * block + i % block): values[b * area + i]
            for row in range(len(pointers) - 1) for b in range(pointers[row], pointers[row + 1])
            for i in range(area) if values[b * area + i]}


def finite_half(bits):
    return bits & 0x7c00 != 0x7c00 and bits & 0x7fff != 0


def check(what, matrix, rows, cols, value, options, decoder):
    """Encodes `matrix` (codes by place), decodes it here, and once more with --decode."""
    number = (lambda code: struct.unpack("<e", struct.pack("<H", code))[0]) if value == "fp16" else float
    with open(FOLDER + "/in.mtx", "w") as out:
        out.write(f"%%MatrixMarket matrix coordinate real general\n{rows} {cols} {len(matrix)}\n")
        out.writelines(f"{r + 1} {c + 1} {number(code)!r}\n" for (r, c), code in matrix.items())
    convert = [HEDDLE, "matrix", "convert"]
    subprocess.run([*convert, "--value", value, *options, FOLDER + "/in.mtx", FOLDER + "/x.bin"], check=True)
    subprocess.run([*convert, "--decode", FOLDER + "/x.bin", FOLDER + "/out.mtx"], check=True)
    lines = [line.split() for line in open(FOLDER + "/out.mtx") if line[0] != "%"][1:]
    back = {(int(r) - 1, int(c) - 1): float(v) for r, c, v in lines}
    if decoder(read_file(FOLDER + "/x.bin")) != matrix or back != {p: number(code) for p, code in matrix.items()}:
        sys.exit(f"{what}: {rows} x {cols}, {len(matrix)} nonzeros")


def main():
    draw = random.Random(7)
    halves = [bits for bits in range(65536) if finite_half(bits)]
    done = 0
    for rows, cols in SHAPES:
        for density in DENSITIES:
            places = [(r, c) for r in range(rows) for c in range(cols) if draw.random() < density]
            half = {place: draw.choice(halves) for place in places}
            small = {place: draw.choice([-7, -3, -1, 1, 2, 7]) for place in places}
            check("bitmap", half, rows, cols, "fp16", ["--format", "bitmap"], lambda s: bitmap(s, rows, cols))
            for order in "columns", "rows":
                check("tile_bitmap", half, rows, cols, "fp16", ["--format", "tile_bitmap", "--tile-order", order],
                      lambda s: tile_bitmap(s, rows, cols, order))
            check("tca_bme", half, rows, cols, "fp16", ["--format", "tca_bme"], lambda s: tca_bme(s, rows, cols))
            check("csr", small, rows, cols, "int4", ["--format", "csr"], lambda s: csr_int4(s, rows))
            check("bsr", small, rows, cols, "int8", ["--format", "bsr", "--block", "3"], lambda s: bsr_int8(s, 3))
            done += 6
    print(f"{done} encodings read as documented")


main()

"""Charts as SVG: each states its finding, carries its numbers as a table, and can be read without colour.

Plain values in, a Figure out. Nothing here computes a statistic, and nothing reads a file. Colours hold apart for colour-blind readers and in
greyscale (Okabe and Ito 2008), and every meaning has a shape or a word beside its colour.
"""

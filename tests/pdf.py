"""The text and the tags of a PDF of ours, read with the standard library: enough of ISO 32000 for what WeasyPrint writes."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)endobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.S)
_SHOWN = re.compile(rb"/([\w.+-]+) [\d.]+ Tf|\[([^\]]*)\] ?TJ|<([0-9a-fA-F]*)> ?Tj|(BT)")


@dataclass(frozen=True)
class Pdf:
    """What a PDF holds: number -> dictionary of each object, number -> bytes of each stream."""

    objects: dict[int, bytes]
    streams: dict[int, bytes]

    @property
    def pages(self) -> list[int]:
        """The numbers of the page objects, in order."""
        return [number for number, body in sorted(self.objects.items()) if re.search(rb"/Type ?/Page\b", body)]

    def has(self, word: str) -> bool:
        """Whether a name or text stands anywhere in the objects or streams."""
        return any(word.encode() in body for body in (*self.objects.values(), *self.streams.values()))

    def text(self, page: int) -> str:
        """The text of one page, counted from 0, a line for each piece that is set apart."""
        body = self.objects[self.pages[page]]
        letters = self._letters(body)
        lines, line, font = [], "", ""
        contents = re.search(rb"/Contents ?\[?(\d+) 0 R", body)
        assert contents
        for match in _SHOWN.finditer(self.streams[int(contents[1])]):
            if match[4]:
                lines.append(line)
                line = ""
            elif match[1]:
                font = match[1].decode()
            else:
                codes = re.findall(rb"<([0-9a-fA-F]*)>", match[2]) if match[2] is not None else [match[3]]
                for code in (one for text in codes for one in re.findall(rb"....", text)):
                    line += letters[font].get(int(code, 16), "")
        return "\n".join([*lines, line]).strip()

    def _letters(self, page: bytes) -> dict[str, dict[int, str]]:
        """Font name -> glyph number -> letters, of the fonts that a page names."""
        found = {}
        resources = re.search(rb"/Resources (\d+) 0 R", page)
        held = self.objects[int(resources[1])] if resources else page
        fonts = re.search(rb"/Font (\d+) 0 R", held)
        listed = self.objects[int(fonts[1])] if fonts else held[held.index(b"/Font") :]
        for name, number in re.findall(rb"/([\w.+-]+) (\d+) 0 R", listed):
            unicode = re.search(rb"/ToUnicode (\d+) 0 R", self.objects.get(int(number), b""))
            if unicode:
                found[name.decode()] = _cmap(self.streams[int(unicode[1])])
        return found


def _cmap(text: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>\n", text)
    return {int(code, 16): bytes.fromhex(letters.decode()).decode("utf-16-be") for code, letters in pairs}


def read_pdf(data: bytes) -> Pdf:
    """Returns what a PDF holds."""
    objects: dict[int, bytes] = {}
    streams: dict[int, bytes] = {}
    for number, body in _OBJECT.findall(data):
        stream = _STREAM.search(body)
        objects[int(number)] = body[: stream.start()] if stream else body
        if stream:
            raw = stream[1]
            streams[int(number)] = zlib.decompress(raw) if b"/FlateDecode" in objects[int(number)] else raw
    for number, body in list(objects.items()):
        if b"/ObjStm" in body:
            objects |= _packed(body, streams[number])
    return Pdf(objects, streams)


def _packed(body: bytes, stream: bytes) -> dict[int, bytes]:
    first = re.search(rb"/First (\d+)", body)
    assert first
    start = int(first[1])
    numbers = [int(one) for one in stream[:start].split()]
    places = list(zip(numbers[::2], numbers[1::2], strict=True))
    ends = [place for _, place in places[1:]] + [len(stream) - start]
    return {name: stream[start + place : start + end] for (name, place), end in zip(places, ends, strict=True)}

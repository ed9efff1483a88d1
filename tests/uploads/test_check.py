"""What may be attached: by its bytes, within limits, one thing only, and silent about where it was made."""

from __future__ import annotations

import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import MusterError, TooLarge, Unreadable
from command.uploads.check import MAX_IMAGE_BYTES, check, label
from command.uploads.exif import Told, read
from tests.uploads import corpus as k

PICTURES: dict[str, Callable[[], bytes]] = {
    "image/jpeg": k.jpeg,
    "image/png": lambda: k.png(2, 2, k.chunk(b"eXIf", k.tiff()), k.chunk(b"tEXt", b"Author\0CANARY")),
    "image/webp": k.webp,
    "image/heic": k.heic,
}
SUFFIX = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}


@pytest.mark.parametrize("media", PICTURES)
def test_a_picture_is_known_by_its_bytes_and_silent_about_its_place(media: str) -> None:
    """What it told is handed over apart; the copy that is shown has nothing of it."""
    found = check(PICTURES[media](), "att-1")
    assert (found.name, found.media, found.width, found.height) == (f"att-1.{SUFFIX[media]}", media, 2, 2)
    assert found.told == Told(lat=47.6097, lon=-122.3331, taken="2016:05:01 18:30:00", orientation=6)
    for told in (b"CANARY", b"2016:05:01", struct.pack(">6I", 47, 1, 36, 1, 3492, 100)):
        assert told in PICTURES[media]() or told == b"CANARY"
        assert told not in found.shown
    again = check(found.shown, "att-1")
    assert (again.shown, again.width) == (found.shown, 2)
    assert (again.told.lat, again.told.taken) == (None, None)


def test_a_jpeg_keeps_which_side_is_up() -> None:
    """Else people would see it lying on its side."""
    assert check(check(k.jpeg(), "a").shown, "a").told.orientation == 6
    assert b"Exif" not in check(k.jpeg(side=1), "a").shown


@pytest.mark.parametrize(
    ("raw", "media", "name"),
    [(k.PDF, "application/pdf", "r.pdf"), (k.OGG, "audio/ogg", "r.ogg"), (k.M4A, "audio/mp4", "r.m4a"),
     (k.WEBM, "audio/webm", "r.weba")],
)  # fmt: skip
def test_documents_and_recordings_stay_as_they_are(raw: bytes, media: str, name: str) -> None:
    found = check(raw, "r")
    assert (found.media, found.name, found.shown) == (media, name, raw)


POLYGLOTS = {
    "png and zip": k.png() + k.ZIP_END,
    "png and more": k.png() + b"x",
    "webp and zip": k.webp(behind=k.ZIP_END),
    "heic and zip": k.heic(behind=k.ZIP_END),
    "heic and a box": k.heic(behind=k.box(b"moov", b"")),
    "png with a page": k.png(2, 2).replace(b"IDAT", b"IDAT", 1) + b"<script>",
    "pdf and zip": k.PDF + k.ZIP_END,
    "pdf and a page": k.PDF.replace(b"1 0 obj", b"<html>1 0 obj"),
    "ogg and a page": k.OGG + b"<script>alert(1)</script>",
    "ogg and pdf": k.OGG + k.PDF,
    "webm and zip": k.WEBM + k.ZIP_END,
    "m4a and an archive": k.M4A + b"PK\x03\x04" + k.ZIP_END,
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html": b"<!doctype html><script>alert(1)</script>",
    "gif with script": b"GIF89a/*<script>alert(1)</script>*/",
    "zip": b"PK\x03\x04" + k.ZIP_END,
    "gzip": zlib.compress(bytes(1000)),
    "elf": b"\x7fELF" + bytes(40),
    "nothing": b"",
    "text": b"hello",
}  # fmt: skip


@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_is_two_things_or_none_of_ours_is_refused(name: str) -> None:
    with pytest.raises(Unreadable):
        check(POLYGLOTS[name], "r")


def test_what_a_phone_appends_to_a_jpeg_is_cut_off_with_whatever_it_is() -> None:
    """Films and archives alike: the copy ends where the picture ends."""
    for behind in (k.ZIP_END, b"<script>alert(1)</script>", k.box(b"ftyp", b"mp42"), k.jpeg()):
        assert check(k.jpeg() + behind, "r").shown == check(k.jpeg(), "r").shown


@pytest.mark.parametrize("at", [0xFE, 0xE1, 0xE5])
def test_what_is_hidden_in_a_jpegs_remarks_is_gone(at: int) -> None:
    shown = check(k.jpeg(2, 2, k.segment(at, b"<script>alert(1)</script>%PDF-1.7")), "r").shown
    assert b"script" not in shown


@pytest.mark.parametrize("size", [(50_000, 50_000), (1, 60_000), (15_000, 15_000), (0xFFFFFF, 2)])
@pytest.mark.parametrize("make", [k.png, k.webp, k.heic])
def test_a_bomb_of_pixels_is_refused_by_its_head(make: Callable[..., bytes], size: tuple[int, int]) -> None:
    """Without a byte of it unpacked."""
    tracemalloc.start()
    with pytest.raises(TooLarge, match="pixels"):
        check(make(*size), "r")
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_jpeg_of_many_pixels_too() -> None:
    with pytest.raises(TooLarge, match="pixels"):
        check(k.jpeg(50_000, 50_000), "r")


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_a_bomb_in_a_remark_is_left_out_unopened(kind: bytes) -> None:
    """A megabyte of it would be a gigabyte."""
    bomb = k.chunk(kind, b"x\0\0" + zlib.compress(bytes(50 << 20)))
    assert check(k.png(2, 2, bomb), "r").shown == check(k.png(), "r").shown


def test_bytes_are_bounded_by_kind() -> None:
    with pytest.raises(TooLarge, match="bytes"):
        check(k.png() + bytes(MAX_IMAGE_BYTES), "r")


@pytest.mark.parametrize(
    "part",
    [b"/JavaScript", b"/JS (x)", b"/OpenAction", b"/Launch", b"/EmbeddedFile", b"/AA<<", b"/XFA", b"/SubmitForm"],
)
def test_a_pdf_that_does_things_is_refused(part: bytes) -> None:
    with pytest.raises(Unreadable, match="without actions"):
        check(k.PDF.replace(b"/Type", part + b" /Type"), "r")


def test_half_a_pdf_is_refused() -> None:
    with pytest.raises(Unreadable, match="whole PDF"):
        check(k.PDF[:30], "r")


@pytest.mark.parametrize("media", PICTURES)
def test_half_a_picture_is_refused_wherever_it_ends(media: str) -> None:
    raw = PICTURES[media]()
    for end in range(len(raw)):
        with pytest.raises(Unreadable):
            check(raw[:end], "r")


@given(st.sampled_from(sorted(PICTURES)), st.integers(0, 2000), st.integers(0, 255))
def test_a_changed_byte_is_a_picture_or_an_error_of_ours(media: str, at: int, byte: int) -> None:
    raw = bytearray(PICTURES[media]())
    raw[at % len(raw)] = byte
    try:
        check(bytes(raw), "r")
    except MusterError:
        pass


@given(st.binary(max_size=300))
def test_what_a_camera_says_never_fails(raw: bytes) -> None:
    """Its offsets are anyone's."""
    read(b"MM\0*" + raw)
    read(b"II*\0" + raw)


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "shadow"),
        ("IMG_1.jpg\x00.php", "IMG_1.jpg.php"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
        ("é" * 300, "é" * 100),
        ("Käthe.png", "Käthe.png"),
    ],
)
def test_a_clients_name_is_a_label_and_never_a_path(claimed: str, shown: str) -> None:
    """The name under which it is kept is made of our own id: `check` does not even take the client's."""
    assert label(claimed) == shown


def test_a_picture_as_phones_write_it_is_known_and_silent() -> None:
    """A HEIC that a library made, not these tests: its place is handed over, and is not in what is shown."""
    raw = k.phone_heic()
    found = check(raw, "p1")
    assert (found.media, found.name, len(found.shown)) == ("image/heic", "p1.heic", len(raw))
    assert found.told.lat is not None and abs(found.told.lat - 47.6069) < 0.001
    assert check(found.shown, "p1").told.lat is None and b"Maker" in raw and b"Maker" not in found.shown


def within(act: Callable[[], object]) -> None:
    """It is done in seconds, or fails here; the old ways would have taken hours, or all memory there is."""
    began = time.process_time()
    tracemalloc.start()
    try:
        act()
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert time.process_time() - began < 20
    assert most < 8 * MAX_IMAGE_BYTES


def test_filling_that_leads_to_no_marker_is_gone_through_once() -> None:
    """In coded data: it was gone through anew from each of its bytes, and nothing else ran on the server meanwhile."""
    good = k.jpeg()
    raw = good[:-2] + b"\xff" * 200_000 + b"\0" + b"\xff" * 200_000 + b"\xff\xd9"
    within(lambda: check(raw, "att-1"))
    assert check(good[:-2] + b"\xff\xff\xff\xd9", "att-1").shown == check(good, "att-1").shown
    with pytest.raises(Unreadable):
        check(good[:-2] + b"\xff" * 200_000, "att-1")


def with_places(widths: bytes, count: int, rows: bytes) -> bytes:
    """A HEIC with a table of places of one's own: how wide its numbers are, how many items, and the items."""
    whole = k.heic()
    at, meta = whole.index(b"iloc") - 4, whole.index(b"meta") - 4
    end = at + int.from_bytes(whole[at : at + 4], "big")
    new = k.box(b"iloc", b"\0\0\0\0" + widths + struct.pack(">H", count) + rows)
    size = int.from_bytes(whole[meta : meta + 4], "big") + len(new) - (end - at)
    return whole[:meta] + struct.pack(">I", size) + whole[meta + 4 : at] + new + whole[end:]


def test_a_picture_names_no_more_parts_than_a_picture_has() -> None:
    """Six bytes of a file named 65,535 of them: a picture of a megabyte was more than any memory holds."""
    raw = with_places(b"\0\0", 60_000, b"".join(struct.pack(">HHH", n, 0, 65_535) for n in range(3, 60_003)))

    def refused() -> None:
        with pytest.raises(Unreadable):
            check(raw, "att-1")

    within(refused)


def test_nothing_is_wiped_more_often_than_it_can_be_there() -> None:
    """An item that hides the whole file thousands of times would have it wiped as often."""

    def hiding(times: int, length: int) -> bytes:
        return with_places(b"\x44\0", 1, struct.pack(">HHH", 2, 0, times) + struct.pack(">II", 40, length) * times)

    check(hiding(4, 8), "att-1")
    with pytest.raises(Unreadable):
        check(hiding(4, len(hiding(4, 0)) // 2), "att-1")

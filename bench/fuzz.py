"""Throw bent bytes at every parser that takes bytes from outside, and see that each answers as it says it does.

    python -m bench.fuzz                        a million inputs over all targets, by a seed that is printed
    python -m bench.fuzz --inputs 5000          fewer, as the tests do
    python -m bench.fuzz --only commands --seed 7
    python -m bench.fuzz --atheris commands     led by coverage, where that library is installed; until interrupted

A target takes bytes. It may refuse them with one of our errors, and nothing else: no other exception, no input on which
it takes longer than `SLOW_S`, and whatever it takes must hold what the target checks of it. Inputs are made from whole
examples by a seeded generator: bits, bytes and runs changed, left out, repeated, two examples joined, words of the formats
put in. So a finding is named by its seed and number and can be made again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence

import msgspec

from bench.fuzz_targets import TARGETS, Target
from command.errors import MusterError

SLOW_S = 2.0
"""No input of a few kilobytes may hold a server's loop so long; thousandfold of what the slowest example takes."""
MOST_BYTES = 16_384

WORDS: tuple[bytes, ...] = (
    b"null", b"true", b"-0", b"1e999", b"9" * 40, b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\ud800", b"\\u0000",
    b'"', b"'", b",", b":", b";", b"\n", b"\r\n", b"\n\n", b"\t", b" ", b"{", b"}", b"[", b"]", b"{}", b"[]", b"[" * 2_000, b'{"a":' * 500,
    b'"type":', b'"sha256":', b"0", b"-1", b"2016-05-01T18:00:00Z", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:60Z", b"+23:59",
    b"\xe2\x80\x94 ", b"=", b"==", b"AAAA", b"A" * 5_000, b"%PDF-1.7", b"PK\x05\x06", b"\xff\xd8\xff\xe1", b"IHDR", b"ftypheic", b"RIFF", b"WEBP",
    b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"=cmd|' /C calc'!A0", b"__proto__", b"../../", b"<script>",
)  # fmt: skip
"""Words of the formats, ends of their ranges, and what readers stumble over."""


class Found(msgspec.Struct, frozen=True):
    """An input that a target did not answer as it should. `number` counts from 0 with that target and seed."""

    target: str
    seed: int
    number: int
    what: str
    input: bytes


def bent(rng: random.Random, examples: Sequence[bytes]) -> bytes:
    """The next input: an example, changed a few times over."""
    data = bytearray(rng.choice(examples))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 5, 9))):
        _CHANGES[rng.randrange(len(_CHANGES))](rng, data, examples)
        del data[MOST_BYTES:]
    return bytes(data)


def _flip(rng: random.Random, data: bytearray, _examples: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(rng: random.Random, data: bytearray, _examples: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)


def _cut(rng: random.Random, data: bytearray, _examples: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.choice((1, 1, 2, 4, 16, 256, len(data)))]


def _repeat(rng: random.Random, data: bytearray, _examples: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = data[at : at + rng.choice((1, 4, 16, 64, 512))] * rng.choice((1, 1, 2, 20))


def _word(rng: random.Random, data: bytearray, _examples: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    word = rng.choice(WORDS)
    data[at : at + rng.choice((0, 0, len(word)))] = word


def _join(rng: random.Random, data: bytearray, examples: Sequence[bytes]) -> None:
    other = rng.choice(examples)
    at = rng.randrange(len(data) + 1)
    data[at:] = other[rng.randrange(len(other) + 1) :]


def _size(rng: random.Random, data: bytearray, _examples: Sequence[bytes]) -> None:
    """A length, as binary formats write it, becomes another."""
    width = rng.choice((1, 2, 4))
    if len(data) >= width:
        at = rng.randrange(len(data) - width + 1)
        value = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, rng.getrandbits(32)))
        data[at : at + width] = (value & (256**width - 1)).to_bytes(width, rng.choice(("big", "little")))


_CHANGES: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip, _set, _cut, _repeat, _word, _join, _size,
)  # fmt: skip


def tried(target: Target, data: bytes) -> str:
    """What is wrong with a target's answer to these bytes; "" where nothing is."""
    began = time.thread_time()  # what it takes of a processor: what else the machine does is nobody's fault
    try:
        target.take(data)
    except MusterError:
        pass
    except Exception:  # noqa: BLE001  this is what is looked for
        lines = traceback.format_exc().strip().splitlines()
        return f"{lines[-1][:300]} at {lines[-3].strip() if len(lines) > 2 else '?'}"
    took = time.thread_time() - began
    return f"took {took:.1f} s" if took > SLOW_S else ""


def run(target: Target, seed: int, inputs: int) -> Iterator[Found]:
    """So many inputs to one target; what was found."""
    rng = random.Random(f"{target.name}/{seed}")
    for number in range(inputs):
        data = bent(rng, target.examples)
        what = tried(target, data)
        if what:
            yield Found(target.name, seed, number, what, data)


def _kinds(found: Sequence[Found]) -> dict[tuple[str, str], list[Found]]:
    """What is likely one defect each: by target and the line where it came up."""
    kinds: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        kinds.setdefault((one.target, one.what.rpartition(" at ")[2]), []).append(one)
    return kinds


def led_by_coverage(target: Target) -> None:
    """Let atheris choose the inputs. It ends at the first finding, or when it is interrupted."""
    try:
        import atheris  # type: ignore[import-not-found]  # optional: see the page on security
    except ImportError:
        raise SystemExit("expected the library atheris: pip install atheris") from None

    def one(data: bytes) -> None:
        what = tried(target, data)
        if what:
            raise AssertionError(what)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0]], one)
    atheris.Fuzz()


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fuzz", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--inputs", type=int, default=1_000_000, help="over all targets (1000000)")
    parser.add_argument("--seed", type=int, default=None, help="of the generator (by the clock, and printed)")
    parser.add_argument("--only", choices=[one.name for one in TARGETS], help="one target")
    parser.add_argument("--atheris", choices=[one.name for one in TARGETS], help="one target, led by coverage")
    parser.add_argument("--json", action="store_true", help="what was found as JSON")
    args = parser.parse_args()
    if args.atheris:
        led_by_coverage(next(one for one in TARGETS if one.name == args.atheris))
        return 0
    seed = args.seed if args.seed is not None else time.time_ns() % 1_000_000_007
    targets = [one for one in TARGETS if args.only in (None, one.name)]
    each = -(-args.inputs // len(targets))
    found: list[Found] = []
    for target in targets:
        began, ours = time.perf_counter(), list(run(target, seed, each))
        found += ours
        took = time.perf_counter() - began
        sys.stderr.write(f"{target.name}\t{each} inputs\t{len(ours)} found\t{each / took:,.0f} a second\n")
    if args.json:
        print(json.dumps([{**msgspec.to_builtins(one), "input": one.input.hex()} for one in found]))
    else:
        for (target, where), several in _kinds(found).items():
            first = min(several, key=lambda one: len(one.input))
            print(f"{target} at {where} ({len(several)} times), the shortest is number {first.number}: {first.what}")
            print(f"    {first.input[:300]!r}")
        print(f"seed {seed}: {each * len(targets)} inputs, {len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""What the load says is read right, and its C program does what it says it does, without any relay between."""

import os
import shutil

import pytest

from tests.bench.cores import cpu_seconds, private_bytes
from tests.bench.errors import BenchFailed
from tests.bench.relays import frames, load
from tests.bench.relays.frames import Framing
from tests.bench.relays.measure import SIZES, Figures, middle
from tests.bench.relays.relay import Direct, Pair
from tests.bench.relays.report import section

needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="no C compiler")
ANY_CORE = min(os.sched_getaffinity(0))


class Masked(Direct):
    """Two ends that send as clients do."""

    framing = Framing.MASKED


@pytest.fixture(params=[Direct, Masked])
def pairs(request: pytest.FixtureRequest) -> Direct:
    """Three joined pairs."""
    ends: Direct = request.param()
    for _ in range(3):
        ends.pair()
    return ends


@needs_gcc
@pytest.mark.parametrize("size", [128, 1024, 70_000])
def test_messages_arrive_whole_and_are_timed(pairs: Direct, size: int) -> None:
    paced = load.paced(pairs, pairs.pairs, ANY_CORE, size, 0.5, 5_000)
    assert 0 < paced.p50_us <= paced.p95_us
    assert paced.swallowed == 0


@needs_gcc
def test_a_flood_is_counted(pairs: Direct) -> None:
    assert load.flood(pairs, pairs.pairs, ANY_CORE, 1024, 0.2).mb_per_s > 0


@needs_gcc
def test_a_stalled_pair_swallows_and_is_not_read(pairs: Direct) -> None:
    paced = load.paced(pairs, pairs.pairs, ANY_CORE, 1024, 0.5, 5_000, stalled=1)
    assert paced.swallowed > 0


@needs_gcc
def test_a_connection_that_ends_is_told(pairs: Direct) -> None:
    pairs.pairs[0].receiver.close()
    broken = [Pair(pairs.pairs[0].sender, pairs.pairs[1].receiver)]
    with pytest.raises(BenchFailed, match="none"):
        load.flood(pairs, broken, ANY_CORE, 1024, 0.5)


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("size", [0, 125, 126, 5000])
def test_a_frame_is_read_as_it_was_written(framing: Framing, size: int) -> None:
    ends = Direct()
    pair = ends.joined()
    payload = bytes(at % 251 for at in range(size))
    pair.sender.sendall(frames.frame(b"of the relay's own", framing, frames.TEXT) + frames.frame(payload, framing))
    assert frames.read_message(pair.receiver) == payload
    pair.sender.close()
    with pytest.raises(BenchFailed):
        frames.exactly(pair.receiver, 1)
    pair.receiver.close()


def test_too_few_messages_make_no_figure() -> None:
    with pytest.raises(BenchFailed, match="19"):
        load.percentiles([1.0] * 19)
    p50, p95 = load.percentiles([float(n) for n in range(1, 101)])
    assert (round(p50), round(p95)) == (50, 96)


def test_rounds_come_together_by_their_medians() -> None:
    rounds = [Figures(mb_per_s={"1x128": speed}, p50_us=speed) for speed in (3.0, 90.0, 5.0)]
    assert middle(rounds).mb_per_s == {"1x128": 5.0}
    assert middle(rounds).p50_us == 5.0


def test_the_section_names_what_is_missing_and_where_the_load_was_the_limit() -> None:
    keys = [f"{pairs}x{size}" for pairs in (1, 100) for size in SIZES]
    one = Figures(dict.fromkeys(keys, 10.0), dict.fromkeys(keys, 1.0), dict.fromkeys(keys, 0.95), p50_us=30, p95_us=50)
    text = section({"Relevo": one}, {"HAProxy (TCP)": "haproxy (Debian: haproxy)"}, "2 cores")
    assert "| **Relevo** | 10* |" in text
    assert "Not measured: HAProxy (TCP): haproxy (Debian: haproxy)." in text


def test_the_section_says_what_was_wanted() -> None:
    keys = [f"{pairs}x{size}" for pairs in (1, 100) for size in SIZES]
    ours = Figures(dict.fromkeys(keys, 90.0), {}, dict.fromkeys(keys, 0.5), p50_us=30, p95_us=50, stalled_mb=5.0)
    slow = Figures(dict.fromkeys(keys, 20.0), {}, dict.fromkeys(keys, 0.5), p50_us=20, p95_us=50)
    text = section({"Relevo": ours, "MeshCentral": slow, "HAProxy (TCP)": slow}, {}, "2 cores")
    assert "| one pair, 16 KiB: MB/s beside MeshCentral | 4.50× | ≥ 4× | yes |" in text
    assert "| one pair, 1 KiB: MB/s beside MeshCentral | 4.50× | ≥ 8× | **no** |" in text
    assert "| one way beside HAProxy, p50 | +10 µs | ≤ +40 µs | yes |" in text
    assert "| growth by a stalled reader | 5.0 MB | ≤ 4 MB | **no** |" in text


def test_a_process_has_used_something() -> None:
    assert cpu_seconds(os.getpid()) > 0
    assert private_bytes(os.getpid()) > 1_000_000

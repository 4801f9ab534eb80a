"""What the figures were measured on."""

import os
import platform
import time
from pathlib import Path


def described() -> str:
    """`2 cores (AMD EPYC), Linux 6.18, Python 3.11.2, 2026-11-30`."""
    told = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in told if "model name" in line), platform.machine())
    day = time.strftime("%Y-%m-%d", time.gmtime())
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores ({model}), Linux {kernel}, Python {platform.python_version()}, {day}"

"""Compiles the optional kernel, where there is a compiler; where there is none, the package is built without it.

A hook of hatchling, and a script: ``python build_kernel.py`` puts the library into the source tree.  The library has no
Python in it, so that a wheel with it is for one platform and every Python.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import zlib
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:
    BuildHookInterface = object

ROOM = Path(__file__).parent / "src" / "mojibake_fix" / "model"
SOURCES = (
    *("_kernel.c", "_kernel.h", "_tracks.c", "_tracks.h", "_rows.c", "_words.c", "_channels.c"),
    *("_bytes.c", "_passes.c", "_search.c"),
)
LIBRARY = "_kernel.dll" if sys.platform == "win32" else "_kernel.so"
# No fused multiply-add: the results are NumPy's, bit for bit.
FLAGS = ("-O3", "-std=c11", "-ffp-contract=off", "-fvisibility=hidden", "-shared", "-fPIC")
MACOS = "11.0"


def compile_kernel(target: Path) -> bool:
    """Compile the kernel to ``target``; whether that went well."""
    if os.environ.get("MOJIBAKE_FIX_KERNEL") == "off":
        return False
    sources = [str(ROOM / name) for name in SOURCES if name.endswith(".c")]
    # As mojibake_fix.model.kernel.sources_crc has it, which cannot be imported here.
    crc = zlib.crc32(b"".join((ROOM / name).read_bytes().replace(b"\r", b"") for name in SOURCES))
    defined = f"KERNEL_SOURCES={crc}u"
    if sys.platform == "win32":
        command = [
            "cl",
            "/nologo",
            "/O2",
            "/fp:precise",
            "/LD",
            f"/D{defined}",
            *sources,
            f"/Fe:{target}",
            f"/Fo:{target.parent}\\",
        ]
    else:
        compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
        own = (f"-mmacosx-version-min={MACOS}",) if sys.platform == "darwin" else ()
        command = [compiler[0], *FLAGS, *own, f"-D{defined}", "-o", str(target), *sources, "-lm"]
    if shutil.which(command[0]) is None:
        print(f"no compiler ({command[0]}): the kernel is left out, and NumPy does its work", file=sys.stderr)
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the kernel is left out, and NumPy does its work: {done.stderr.strip()[-500:]}", file=sys.stderr)
    return done.returncode == 0


def platform_tag() -> str:
    """The platform of the wheel that holds the kernel."""
    if sys.platform == "darwin":
        return f"macosx_{MACOS.replace('.', '_')}_{platform.machine()}"
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


class KernelHook(BuildHookInterface):  # type: ignore[misc, valid-type]
    """Puts the kernel into a wheel, or (for an editable installation) beside its sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is put together."""
        editable = version == "editable"
        target = ROOM / LIBRARY if editable else Path(self.directory) / "kernel" / LIBRARY
        if compile_kernel(target):
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform_tag()}"
            if not editable:
                build_data["force_include"][str(target)] = f"mojibake_fix/model/{LIBRARY}"


if __name__ == "__main__":
    raise SystemExit(not compile_kernel(ROOM / LIBRARY))

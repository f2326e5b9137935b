#!/usr/bin/env python3
"""Writes docs/CASES.md: which behaviour is held by which test, read from the ids in the tests' sources.

usage: docs/cases.py [--check]      --check: fail when docs/CASES.md is not what would be written
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "CASES.md"

# Group, how many ids it has, what it is about.
GROUPS = [
    ("HOST", 15, "host names and ports"),
    ("DEC", 12, "allow and deny"),
    ("WILD", 10, "wildcards"),
    ("POL", 21, "policy validation"),
    ("PROXY", 14, "at the proxy hop"),
    ("TLS", 19, "inside TLS"),
    ("HDR", 10, "headers and credentials"),
    ("SEC", 16, "secrets"),
    ("CERT", 14, "certificates and SNI"),
    ("XDS", 16, "xDS protocol"),
    ("ID", 11, "identity"),
    ("K8S", 18, "Kubernetes objects and status"),
    ("INJ", 16, "injection"),
    ("TRUST", 13, "trust and proxy environment"),
    ("CAP", 17, "capture and bypass"),
    ("FAULT", 12, "faults"),
    ("HOS", 8, "hostile clients"),
]

KUBERNETES = "needs Pods that run"
WHY_NOT = {
    "TRUST-01": KUBERNETES, "TRUST-03": KUBERNETES, "TRUST-10": KUBERNETES,
    "CAP-12": KUBERNETES, "CAP-13": KUBERNETES, "CAP-14": KUBERNETES,
}

# Cases of which the tests hold a part, and what is missing.
PARTLY = {
    "TRUST-01": "the variables; not yet in a running Pod, where the files are",
    "CAP-14": "by a real shell; not yet in a running Pod",
    "K8S-05": "new Pods are not refused yet; in a deleted namespace the NetworkPolicy may go before the last Pod",
    "FAULT-03": "two minutes in the long run; that new Pods are refused comes with the injector",
    "K8S-13": "one writer, and both replicas serve sidecars; webhooks come with the injector",
    "FAULT-09": "a sidecar that knew a good address keeps to it, and answers 200 from there instead of 503",
    "CAP-04": "SCTP by raw packets only, where the kernel has none",
}


def main() -> None:
    ids = {f"{group}-{n:02d}" for group, count, _ in GROUPS for n in range(1, count + 1)}
    held: dict[str, set[str]] = {}
    for source in sorted(ROOT.glob("*/src/test/java/**/*.java")):
        for found in re.findall(r"\b[A-Z0-9]{2,5}-\d\d\b", source.read_text()):
            if found in ids:
                held.setdefault(found, set()).add(source.stem)
    lines = [
        "# Cases",
        "",
        "Each id is one behaviour that must hold, and names the test classes that hold it; the tests' display names begin with the ids. Written by `docs/cases.py` from the tests' sources.",
        "",
    ]
    for group, count, title in GROUPS:
        lines += [f"## {group}: {title}", "", "| id | held by |", "|---|---|"]
        for n in range(1, count + 1):
            case = f"{group}-{n:02d}"
            if case in held:
                text = ", ".join(f"`{name}`" for name in sorted(held[case]))
                if case in PARTLY:
                    text += "; in part: " + PARTLY[case]
            else:
                text = "not held: " + (KUBERNETES if group in ("INJ",) else WHY_NOT.get(case, "not yet shown by a test"))
            lines.append(f"| {case} | {text} |")
        lines.append("")
    partly = len(held.keys() & PARTLY.keys())
    summary = f"{len(held) - partly} of {len(ids)} are held, and {partly} in part."
    lines.append(summary)
    text = "\n".join(lines) + "\n"
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit("docs/CASES.md is stale: run docs/cases.py and commit what it writes")
    else:
        TARGET.write_text(text)
        print(summary)


if __name__ == "__main__":
    main()

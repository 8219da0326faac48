"""What kingfisher's rules find in labelled texts and tier 1 does not: the reference for token formats (ADR 22).

Two processes, because the two do not share an environment: run by the gateway's Python this file scans the texts, then
starts itself with a Python that has ``kingfisher-secret-scanner`` (``--python``), which reads what tier 1 calls
harmless and prints the rules that do not. No text is printed.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path


def kingfisher(texts):
    """Return the names of the rules that match in each text, and CPU seconds."""
    from kingfisher_sdk import Rules, Scanner

    scanner = Scanner(Rules())
    began = time.process_time()
    found = [sorted({finding.rule_id for finding in scanner.scan(text)}) for text in texts]
    return found, time.process_time() - began


def missed(data: Path):
    """Return the texts with a secret that tier 1 calls harmless, and how many texts with a secret there are."""
    from gateway.cli.sensitivity.labelled_data import read_rows
    from gateway.domain.label import DataClass
    from gateway.domain.sensitivity import SensitivitySpec
    from gateway.sensitivity.scan import classify_text

    secret = [row["text"] for row in read_rows(data) if row["pos"] and row["kind"] == "secret"]
    spec = SensitivitySpec()
    return [text for text in secret if classify_text(text, spec).data_class < DataClass.CONFIDENTIAL], len(secret)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="labelled texts, as `gateway sensitivity eval` takes them")
    parser.add_argument("--python", help="a Python with kingfisher-secret-scanner")
    parser.add_argument("--kingfisher", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.kingfisher:
        json.dump(kingfisher(json.load(sys.stdin)), sys.stdout)
        return
    texts, total = missed(given.data)
    asked = subprocess.run(
        [given.python, __file__, "--kingfisher"], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    found, seconds = json.loads(asked.stdout)
    rules = Counter(rule for each in found for rule in each)
    print(f"{total} texts with a secret; tier 1 misses {len(texts)}; kingfisher finds one in {sum(map(bool, found))}")
    print(f"{1000 * seconds / max(1, len(texts)):.3f} ms of CPU a text")
    for rule, count in rules.most_common():
        print(f"{count:5} {rule}")


if __name__ == "__main__":
    main()

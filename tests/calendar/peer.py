"""Our calendars in other people's code: Python's icalendar reads one and says when things happen.

Usage: peer.py, the calendar on standard input, the answer on standard output as JSON: for every event its
name, number, title, and in UTC its start, its end and the moments at which it rings.
tests/suite/calendar_peers.rs runs it.
"""

import json
import sys
from datetime import datetime, timezone

from icalendar import Calendar


def utc(moment):
    """The moment as the interface of the server writes it."""
    assert isinstance(moment, datetime) and moment.tzinfo is not None, moment
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def told(event):
    """What an event says."""
    rings = sorted(utc(alarm.trigger) for alarm in event.alarms.times)
    return {
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "summary": str(event["SUMMARY"]),
        "description": str(event.get("DESCRIPTION", "")),
        "status": str(event["STATUS"]),
        "starts_at": utc(event.start),
        "ends_at": utc(event.end),
        "rings": rings,
    }


def main():
    calendar = Calendar.from_ical(sys.stdin.buffer.read())
    for component in calendar.walk():
        assert not component.errors, component.errors
    # Every zone that is named is there.
    assert not calendar.get_missing_tzids(), calendar.get_missing_tzids()
    events = sorted((told(event) for event in calendar.events), key=lambda event: event["uid"])
    json.dump({"name": str(calendar["NAME"]), "events": events}, sys.stdout)


main()

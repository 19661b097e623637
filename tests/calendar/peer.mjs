// Our calendars in other people's code: ical.js reads one and says when things happen. The same question and
// the same answer as peer.py. Usage: node peer.mjs FOLDER, where FOLDER has node_modules.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const library = join(resolve(process.argv[2]), "node_modules", "ical.js", "dist", "ical.js");
const { default: ICAL } = await import(pathToFileURL(library));

// The moment as the interface of the server writes it.
const utc = (time) => new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z");

function rings(event, alarm) {
  const trigger = alarm.getFirstPropertyValue("trigger");
  if (trigger instanceof ICAL.Time) return utc(trigger);
  const moment = event.startDate.clone();
  moment.addDuration(trigger);
  return utc(moment);
}

function told(component) {
  const event = new ICAL.Event(component);
  const zone = event.startDate.zone.tzid;
  if (zone === "floating") throw new Error(`${event.uid} has no zone`);
  const alarms = component.getAllSubcomponents("valarm");
  return {
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    description: event.description ?? "",
    status: component.getFirstPropertyValue("status"),
    starts_at: utc(event.startDate),
    ends_at: utc(event.endDate),
    rings: alarms.map((alarm) => rings(event, alarm)).sort(),
  };
}

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const events = calendar.getAllSubcomponents("vevent").map(told);
events.sort((one, other) => (one.uid < other.uid ? -1 : 1));
console.log(JSON.stringify({ name: calendar.getFirstPropertyValue("name"), events }));

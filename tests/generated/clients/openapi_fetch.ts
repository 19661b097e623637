// The article's scenario with the types that openapi-typescript makes and openapi-fetch.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./openapi-typescript.js";

const client = createClient<paths>({ baseUrl: process.argv[2] });
const tokens = await client.POST("/v1/auth/register", {
  body: { email: "openapi-fetch@example.org", password: "correct horse battery", time_zone: "America/New_York" },
});
assert(tokens.data);
const authorization = `Bearer ${tokens.data.access_token}`;
client.use({ onRequest: ({ request }) => request.headers.set("authorization", authorization) });

const ended = new Date();
const interview = await client.POST("/v1/interviews", {
  body: {
    starts_at: new Date(ended.getTime() - 3_600_000).toISOString(),
    ends_at: ended.toISOString(),
    opportunity: {
      employer: "Acme",
      role: "Data engineer",
      office: { time_zone: "America/New_York", calendar: "US-FED" },
    },
  },
});
assert(interview.data, JSON.stringify(interview.error));
const debriefed = await client.POST("/v1/interviews/{id}/debrief", {
  params: { path: { id: interview.data.id } },
  body: { next_step_owner: "them", promise: { text: "a week" } },
});
assert(debriefed.data, JSON.stringify(debriefed.error));
const plan = await client.GET("/v1/opportunities/{id}/plan", {
  params: { path: { id: interview.data.opportunity_id } },
});
assert.deepEqual(plan.data?.items.map((item) => item.id), debriefed.data.items.map((item) => item.id));

const followUp = debriefed.data.items.find((item) => item.kind === "follow_up");
assert(followUp?.do_at && new Date(followUp.do_at) > ended, "they have a week");
const params = { path: { id: followUp.id } };
const draft = await client.POST("/v1/follow-ups/{id}/draft", { params, body: {} });
// The draft can also be asked for as text or as a mail, so a text is a possible answer.
assert(draft.data && typeof draft.data !== "string");
assert(draft.data.body.includes("Data engineer"));
const sent = await client.POST("/v1/follow-ups/{id}/sent", { params, body: { channel: "email" } });
assert.equal(sent.data?.state, "sent");
const nothing = await client.GET("/v1/follow-ups/{id}", { params: { path: { id: "nothing" } } });
assert.equal(nothing.error?.code, "not_found");
console.log(`${debriefed.data.headline.text} / ${draft.data.subject} / ${sent.data.state}`);

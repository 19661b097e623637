// The article's scenario with the client that openapi-generator makes for `fetch`.
import assert from "node:assert/strict";
import { AuthApi, Configuration, FollowUpsApi, InterviewsApi, OpportunitiesApi } from "./typescript-fetch/index.js";

const basePath = process.argv[2];
const { accessToken } = await new AuthApi(new Configuration({ basePath })).register({
  register: { email: "typescript-fetch@example.org", password: "correct horse battery", timeZone: "America/New_York" },
});
const signedIn = new Configuration({ basePath, accessToken });

const ended = new Date();
const office = { timeZone: "America/New_York", calendar: "US-FED" };
const interview = await new InterviewsApi(signedIn).createInterview({
  newInterview: {
    startsAt: new Date(ended.getTime() - 3_600_000),
    endsAt: ended,
    opportunity: { employer: "Acme", role: "Data engineer", office },
  },
});
const debriefed = await new InterviewsApi(signedIn).debriefInterview({
  id: interview.id,
  debrief: { nextStepOwner: "them", promise: { text: "a week" } },
});
const plan = await new OpportunitiesApi(signedIn).getPlan({ id: interview.opportunityId });
assert.deepEqual(plan.items.map((item) => item.id), debriefed.items.map((item) => item.id));

const followUp = plan.items.find((item) => item.kind === "follow_up");
assert(followUp?.doAt && followUp.doAt > ended, "they have a week");
const followUps = new FollowUpsApi(signedIn);
const draft = await followUps.draftFollowUp({ id: followUp.id, draftRequest: {} });
assert(draft.body.includes("Data engineer"));
const sent = await followUps.markFollowUpSent({ id: followUp.id, markSent: { channel: "email" } });
assert.equal(sent.state, "sent");
console.log(`${plan.headline.text} / ${draft.subject} / ${sent.state}`);

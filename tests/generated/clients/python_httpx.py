"""The article's scenario with the client that openapi-python-client makes."""

import sys
from datetime import UTC, datetime, timedelta

from afterview_httpx import AuthenticatedClient, Client, models
from afterview_httpx.api.auth import register
from afterview_httpx.api.follow_ups import draft_follow_up, mark_follow_up_sent
from afterview_httpx.api.interviews import create_interview, debrief_interview
from afterview_httpx.api.opportunities import get_plan

url = sys.argv[1]
person = models.Register(email="httpx@example.org", password="correct horse battery", time_zone="America/New_York")
tokens = register.sync(client=Client(base_url=url), body=person)
assert isinstance(tokens, models.SessionTokens)
client = AuthenticatedClient(base_url=url, token=tokens.access_token)

ended = datetime.now(UTC)
office = models.OfficeCreate(time_zone="America/New_York", calendar="US-FED")
opportunity = models.OpportunityCreate(employer="Acme", role="Data engineer", office=office)
new = models.NewInterview(starts_at=ended - timedelta(hours=1), ends_at=ended, opportunity=opportunity)
interview = create_interview.sync(client=client, body=new)
assert isinstance(interview, models.Interview)
debrief = models.Debrief(
    next_step_owner=models.DebriefNextStepOwner.THEM, promise=models.DebriefPromiseCreate(text="a week")
)
debriefed = debrief_interview.sync(interview.id, client=client, body=debrief)
plan = get_plan.sync(interview.opportunity_id, client=client)
assert isinstance(debriefed, models.Plan) and isinstance(plan, models.Plan)
assert [item.id for item in plan.items] == [item.id for item in debriefed.items]

follow_up = next(item for item in plan.items if item.kind == "follow_up")
assert isinstance(follow_up.do_at, datetime) and follow_up.do_at > ended, "they have a week"
draft = draft_follow_up.sync(follow_up.id, client=client, body=models.DraftRequest())
assert isinstance(draft, models.Draft) and "Data engineer" in draft.body
mark = models.MarkSent(channel=models.MarkSentChannel.EMAIL)
sent = mark_follow_up_sent.sync(follow_up.id, client=client, body=mark)
assert isinstance(sent, models.FollowUp) and sent.state == "sent"
again = mark_follow_up_sent.sync_detailed("nothing", client=client, body=mark)
assert again.status_code == 404 and isinstance(again.parsed, models.Problem)
print(plan.headline.text, draft.subject, sent.state, sep=" / ")

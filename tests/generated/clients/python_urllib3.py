"""The article's scenario with the client that openapi-generator makes for Python."""

import sys
from datetime import UTC, datetime, timedelta

import afterview_client as api

host = sys.argv[1]
register = api.Register(email="python@example.org", password="correct horse battery", time_zone="America/New_York")
tokens = api.AuthApi(api.ApiClient(api.Configuration(host=host))).register(register)
client = api.ApiClient(api.Configuration(host=host, access_token=tokens.access_token))

ended = datetime.now(UTC)
office = api.OfficeCreate(time_zone="America/New_York", calendar="US-FED")
opportunity = api.OpportunityCreate(employer="Acme", role="Data engineer", office=office)
new = api.NewInterview(starts_at=ended - timedelta(hours=1), ends_at=ended, opportunity=opportunity)
interview = api.InterviewsApi(client).create_interview(new)
debrief = api.Debrief(next_step_owner="them", promise=api.DebriefPromiseCreate(text="a week"))
debriefed = api.InterviewsApi(client).debrief_interview(interview.id, debrief=debrief)
plan = api.OpportunitiesApi(client).get_plan(interview.opportunity_id)
assert [item.id for item in plan.items] == [item.id for item in debriefed.items]

follow_up = next(item for item in plan.items if item.kind == "follow_up")
assert follow_up.do_at and follow_up.do_at > ended, "they have a week"
follow_ups = api.FollowUpsApi(client)
draft = follow_ups.draft_follow_up(follow_up.id, draft_request=api.DraftRequest())
assert "Data engineer" in draft.body
sent = follow_ups.mark_follow_up_sent(follow_up.id, mark_sent=api.MarkSent(channel="email"))
assert sent.state == "sent"
try:
    follow_ups.get_follow_up("nothing")
    raise AssertionError("there is nothing of that name")
except api.exceptions.NotFoundException as error:
    assert error.status == 404
print(plan.headline.text, draft.subject, sent.state, sep=" / ")

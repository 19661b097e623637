//! Rules as served: what each does, why, with which numbers, and what is known about it.

use afterview_domain::plan::Policy;
use afterview_domain::plan::rules::{Evidence, LIMITS, Parameter, Rule};
use serde::Serialize;
use utoipa::ToSchema;

/// A rule of the advice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rule)]
pub struct RuleView {
    /// Its name, stable for ever.
    #[schema(examples("F1-PROMISE"))]
    pub id: &'static str,
    /// The group that it belongs to. Clients must accept other words too.
    #[schema(examples("follow_up"))]
    pub family: &'static str,
    /// A few words that name it.
    #[schema(examples("After the promised day"))]
    pub title: &'static str,
    /// Its sentence; `{name}` stands for a value that a reason holds in `params`.
    #[schema(examples("They promised an answer by {by}; {ideal} later is the tactful moment."))]
    pub template: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Why it does so.
    pub why: &'static str,
    /// The numbers that it reads from the policy, as they are in force.
    pub parameters: Vec<RuleParameter>,
    /// What is known about it from elsewhere, dissent included; empty where it rests on common
    /// sense or on a decision of this project.
    pub evidence: Vec<EvidenceView>,
}

/// A number of the policy that a rule reads.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleParameter {
    /// Where it stands in the policy.
    #[schema(examples("direct.promise.ideal"))]
    pub name: &'static str,
    /// Its value. Several stand for the first, second and further unanswered messages.
    #[schema(examples("2"))]
    pub value: String,
    /// What it counts: `business_days`, messages, minutes or `time_of_day`, office time. Clients
    /// must accept other words too.
    #[schema(examples("business_days"))]
    pub unit: &'static str,
}

/// One finding of one source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceView {
    /// What the source says, in our words.
    #[schema(examples("Ask one or two business days after the promised day."))]
    pub finding: &'static str,
    /// The numbers, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("one to two business days"))]
    pub figure: Option<&'static str>,
    /// Where it is from.
    pub source: EvidenceSource,
    /// A: survey or official text. B: named recruiter, career centre, staffing firm or editor.
    /// C: generic advice, or data from a neighbouring field.
    #[schema(examples("B"))]
    pub grade: &'static str,
    /// What sort of knowledge it is: survey, opinion, official or analogy. Clients must accept
    /// other words too.
    #[schema(examples("opinion"))]
    pub kind: &'static str,
    /// Whether it speaks against what the rule does.
    pub dissent: bool,
}

/// Where a finding is from.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceSource {
    /// Who says so; the name of the site where no other is known.
    #[schema(examples("Indeed"))]
    pub publisher: &'static str,
    /// Where, without the scheme, as far as it is known: `…` stands for what is not. Several are
    /// separated by semicolons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'static str>,
    /// When, as precisely as known: a year, a month or a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("2016-12-01"))]
    pub published: Option<&'static str>,
}

/// The rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleList {
    /// The policy whose numbers are shown.
    pub policy_version: &'static str,
    /// What must be said of all of the evidence.
    pub limits: &'static str,
    /// The rules, family by family.
    pub items: Vec<RuleView>,
}

/// One rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleAnswer {
    /// The policy whose numbers are shown.
    pub policy_version: &'static str,
    /// What must be said of all of the evidence.
    pub limits: &'static str,
    /// The rule.
    pub rule: RuleView,
}

impl RuleView {
    fn of(rule: &Rule, policy: &Policy) -> Self {
        Self {
            id: rule.id,
            family: rule.family,
            title: rule.title,
            template: rule.template,
            about: rule.about,
            why: rule.why,
            parameters: rule.parameters().map(|it| RuleParameter::of(it, policy)).collect(),
            evidence: rule.evidence().map(EvidenceView::from).collect(),
        }
    }
}

impl RuleParameter {
    fn of(parameter: &Parameter, policy: &Policy) -> Self {
        Self { name: parameter.name, value: parameter.value(policy), unit: parameter.unit() }
    }
}

impl From<&Evidence> for EvidenceView {
    fn from(evidence: &Evidence) -> Self {
        Self {
            finding: evidence.finding,
            figure: evidence.figure,
            source: EvidenceSource {
                publisher: evidence.publisher,
                address: evidence.address,
                published: evidence.published,
            },
            grade: evidence.grade.as_str(),
            kind: evidence.kind.as_str(),
            dissent: evidence.dissent,
        }
    }
}

impl RuleList {
    /// `rules` with the numbers of `policy`.
    pub fn of<'r>(rules: impl Iterator<Item = &'r Rule>, policy: &Policy) -> Self {
        Self {
            policy_version: policy.version,
            limits: LIMITS,
            items: rules.map(|rule| RuleView::of(rule, policy)).collect(),
        }
    }
}

impl RuleAnswer {
    /// `rule` with the numbers of `policy`.
    #[must_use]
    pub fn of(rule: &Rule, policy: &Policy) -> Self {
        Self { policy_version: policy.version, limits: LIMITS, rule: RuleView::of(rule, policy) }
    }
}

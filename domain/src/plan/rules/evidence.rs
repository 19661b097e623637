//! What is known about the rules from elsewhere, in our own words, each with its source, grade
//! and kind. One file per question; a group of findings has a name and may serve several rules.
//!
//! **Must never** invent, round up or leave out dissent. An address stands as it was recorded; `…`
//! marks what was not.

pub(super) mod channels;
pub(super) mod content;
pub(super) mod open_ended;
pub(super) mod persistence;
pub(super) mod promised;
pub(super) mod thanks;
pub(super) mod weight;

/// How much weight a source carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// A survey or an official text.
    A,
    /// A named recruiter, career centre, staffing firm or editor.
    B,
    /// Generic advice, or data from a neighbouring field.
    C,
}

impl Grade {
    /// The letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// What sort of knowledge it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// People were asked or cases were counted.
    Survey,
    /// Somebody with experience says so.
    Opinion,
    /// A law, or the rule of an institution.
    Official,
    /// Data about something similar.
    Analogy,
}

impl EvidenceKind {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Survey => "survey",
            Self::Opinion => "opinion",
            Self::Official => "official",
            Self::Analogy => "analogy",
        }
    }
}

/// One finding of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// What the source says, in our own words.
    pub finding: &'static str,
    /// The numbers, where there are some.
    pub figure: Option<&'static str>,
    /// Who says so; the name of the site where no other is known.
    pub publisher: &'static str,
    /// Where, without the scheme; several are separated by semicolons.
    pub address: Option<&'static str>,
    /// When, as precisely as known: a year, a month or a day.
    pub published: Option<&'static str>,
    /// How much weight it carries.
    pub grade: Grade,
    /// What sort of knowledge it is.
    pub kind: EvidenceKind,
    /// Whether it speaks against what the rule does.
    pub dissent: bool,
}

impl Evidence {
    const fn new(
        kind: EvidenceKind,
        grade: Grade,
        publisher: &'static str,
        finding: &'static str,
    ) -> Self {
        Self {
            finding,
            figure: None,
            publisher,
            address: None,
            published: None,
            grade,
            kind,
            dissent: false,
        }
    }

    const fn figure(self, figure: &'static str) -> Self {
        Self { figure: Some(figure), ..self }
    }

    const fn at(self, address: &'static str) -> Self {
        Self { address: Some(address), ..self }
    }

    const fn published(self, published: &'static str) -> Self {
        Self { published: Some(published), ..self }
    }

    const fn dissenting(self) -> Self {
        Self { dissent: true, ..self }
    }
}

const fn survey(grade: Grade, publisher: &'static str, finding: &'static str) -> Evidence {
    Evidence::new(EvidenceKind::Survey, grade, publisher, finding)
}

const fn opinion(grade: Grade, publisher: &'static str, finding: &'static str) -> Evidence {
    Evidence::new(EvidenceKind::Opinion, grade, publisher, finding)
}

const fn official(grade: Grade, publisher: &'static str, finding: &'static str) -> Evidence {
    Evidence::new(EvidenceKind::Official, grade, publisher, finding)
}

const fn analogy(grade: Grade, publisher: &'static str, finding: &'static str) -> Evidence {
    Evidence::new(EvidenceKind::Analogy, grade, publisher, finding)
}

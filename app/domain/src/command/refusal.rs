//! One thing that is wrong with an input, in English for programs and command lines, and as a [`Told`] for those who say
//! it in another language.

use crate::{
    Instant,
    operator::Role,
    status::{Kind, Status},
};
use std::{collections::BTreeSet, fmt};

/// One thing that is wrong with an input: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// The field, such as `updates.scope[2].region`; empty for the whole input.
    pub field: String,
    pub what: String,
    /// What would be accepted.
    pub right: String,
    /// The same without words; `None` for what is only ever said in English.
    #[serde(skip)]
    pub told: Option<Told>,
}

impl Refusal {
    pub fn new(field: impl Into<String>, what: impl Into<String>, right: impl Into<String>) -> Self {
        Refusal { field: field.into(), what: what.into(), right: right.into(), told: None }
    }

    /// With other words for what would be accepted.
    pub fn or_rather(self, right: impl Into<String>) -> Self {
        Refusal { right: right.into(), ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "{}; {}", self.what, self.right)
    }
}

/// A refusal without words.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Which one it is, such as `text-too-long`.
    pub code: &'static str,
    /// By name, what is particular to this one.
    pub details: Vec<(&'static str, Detail)>,
}

/// A part of a refusal that each language writes in its own way.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    Text(String),
    Number(u64),
    Time(Instant),
    Status(Status),
    Kind(Kind),
    Role(Role),
    Statuses(Vec<Status>),
    Names(Vec<String>),
}

/// A time, in English to the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At(pub Instant);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }
}

/// Statuses to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Statuses(pub Vec<Status>);

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&listed(self.0.iter().map(|status| status.word().to_owned())))
    }
}

/// Names to choose from, each once, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Names(pub Vec<String>);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&listed(self.0.iter().cloned()))
    }
}

/// Names of a list that are shown at most.
pub const SHOWN_MAX: usize = 12;

/// A list for a message, cut where it would get long.
pub(crate) fn listed(items: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = items.collect::<BTreeSet<_>>().into_iter().collect();
    let more = all.len().saturating_sub(SHOWN_MAX);
    let shown = all[..all.len() - more].join(", ");
    match (all.is_empty(), more) {
        (true, _) => "(there is none yet)".to_owned(),
        (_, 0) => shown,
        (_, more) => format!("{shown} and {more} more"),
    }
}

macro_rules! detail {
    ($($type:ty, $value:ident => $detail:expr;)+) => {
        $(impl From<$type> for Detail {
            fn from($value: $type) -> Self {
                $detail
            }
        })+
    };
}

detail! {
    String, text => Detail::Text(text);
    u64, number => Detail::Number(number);
    usize, number => Detail::Number(u64::try_from(number).unwrap_or(u64::MAX));
    At, at => Detail::Time(at.0);
    Status, status => Detail::Status(status);
    Kind, kind => Detail::Kind(kind);
    Role, role => Detail::Role(role);
    Statuses, statuses => Detail::Statuses(statuses.0);
    Names, names => Detail::Names(names.0);
}

/// A table of reasons to refuse: of each its details, its code, and in English what is wrong and what would be right.
/// It makes an enumeration of them; [`Refusal`]s are made with its `at`. Every code is the id of a message
/// `refusal-CODE` in each language of the page, which a test of the crate `app` holds.
#[macro_export]
macro_rules! reasons {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $($variant:ident $({ $($detail:ident: $type:ty),+ })? = $code:literal, $what:literal, $right:literal;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $visibility enum $name {
            $(#[doc = $what] $variant $({ $($detail: $type),+ })?,)+
        }

        impl $name {
            /// Every code, with the names of its details.
            pub const ALL: &'static [(&'static str, &'static [&'static str])] =
                &[$(($code, &[$($(stringify!($detail)),+)?])),+];

            /// Refuses the field of this name; an empty one stands for the whole input.
            pub fn at(self, field: impl Into<String>) -> $crate::command::Refusal {
                let (code, what, right, details): (_, _, _, Vec<(&'static str, $crate::command::Detail)>) = match self {
                    $(Self::$variant $({ $($detail),+ })? => (
                        $code,
                        format!($what),
                        format!($right),
                        vec![$($((stringify!($detail), $detail.into())),+)?],
                    ),)+
                };
                $crate::command::Refusal { field: field.into(), what, right, told: Some($crate::command::Told { code, details }) }
            }
        }
    };
}

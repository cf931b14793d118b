//! A key that was suspended: why, what its developer says to that, and how it ended.

use crate::base::Timestamp;
use crate::base::id::{KeyId, SuspensionId};

/// A suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Its row.
    pub id: SuspensionId,
    /// Of which key.
    pub key_id: KeyId,
    /// Why; the developer reads it.
    pub reason: String,
    /// Who did it.
    pub suspended_by: String,
    /// Whether that was the platform's staff, and not the MLS's.
    pub by_platform: bool,
    /// When.
    pub suspended_at: Timestamp,
    /// What the developer says to it, and when.
    pub appeal: Option<(String, Timestamp)>,
    /// Who ended it, and when.
    pub resumed: Option<(String, Timestamp)>,
}

/// Who does something about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Staff of the MLS that issued it.
    Mls,
    /// Staff of the platform.
    Platform,
}

/// How a key stands when somebody wants to suspend it or take it up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Not switched off.
    pub enabled: bool,
    /// What keeps it from being used.
    pub running: Option<&'a Suspension>,
    /// The plan it came from was ended.
    pub plan_ended: bool,
    /// Its developer was deleted.
    pub developer_deleted: bool,
}

/// Why nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is suspended already.
    Already,
    /// It is switched off for another reason.
    Off,
    /// It is not suspended.
    Not,
    /// The platform's staff suspended it.
    Platforms,
    /// The plan it came from was ended: nobody may use it any more.
    PlanEnded,
    /// Its developer was deleted: nobody may use it any more.
    DeveloperDeleted,
    /// Its developer has appealed already.
    Appealed,
}

impl Refusal {
    /// The audit's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Already => "key_already_suspended",
            Self::Off => "key_off",
            Self::Not => "key_not_suspended",
            Self::Platforms => "suspended_by_platform",
            Self::PlanEnded => "plan_ended",
            Self::DeveloperDeleted => "developer_deleted",
            Self::Appealed => "already_appealed",
        }
    }
}

/// Whether a key may be suspended.
///
/// Refuses: see [`Refusal`].
pub fn may_suspend(standing: Standing<'_>) -> Result<(), Refusal> {
    match (standing.running, standing.enabled) {
        (Some(_), _) => Err(Refusal::Already),
        (None, false) => Err(Refusal::Off),
        (None, true) => Ok(()),
    }
}

/// Whether a suspension may be ended by that side.
///
/// Refuses: see [`Refusal`].
pub fn may_resume(standing: Standing<'_>, side: Side) -> Result<&Suspension, Refusal> {
    match standing.running {
        None => Err(Refusal::Not),
        Some(running) if running.by_platform && side == Side::Mls => Err(Refusal::Platforms),
        Some(_) if standing.plan_ended => Err(Refusal::PlanEnded),
        Some(_) if standing.developer_deleted => Err(Refusal::DeveloperDeleted),
        Some(running) => Ok(running),
    }
}

/// Whether the developer may appeal: once.
///
/// Refuses: see [`Refusal`].
pub fn may_appeal(running: Option<&Suspension>) -> Result<&Suspension, Refusal> {
    match running {
        None => Err(Refusal::Not),
        Some(running) if running.appeal.is_some() => Err(Refusal::Appealed),
        Some(running) => Ok(running),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn suspension(by_platform: bool) -> Suspension {
        Suspension {
            id: SuspensionId(1),
            key_id: KeyId(1),
            reason: "It showed sold prices.".into(),
            suspended_by: "x".into(),
            by_platform,
            suspended_at: Timestamp(0),
            appeal: None,
            resumed: None,
        }
    }

    #[test]
    fn an_mls_does_not_take_up_what_the_platform_suspended() {
        let (own, platforms) = (suspension(false), suspension(true));
        let standing = |running| Standing { enabled: false, running, plan_ended: false, developer_deleted: false };
        assert_eq!(may_resume(standing(Some(&platforms)), Side::Mls), Err(Refusal::Platforms));
        assert!(may_resume(standing(Some(&platforms)), Side::Platform).is_ok() && may_resume(standing(Some(&own)), Side::Mls).is_ok());
        assert_eq!(may_resume(Standing { plan_ended: true, ..standing(Some(&own)) }, Side::Mls), Err(Refusal::PlanEnded));
        let gone = Standing { developer_deleted: true, ..standing(Some(&own)) };
        assert_eq!(may_resume(gone, Side::Platform), Err(Refusal::DeveloperDeleted));
        assert_eq!(may_suspend(standing(None)), Err(Refusal::Off), "one that is off for another reason stays as it is");
    }

    #[derive(Debug, Clone, Copy)]
    enum Move {
        Suspend(bool),
        Resume(bool),
        Appeal,
    }

    proptest! {
        /// Against a model that remembers who closed the door and whether somebody knocked.
        #[test]
        fn a_key_works_unless_a_suspension_runs(moves in prop::collection::vec(prop_oneof![
            any::<bool>().prop_map(Move::Suspend), any::<bool>().prop_map(Move::Resume), Just(Move::Appeal)
        ], 0..30)) {
            let (mut enabled, mut running): (bool, Option<Suspension>) = (true, None);
            let mut model: Option<(bool, bool)> = None;
            for turn in moves {
                let standing = Standing { enabled, running: running.as_ref(), plan_ended: false, developer_deleted: false };
                match turn {
                    Move::Suspend(platform) => {
                        let done = may_suspend(standing).is_ok();
                        prop_assert_eq!(done, model.is_none());
                        if done {
                            (enabled, running) = (false, Some(suspension(platform)));
                            model = Some((platform, false));
                        }
                    }
                    Move::Resume(platform) => {
                        let side = if platform { Side::Platform } else { Side::Mls };
                        let done = may_resume(standing, side).is_ok();
                        prop_assert_eq!(done, model.is_some_and(|(by_platform, _)| platform || !by_platform));
                        if done {
                            (enabled, running, model) = (true, None, None);
                        }
                    }
                    Move::Appeal => {
                        let done = may_appeal(running.as_ref()).is_ok();
                        prop_assert_eq!(done, model.is_some_and(|(_, appealed)| !appealed));
                        if let (true, Some(found)) = (done, &mut running) {
                            found.appeal = Some(("We mended it.".into(), Timestamp(1)));
                            model = model.map(|(by_platform, _)| (by_platform, true));
                        }
                    }
                }
                prop_assert_eq!(enabled, model.is_none());
            }
        }
    }
}

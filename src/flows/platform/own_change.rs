//! What comes of a developer's own change of a key: what staff checked has to be checked again, and what staff limited stays limited.

use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::restriction::{narrows_addresses, narrows_agents};
use crate::store::key_records::State;

/// The state that a change leads to. Nothing that people were told of a verified application may become another under the same mark.
///
/// Refuses: on a key that is not `his_own` making, whatever lets in more than before.
pub fn settled(before: &State, mut after: State, his_own: bool) -> Result<State, ApiProblem> {
    const WHY: &str = "can be made narrower here, but not wider; only the MLS does that";
    let kept = [
        ("PermittedIPAddresses", narrows_addresses(&before.addresses, &after.addresses)),
        ("PermittedUserAgents", narrows_agents(&before.agents, &after.agents)),
        ("RequirePkce", after.policy.require_pkce || !before.policy.require_pkce),
    ];
    let wider: Vec<FieldProblem> = kept.iter().filter(|(_, kept)| !kept).map(|(name, _)| FieldProblem::of(*name, WHY)).collect();
    if !his_own && !wider.is_empty() {
        return Err(ApiProblem::Constraint(wider));
    }
    let same = before.name == after.name && before.application_uri == after.application_uri && before.redirect_uris == after.redirect_uris;
    after.policy.verified &= same;
    Ok(after)
}

//! Services of the platform's API, and what each role may do with them: one table, shown wherever roles are explained.

use super::access::AccessRefusal;
use super::role::Role;

/// What a role may do with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Nothing: the service is not part of the level.
    None,
    /// Look.
    Read,
    /// Look, and add what is new.
    Create,
    /// Everything the service offers.
    Write,
}

/// What a request does, as far as rights go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// GET and HEAD.
    Read,
    /// POST.
    Create,
    /// PUT, PATCH and DELETE.
    Change,
}

impl Act {
    /// The act of an HTTP method.
    pub fn of_method(method: &str) -> Self {
        match method {
            "GET" | "HEAD" | "OPTIONS" => Self::Read,
            "POST" => Self::Create,
            _ => Self::Change,
        }
    }
}

macro_rules! services {
    ($($(#[$doc:meta])* $name:ident $said:literal: $idx:ident $public:ident $vow:ident $portal:ident $private:ident),+ $(,)?) => {
        /// A service: a resource of the API with its sub-resources.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Service { $($(#[$doc])* $name),+ }

        impl Service {
            /// Every service.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// What people call it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $said),+ }
            }

            /// What a data role may do with it; the modifying roles open nothing by themselves.
            pub const fn right(self, role: Role) -> Right {
                match (self, role) {
                    $(
                        (Self::$name, Role::Idx) => Right::$idx,
                        (Self::$name, Role::Public) => Right::$public,
                        (Self::$name, Role::Vow) => Right::$vow,
                        (Self::$name, Role::Portal) => Right::$portal,
                        (Self::$name, Role::Private) => Right::$private,
                    )+
                    (_, Role::SingleSession | Role::Replication) => Right::None,
                }
            }
        }
    };
}

services! {
    //                                                             idx    public vow    portal private
    /// `/v1/developers/identities`, their keys, authorizations, secrets, tokens, history and billing.
    Developers "developers: identities, keys, authorizations":    None   None   None   None   Write,
    /// `/v1/developers/roles`
    Roles "developers: roles":                                    None   None   None   None   Read,
    /// `/v1/developers/templates`
    Templates "developers: templates":                            None   None   None   None   Write,
    /// `/v1/developers/domains`, those of the key that asks.
    Domains "developers: domains of the own key":                 Write  Write  Write  Write  Write,
    /// `/v1/developers/audit`
    Usage "developers: usage":                                    None   None   None   None   Read,
    /// `/v1/appstore/users`
    AppstoreUsers "app store users":                              None   None   None   None   Write,
    /// `/v1/my/account`
    MyAccount "own account":                                      Read   Read   Write  Write  Write,
}

impl Service {
    /// Whether only staff of an MLS, or a key with the privilege, may use it at all.
    pub const fn is_for_staff(self) -> bool {
        matches!(self, Self::Developers | Self::Roles | Self::Templates | Self::Usage)
    }
}

/// Who asks, as far as levels go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The data role in which the token acts.
    pub role: Option<Role>,
    /// Staff of an MLS, or a key with the privilege of the Keys API.
    pub staff: bool,
}

/// Whether somebody of that standing may do `act` on `service`.
///
/// Refuses: 1500 where the service is not part of the level, 1017 where the level may only read, 1018 where it may add but not change.
pub fn level(standing: Standing, service: Service, act: Act) -> Result<(), AccessRefusal> {
    let Some(role) = standing.role else { return Err(AccessRefusal::NotAtThisLevel) };
    match (service.right(role), act) {
        (Right::None, _) => Err(AccessRefusal::NotAtThisLevel),
        _ if service.is_for_staff() && !standing.staff => Err(AccessRefusal::NotAtThisLevel),
        (_, Act::Read) | (Right::Create | Right::Write, Act::Create) | (Right::Write, Act::Change) => Ok(()),
        (Right::Read, _) => Err(AccessRefusal::ReadOnly),
        (Right::Create, Act::Change) => Err(AccessRefusal::MethodForbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pb_01_only_staff_with_the_private_role_may_use_the_keys_api() {
        for role in Role::ALL {
            for staff in [false, true] {
                let may = level(Standing { role: Some(role), staff }, Service::Developers, Act::Read).is_ok();
                assert_eq!(may, staff && role == Role::Private, "{role} {staff}");
            }
        }
        assert_eq!(level(Standing { role: None, staff: true }, Service::Developers, Act::Read), Err(AccessRefusal::NotAtThisLevel));
    }

    #[test]
    fn pb_02_who_may_only_read_is_told_so_when_he_writes() {
        let staff = Standing { role: Some(Role::Private), staff: true };
        assert_eq!(level(staff, Service::Roles, Act::Change), Err(AccessRefusal::ReadOnly));
    }
}

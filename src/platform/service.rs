//! Services of the platform's API, and what each role may do with them: one table, shown wherever roles are explained.

use percent_encoding::percent_decode_str;

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

impl Right {
    /// In words; nothing where it is nothing.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Read => "read",
            Self::Create => "read, add",
            Self::Write => "read, write",
        }
    }
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
    ($($(#[$doc:meta])* $name:ident $said:literal at $at:tt: $idx:ident $public:ident $vow:ident $portal:ident $private:ident),+ $(,)?) => {
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

            /// Where it stands: the beginnings of its paths, whole segments each.
            pub const fn paths(self) -> &'static [&'static str] {
                match self { $(Self::$name => &$at),+ }
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
    //                                                                  idx    public vow    portal private
    /// `/v1/developers/identities`, their keys, authorizations, secrets, tokens, history and billing.
    Developers "developers: identities, keys, authorizations"
        at ["/v1/developers/identities"]:                               None   None   None   None   Write,
    /// `/v1/developers/roles`
    Roles "developers: roles"
        at ["/v1/developers/roles"]:                                    None   None   None   None   Read,
    /// `/v1/developers/templates`
    Templates "developers: templates"
        at ["/v1/developers/templates"]:                                None   None   None   None   Write,
    /// `/v1/developers/domains`, those of the key that asks.
    Domains "developers: domains of the own key"
        at ["/v1/developers/domains"]:                                  Write  Write  Write  Write  Write,
    /// `/v1/developers/audit`
    Usage "developers: usage"
        at ["/v1/developers/audit"]:                                    None   None   None   None   Read,
    /// `/v1/appstore/users`
    AppstoreUsers "app store users"
        at ["/v1/appstore/users"]:                                      None   None   None   None   Write,
    /// `/v1/my/account`
    MyAccount "own account"
        at ["/v1/my/account"]:                                          Read   Read   Write  Write  Write,
    /// `/v1/my/contact`, the contact a consumer is.
    MyContact "own contact"
        at ["/v1/my/contact"]:                                          None   None   Write  Write  None,
    /// `/v1/contacts/<Id>/portal`, by which a contact may sign in.
    PortalAccounts "portal accounts"
        at ["/v1/contacts/*/portal"]:                                   Create Read   Read   Read   Write,
    /// `/v1/contacts`, those of the agent.
    Contacts "contacts"
        at ["/v1/contacts"]:                                            Write  Read   None   None   Write,
    /// `/v1/consumers`, and the agents they are linked with.
    Consumers "consumers and their agents"
        at ["/v1/consumers"]:                                           None   None   Write  Write  Write,
    /// `/v1/portal`, that of the agent.
    Portals "portals"
        at ["/v1/portal"]:                                              Read   None   Read   Read   Write,
    /// Accounts of the MLS, which a data API serves.
    Accounts "accounts"
        at ["/v1/accounts"]:                                            Read   Read   Write  Write  Write,
    /// What the MLS is and has, which a data API serves.
    System "system information"
        at ["/v1/system"]:                                              Read   Read   Read   Read   Write,
    /// Listings with their photos, documents, open houses and fields, which a data API serves.
    Listings "listings and their fields"
        at ["/v1/listings", "/v1/sharedlistings", "/v1/openhouses", "/v1/standardfields", "/v1/customfields", "/v1/propertytypes",
            "/v1/marketstatistics"]:                                    Read   Read   Read   Read   Write,
    /// The RESO Web API, which a data API serves.
    ResoWebApi "RESO Web API"
        at ["/Reso/OData", "/Version/2/Reso/OData", "/Version/3/Reso/OData"]:
                                                                        Read   Read   Read   Read   Read,
    /// A consumer's or an agent's listing carts, which a data API serves.
    ListingCarts "listing carts"
        at ["/v1/listingcarts"]:                                        None   None   Write  Write  Write,
    /// A consumer's or an agent's saved searches, which a data API serves.
    SavedSearches "saved searches"
        at ["/v1/savedsearches"]:                                       None   None   Write  Write  Write,
}

impl Service {
    /// The service at a path, as a client wrote it, without its query.
    ///
    /// Refuses (`None`): a path of no service, and one that another program might read differently, with `..`, `//`, a coded slash or a
    /// control character in it: what is judged here must be what is served there.
    pub fn of_path(path: &str) -> Option<Self> {
        let mut plain = String::with_capacity(path.len());
        let mut segments = path.strip_prefix('/')?.split('/').peekable();
        while let Some(segment) = segments.next() {
            let said = percent_decode_str(segment).decode_utf8().ok()?;
            let last_slash = said.is_empty() && segments.peek().is_none() && !plain.is_empty();
            let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '%' | '?' | '#' | ';');
            if (said.is_empty() && !last_slash) || said == "." || said == ".." || said.contains(odd) {
                return None;
            }
            if !last_slash {
                plain.push('/');
                plain.push_str(&said);
            }
        }
        Self::ALL.iter().copied().find(|service| service.paths().iter().any(|path| begins(&plain, path)))
    }

    /// Whether only staff of an MLS, or a key with the privilege, may use it at all.
    pub const fn is_for_staff(self) -> bool {
        matches!(self, Self::Developers | Self::Roles | Self::Templates | Self::Usage)
    }
}

/// The table of services and data roles, for the README.
pub fn markdown_table() -> String {
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| role.is_data_role()).collect();
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let titled = ["service".to_owned(), "begins with".to_owned()].into_iter().chain(roles.iter().map(|role| format!("`{role}`")));
    let head = row(titled.collect());
    let line = format!("|{}\n", "---|".repeat(roles.len() + 2));
    let services = Service::ALL.iter().map(|service| {
        let staff = if service.is_for_staff() { " (staff)" } else { "" };
        let paths = service.paths().iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" ");
        let rights = roles.iter().map(|role| service.right(*role).words().to_owned());
        row([format!("{}{staff}", service.name()), paths].into_iter().chain(rights).collect())
    });
    [head, line].into_iter().chain(services).collect()
}

/// Whether a path begins with these whole segments; a star is any one.
fn begins(path: &str, with: &str) -> bool {
    let mut rest = path;
    for known in with.split('/').skip(1) {
        let Some(open) = rest.strip_prefix('/') else { return false };
        let end = open.find(if known == "*" { &['/'][..] } else { &['/', '('][..] }).unwrap_or(open.len());
        let (segment, behind) = open.split_at(end);
        if segment.is_empty() || (known != "*" && segment != known) {
            return false;
        }
        rest = behind;
    }
    rest.is_empty() || rest.starts_with(['/', '('])
}

/// Who asks, as far as levels go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The data role in which the token acts.
    pub role: Option<Role>,
    /// Staff of an MLS, or a key with the privilege of the Keys API.
    pub staff: bool,
    /// The key is bound to a template, so it may use the RESO Web API and nothing else.
    pub templated: bool,
}

/// Whether somebody of that standing may do `act` on `service`.
///
/// Refuses: 1500 where the service is not part of the level, 1017 where the level may only read, 1018 where it may add but not change.
pub fn level(standing: Standing, service: Service, act: Act) -> Result<(), AccessRefusal> {
    let Some(role) = standing.role else { return Err(AccessRefusal::NotAtThisLevel) };
    match (service.right(role), act) {
        (Right::None, _) => Err(AccessRefusal::NotAtThisLevel),
        _ if standing.templated && service != Service::ResoWebApi => Err(AccessRefusal::NotAtThisLevel),
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
                let may = level(Standing { role: Some(role), staff, templated: false }, Service::Developers, Act::Read).is_ok();
                assert_eq!(may, staff && role == Role::Private, "{role} {staff}");
            }
        }
        assert_eq!(
            level(Standing { role: None, staff: true, templated: false }, Service::Developers, Act::Read),
            Err(AccessRefusal::NotAtThisLevel)
        );
    }

    #[test]
    fn pb_02_who_may_only_read_is_told_so_when_he_writes() {
        let staff = Standing { role: Some(Role::Private), staff: true, templated: false };
        assert_eq!(level(staff, Service::Roles, Act::Change), Err(AccessRefusal::ReadOnly));
    }

    #[test]
    fn pb_15_a_consumer_reaches_no_service_of_agents_or_staff() {
        for role in [Role::Vow, Role::Portal] {
            let consumer = Standing { role: Some(role), staff: true, templated: false };
            for closed in
                [Service::Developers, Service::Roles, Service::Templates, Service::Usage, Service::AppstoreUsers, Service::Contacts]
            {
                assert_eq!(level(consumer, closed, Act::Read), Err(AccessRefusal::NotAtThisLevel), "{role} {closed:?}");
            }
            for own in [Service::MyContact, Service::Consumers, Service::ListingCarts, Service::SavedSearches] {
                assert_eq!(level(consumer, own, Act::Change), Ok(()), "{role} {own:?}");
            }
            assert_eq!(level(consumer, Service::Portals, Act::Change), Err(AccessRefusal::ReadOnly));
        }
        let site = Standing { role: Some(Role::Idx), staff: false, templated: false };
        assert_eq!(level(site, Service::PortalAccounts, Act::Create), Ok(()));
        assert_eq!(level(site, Service::PortalAccounts, Act::Change), Err(AccessRefusal::MethodForbidden));
    }

    #[test]
    fn a_path_belongs_to_the_service_whose_beginning_it_has_in_whole_segments() {
        for (path, service) in [
            ("/v1/listings", Service::Listings),
            ("/v1/listings/", Service::Listings),
            ("/v1/listings/20260101000000000000000000/photos", Service::Listings),
            ("/v1/my/account", Service::MyAccount),
            ("/v1/developers/audit/summary", Service::Usage),
            ("/Reso/OData/Property('3yd')", Service::ResoWebApi),
            ("/Reso/OData/$metadata", Service::ResoWebApi),
            ("/Version/3/Reso/OData/Property", Service::ResoWebApi),
            ("/v1/%6Cistings", Service::Listings),
            ("/v1/contacts", Service::Contacts),
            ("/v1/contacts/unconnected", Service::Contacts),
            ("/v1/contacts/20260101000000000000000000", Service::Contacts),
            ("/v1/contacts/20260101000000000000000000/portal", Service::PortalAccounts),
            ("/v1/contacts/20260101000000000000000000/portal/x", Service::PortalAccounts),
            ("/v1/contacts/20260101000000000000000000/portalx", Service::Contacts),
            ("/v1/contacts/portal", Service::Contacts),
            ("/v1/portal", Service::Portals),
            ("/v1/my/contact", Service::MyContact),
            ("/v1/consumers/me/agents/current", Service::Consumers),
        ] {
            assert_eq!(Service::of_path(path), Some(service), "{path}");
        }
        for path in ["", "/", "/v1", "/v1/listingsx", "/v1/unheard-of", "v1/listings", "/V1/listings", "/Reso/ODataX"] {
            assert_eq!(Service::of_path(path), None, "{path}");
        }
    }

    #[test]
    fn ad_04_a_path_that_could_be_read_in_two_ways_belongs_to_no_service() {
        for path in [
            "/v1/listings/../developers/identities",
            "/v1/listings/./x",
            "//v1/listings",
            "/v1//listings",
            "/v1/listings/..%2fdevelopers",
            "/v1/listings/%2e%2e/developers/identities",
            "/v1/listings/%252e%252e/developers",
            "/v1/listings/..;/developers",
            "/v1/listings\\..\\developers",
            "/v1/listings/%00",
            "/v1/listings/%ff",
        ] {
            assert_eq!(Service::of_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_key_bound_to_a_template_may_use_the_reso_web_api_only() {
        let bound = Standing { role: Some(Role::Idx), staff: false, templated: true };
        assert_eq!(level(bound, Service::ResoWebApi, Act::Read), Ok(()));
        assert_eq!(level(bound, Service::Listings, Act::Read), Err(AccessRefusal::NotAtThisLevel));
    }
}

//! Kinds of applications developers build, each with the role and the kind of key it needs, in plain words.

use super::role::Role;

/// A kind of application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// A public web site.
    Site,
    /// A web application that agents sign in to.
    Agents,
    /// An application that runs in the browser only.
    Browser,
    /// An application on a phone or a computer.
    Device,
}

impl Application {
    /// Every kind, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Site, Self::Agents, Self::Browser, Self::Device];

    /// The word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Agents => "agents",
            Self::Browser => "browser",
            Self::Device => "device",
        }
    }

    /// The kind that goes by that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Site => "A public website that shows listings",
            Self::Agents => "A web application that agents and brokers sign in to",
            Self::Browser => "An application that runs in the browser, without a server of its own",
            Self::Device => "An application on a phone or a computer",
        }
    }

    /// How one recognizes it.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Site => "Visitors are anonymous; home buyers may create a login with their agent.",
            Self::Agents => "Your own server keeps the secret; people sign in with their MLS login.",
            Self::Browser => "Anyone can read its code, so it has no secret and uses PKCE.",
            Self::Device => "It is installed on a device, so it has no secret either.",
        }
    }

    /// The role its key needs.
    pub const fn role(self) -> Role {
        match self {
            Self::Site => Role::Idx,
            Self::Agents | Self::Browser | Self::Device => Role::Private,
        }
    }

    /// What that role means for it.
    pub const fn means(self) -> &'static str {
        match self {
            Self::Site => {
                "Your key gets the role idx: it reads what an MLS lets everyone see, and passes on inquiries as contacts. When a home buyer \
                 signs in through it, that session alone sees more (the role vow); your key never does."
            }
            Self::Agents | Self::Browser | Self::Device => {
                "Your key gets the role private: whoever signs in lets it read and change what he may himself, and nothing of anyone else. \
                 Each person is asked first, and can take it back at any time."
            }
        }
    }

    /// Whether its key can keep a secret.
    pub const fn keeps_a_secret(self) -> bool {
        matches!(self, Self::Site | Self::Agents)
    }

    /// A redirect URI such as it has.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Device => "http://127.0.0.1/callback",
            Self::Site | Self::Agents | Self::Browser => "https://app.example/callback",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_application_has_a_word_of_its_own_and_a_data_role() {
        for kind in Application::ALL {
            assert_eq!(Application::of(kind.word()), Some(kind));
            assert!(kind.role().is_data_role() && kind.means().contains(kind.role().name()));
        }
        assert_eq!(Application::of("toaster"), None);
    }
}

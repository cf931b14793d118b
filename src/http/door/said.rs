//! What a page says about what was just done there: fixed sentences, chosen by a word in the address.

use crate::http::pages::parts::{Notice, Tone};
use crate::protocol::params::Params;

const SENTENCES: &[(&str, &str, &str)] = &[
    ("disconnected", "Disconnected.", "It can no longer act for you."),
    ("session-ended", "Session ended.", "Whoever uses that browser has to sign in again."),
    ("password-changed", "Password changed.", "Every other session has ended, and an e-mail about it is on its way to you."),
    ("address-confirmed", "Your address is confirmed.", "Sign in to see how your registration stands."),
    ("payment-saved", "Your invoice account is on file.", "Now choose a plan."),
    ("payment-saved-go-on", "Your invoice account is on file.", "Go on where you were."),
    ("enrolled", "Sent.", "Who has to approve is asked by e-mail, one after the other; you are told how it goes on."),
    ("withdrawn", "Withdrawn.", "Nobody is asked about it any more."),
    ("accepted", "Accepted.", "You accepted the plan's new terms."),
    ("commented", "Your comment is on the page.", "Whoever is asked can read it."),
    ("approved", "Approved.", "The next person has been asked by e-mail."),
    ("approved-broker", "Approved.", "The broker has been asked by e-mail."),
    ("approved-association", "Approved.", "The association has been asked by e-mail."),
    ("approved-issued", "Approved.", "The key is issued and the developer has been e-mailed."),
    ("approved-terms", "Approved.", "The developer has been asked by e-mail to accept the plan's new terms."),
    ("declined", "Declined.", "The developer is told your reason."),
    ("delegated", "Handed on.", "Your colleague is asked by e-mail now."),
    ("link-sent", "An e-mail with a new link is on its way.", "The link before works no more."),
    ("link-not-sent", "No e-mail was sent.", "There were too many within the hour; please wait a little."),
    (
        "token-taken-back",
        "No e-mail was sent.",
        "The token was taken back, by who it speaks for or by staff. A new enrollment can lead to another.",
    ),
    ("activated", "Activated.", "The developer has a demo key now, and an e-mail."),
    ("refused", "Refused.", "The developer is told your reason."),
    ("suspended", "Suspended.", "Nobody can use the key any more; its developer is told your reason."),
    ("resumed", "Taken up again.", "The key works as before, and its developer is told."),
    ("issued", "Issued.", "The developer gets an e-mail with a one-time link to what belongs to the key."),
    ("locked", "Locked.", "Nobody can sign in to this account, and nothing acts for it."),
    ("unlocked", "Unlocked.", "The account can be used again."),
    ("switched-off", "Switched off.", "They cannot sign in to the portal any more."),
    ("switched-on", "Switched on.", "They can sign in to the portal again."),
    ("published", "Published.", "Developers find it in the Datamart."),
    ("ended", "Ended.", "Its keys are switched off, and nobody can enroll any more."),
    ("rotating", "On its way.", "New keys are published within seconds, and sign once every client has them."),
    ("appealed", "Sent.", "Whoever suspended the key is told what you say."),
    ("saved", "Saved.", "It holds from now on."),
    ("saved-unverified", "Saved.", "The mark “verified” is gone until the MLS checks the application again."),
    ("verified", "Verified.", "People who are asked read that you checked whose application it is."),
    ("secret-ended", "Switched off.", "That secret is not accepted any more; now it can be deleted."),
    ("secret-deleted", "Deleted.", "The secret is gone."),
    ("key-deleted", "Deleted.", "The key and everything issued for it have ended."),
    ("consumer-confirmed", "Welcome.", "Your address is confirmed. Go back to the site you came from and sign in there."),
    ("login-ready", "Your login is ready.", "Sign in with it at any site your agent shares with you."),
    ("person-set", "Pia can sign in.", "With the login name below and the password you chose."),
    ("password-set", "Your password is set.", "Sign in with it."),
];

/// The sentence a word stands for; any other word says nothing.
pub fn told(query: &Params) -> Option<Notice> {
    let word = query.text("said")?;
    let (_, heading, text) = SENTENCES.iter().find(|(known, ..)| *known == word)?;
    Some(Notice::new("said", Tone::Good, *heading, *text))
}

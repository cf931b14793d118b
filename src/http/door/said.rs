//! What a page says about what was just done there: fixed sentences, chosen by a word in the address.

use crate::http::pages::parts::{Notice, Tone};
use crate::protocol::params::Params;

const SENTENCES: &[(&str, &str, &str)] = &[
    ("disconnected", "Disconnected.", "It can no longer act for you."),
    ("session-ended", "Session ended.", "That browser has to sign in again."),
    ("password-changed", "Password changed.", "You are signed out everywhere else, and we e-mailed you about it."),
    ("address-confirmed", "Your address is confirmed.", "Sign in to see how your registration stands."),
    ("payment-saved", "Your invoice account is on file.", "Now choose a plan."),
    ("payment-saved-go-on", "Your invoice account is on file.", "Continue where you left off."),
    ("enrolled", "Sent.", "Each person who has to approve is asked by e-mail, one after the other. We will keep you posted."),
    ("withdrawn", "Withdrawn.", "No one is asked about it anymore."),
    ("accepted", "Accepted.", "You accepted the plan's new terms."),
    ("commented", "Your comment was added.", "Everyone who is asked can read it."),
    ("approved", "Approved.", "The next person has been asked by e-mail."),
    ("approved-broker", "Approved.", "The broker has been asked by e-mail."),
    ("approved-association", "Approved.", "The association has been asked by e-mail."),
    ("approved-issued", "Approved.", "The key is issued and the developer has been e-mailed."),
    ("approved-terms", "Approved.", "The developer has been asked by e-mail to accept the plan's new terms."),
    ("declined", "Declined.", "The developer has been e-mailed your reason."),
    ("delegated", "Handed over.", "Your colleague has been asked by e-mail."),
    ("link-sent", "An e-mail with a new link is on its way.", "The earlier link no longer works."),
    ("link-not-sent", "No e-mail was sent.", "Too many were sent within the hour. Please try again later."),
    (
        "token-taken-back",
        "No e-mail was sent.",
        "The token was revoked by the person it acts for or by staff. Enroll again to get another.",
    ),
    ("activated", "Activated.", "The developer has been e-mailed and has a demo key."),
    ("refused", "Refused.", "The developer has been e-mailed your reason."),
    ("suspended", "Suspended.", "No one can use the key now. Its developer has been e-mailed your reason."),
    ("resumed", "Reinstated.", "The key works as before, and its developer has been e-mailed."),
    ("issued", "Issued.", "The developer gets an e-mail with a one-time link to the key's credentials."),
    ("locked", "Locked.", "No one can sign in to this account, and no application can act for it."),
    ("unlocked", "Unlocked.", "The account can be used again."),
    ("switched-off", "Switched off.", "They can no longer sign in to the portal."),
    ("switched-on", "Switched on.", "They can sign in to the portal again."),
    ("published", "Published.", "Developers find it in the Datamart."),
    ("ended", "Ended.", "Its keys are switched off, and no one can enroll anymore."),
    ("rotating", "In progress.", "New keys are published within seconds, and start signing once every client has them."),
    ("appealed", "Sent.", "Your appeal was sent to whoever suspended the key."),
    ("saved", "Saved.", "Your changes are in effect."),
    ("saved-unverified", "Saved.", "It is no longer marked as verified until the MLS checks the application again."),
    ("verified", "Verified.", "People who are asked to allow it are told that you checked whose application it is."),
    ("secret-ended", "Switched off.", "That secret no longer works and can now be deleted."),
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

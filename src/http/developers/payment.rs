//! `/appstore/datamart/payment`: the invoice account, entered once, on the way to a plan or by itself.

use crate::app::App;
use crate::base::{Fault, Problems};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::datamart::payment as flow;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::{Form, found};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Field, FormBlock, Notice, Section};
use crate::platform::developer::PaymentAccount;
use crate::protocol::params::Params;
use crate::store::Conn;

use super::frame;

/// The plan one came from and goes back to; a number, so that no link chooses where somebody is taken.
fn plan(params: &Params) -> Option<i64> {
    params.text("plan").and_then(|text| text.parse().ok()).filter(|number| *number > 0)
}

/// `GET /appstore/datamart/payment`
pub fn show(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let form = match flow::get(conn, guest)? {
        Some(account) => Form::default()
            .with("legal_name", account.legal_name)
            .with("billing_address", account.billing_address)
            .with("email", account.email)
            .with("tax_id", account.tax_id),
        None => Form::default(),
    };
    let mut page = page(guest, asked, &form, plan(&asked.query));
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(guest: &DeveloperGuest, asked: &Asked, form: &Form, plan: Option<i64>) -> ConsolePage {
    let mut page = frame::page(guest, &asked.path, "Invoice account", "Where the MLSs' invoices for your plans go.");
    let fields = vec![
        Field::line("legal_name", "Legal name").required().autocomplete("organization").from(form),
        Field::lines("billing_address", "Billing address", 4).required().autocomplete("street-address").from(form),
        Field::typed("email", "E-mail address for invoices", "email").required().autocomplete("email").from(form),
        Field::line("tax_id", "Tax id").from(form),
    ];
    let mut sheet = FormBlock::new("payment-form", "/appstore/datamart/payment", ("save", "Save"), fields);
    sheet = match plan {
        Some(plan) => sheet.sends("plan", plan.to_string()).cancel(format!("/appstore/datamart/plans/{plan}")),
        None => sheet.cancel("/appstore/datamart"),
    };
    let lede = "We send invoices. Never enter a card number here.";
    page.blocks = vec![Block::Section(Section::new("payment-section", "Who pays", lede, vec![Block::Form(sheet)]))];
    page
}

/// `POST /appstore/datamart/payment`
pub fn put(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let text = |name: &str| asked.form.text(name).unwrap_or_default().to_owned();
    let typed = PaymentAccount {
        legal_name: text("legal_name"),
        billing_address: text("billing_address"),
        email: text("email"),
        tax_id: text("tax_id"),
    };
    let back = plan(&asked.form);
    match flow::put(app, conn, guest, &typed)? {
        Ok(()) => Ok(Shown::Go(match back {
            Some(plan) => format!("/appstore/datamart/plans/{plan}/enrol?said=payment-saved-go-on"),
            None => "/appstore/datamart?said=payment-saved".to_owned(),
        })),
        Err(problems) => {
            let problems: Problems = found(&problems);
            // What looks like a card number is not shown again either.
            let mut form = Form::sent(&asked.form, problems.clone());
            for (field, _) in problems.iter().filter(|(_, sentence)| sentence.contains("card number")) {
                form = form.with(field, "");
            }
            let mut page = page(guest, asked, &form, back);
            page.notice = Some(Notice::problems(&problems));
            Ok(Shown::Refused(Box::new(page)))
        }
    }
}

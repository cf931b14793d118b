//! Bodies of no stated length that nobody reads to the end.
//!
//! The server below us throws the rest of such a body away for as long as it comes, if its reader is gone before the answer.
//! So the answer keeps the reader: then the connection ends with it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_core::Stream;

/// The reader of a request's body, in two hands.
#[derive(Clone)]
pub struct Reader(Rc<RefCell<Payload>>);

impl Reader {
    /// Takes a second hold of a body without stated length; any other needs none.
    pub fn hold(request: &mut ServiceRequest) -> Option<Self> {
        request.headers().contains_key(header::TRANSFER_ENCODING).then(|| {
            let reader = Self(Rc::new(RefCell::new(request.take_payload())));
            request.set_payload(Payload::Stream { payload: Box::pin(reader.clone()) });
            reader
        })
    }
}

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

/// An answer, and what was not read before it.
pub struct Answer {
    /// The answer.
    pub body: BoxBody,
    /// Let go when the answer is sent.
    pub unread: Option<Reader>,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

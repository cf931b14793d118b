//! The numbers in an address.

use std::str::FromStr;

use actix_web::HttpRequest;

/// The number that stands in the address at `name`; what is no number as we write them is -1, a row that nobody has,
/// so that nonsense, the absent and what is somebody else's are refused at the same place and look the same.
pub fn number(request: &HttpRequest, name: &str) -> i64 {
    request.match_info().get(name).and_then(read).unwrap_or(-1)
}

/// The id of 26 digits that stands in the address at `name`; nothing where something else does.
pub fn digits<I: FromStr>(request: &HttpRequest, name: &str) -> Option<I> {
    request.match_info().get(name)?.parse().ok()
}

fn read(text: &str) -> Option<i64> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (!text.starts_with('0') || text == "0");
    text.parse().ok().filter(|_| canonical)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(read("17"), Some(17));
        assert_eq!(read("0"), Some(0));
        for bad in ["", "-1", "+1", "01", "1.0", "1e3", " 1", "9223372036854775808", "１"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

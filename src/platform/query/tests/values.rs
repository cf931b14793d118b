//! Values that are written in more than one way.

use super::*;

#[test]
fn a_number_with_a_fraction_stands_between_two_whole_ones() {
    use Comparison::{Greater, LessOrEqual};
    let id = |comparison, number| test("id", Test::Whole(comparison, number));
    assert_eq!(filter("Id Gt 500000.0").unwrap(), id(Greater, 500_000));
    assert_eq!((filter("Id Gt 1.5").unwrap(), filter("Id Ge 1.5").unwrap()), (id(Greater, 1), id(Greater, 1)));
    assert_eq!((filter("Id Lt -0.5").unwrap(), filter("Id Le -0.5").unwrap()), (id(LessOrEqual, -1), id(LessOrEqual, -1)));
    assert_eq!((filter("Id Eq 1.5").unwrap(), filter("Id Eq -0.00").unwrap()), (Filter::Any(vec![]), id(Comparison::Equal, 0)));
    assert_eq!(filter("Id Bt 1.5,2.5").unwrap(), Filter::All(vec![id(Greater, 1), id(LessOrEqual, 2)]));
}

#[test]
fn a_number_that_records_show_as_text_is_asked_for_in_either_way() {
    let ok = test("status", Test::Whole(Comparison::Equal, 200));
    assert_eq!((filter("HttpStatus Eq '200'").unwrap(), filter("HttpStatus Eq 200").unwrap()), (ok.clone(), ok));
    assert_eq!(filter("HttpStatus Ge '400'").unwrap(), test("status", Test::Whole(Comparison::GreaterOrEqual, 400)));
    assert_eq!(filter("Tags Eq 'first, buyer'").unwrap(), test("tags", Test::HasMember("first, buyer".to_owned())));
}

//! One spelling per ECDSA signature: whoever sees (r, s) can write (r, n − s), which is as valid; we write and take the lower s only.
//!
//! Nothing here is secret: it is arithmetic on finished signatures.

use std::cmp::Ordering;

/// The order of P-256. Spec: FIPS 186-4 D.1.2.3
const N: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Whether an ES256 signature (r then s, 32 bytes each) has the lower of its two values of s; false for any other length.
pub(super) fn is_low(signature: &[u8]) -> bool {
    half(signature).is_some_and(|s| s.as_slice().cmp(negated(s).as_slice()) == Ordering::Less)
}

/// Replaces s by n − s where that is lower.
pub(super) fn lower(signature: &mut [u8]) {
    if is_low(signature) {
        return;
    }
    if let Some(s) = signature.get_mut(32..).and_then(|s| <&mut [u8; 32]>::try_from(s).ok()) {
        *s = negated(s);
    }
}

fn half(signature: &[u8]) -> Option<&[u8; 32]> {
    signature.get(32..)?.try_into().ok()
}

/// n − s, for an s below n.
fn negated(s: &[u8; 32]) -> [u8; 32] {
    let mut out = [0; 32];
    let mut borrow = false;
    for ((out, n), s) in out.iter_mut().zip(N).zip(s).rev() {
        let (difference, below) = n.overflowing_sub(*s);
        let (difference, below_again) = difference.overflowing_sub(u8::from(borrow));
        *out = difference;
        borrow = below || below_again;
    }
    out
}

/// The other spelling of a signature, for tests that must see it refused.
#[cfg(test)]
pub(super) fn raised(low: &[u8]) -> Vec<u8> {
    let (r, s) = low.split_at(32);
    [r, &negated(s.try_into().expect("32 bytes"))].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A signature whose s is n/2 rounded down, plus `more`.
    fn around_half(more: u8) -> Vec<u8> {
        let mut s = [0; 32];
        let mut carry = 0;
        for (out, n) in s.iter_mut().zip(N) {
            *out = (n >> 1) | (carry << 7);
            carry = n & 1;
        }
        s[31] += more;
        [[1; 32], s].concat()
    }

    #[test]
    fn the_lower_half_stays_and_the_upper_half_is_turned_over() {
        assert!(is_low(&around_half(0)));
        assert!(!is_low(&around_half(1)));
        let mut turned = around_half(1);
        lower(&mut turned);
        assert_eq!(turned, around_half(0));
        lower(&mut turned);
        assert_eq!(turned, around_half(0));
    }

    #[test]
    fn n_minus_one_becomes_one() {
        let mut signature = [[1; 32], N].concat();
        signature[63] -= 1;
        lower(&mut signature);
        assert_eq!(signature[32..63], [0; 31]);
        assert_eq!(signature[63], 1);
    }

    #[test]
    fn another_length_is_neither_low_nor_touched() {
        for length in [0, 32, 63, 65, 96] {
            let mut signature = vec![0xff; length];
            assert!(!is_low(&signature));
            lower(&mut signature);
            assert_eq!(signature, vec![0xff; length]);
        }
    }
}

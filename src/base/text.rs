//! Text that people wrote and other people will read.

/// `text` as it may stand on a page or in a log: trimmed, without control, zero-width and direction-changing characters, at most `longest` characters.
pub fn readable(text: &str, longest: usize) -> String {
    text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(longest).collect::<String>().trim().to_owned()
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_turn_the_page_around() {
        assert_eq!(readable(" Good\u{202e}evil\u{200b}\r\n ", 128), "Goodevil");
        assert_eq!(readable("A\u{2028}d\u{3164}a\u{e0041}", 128), "Ada");
        assert_eq!(readable(&"x".repeat(500), 128).len(), 128);
    }
}

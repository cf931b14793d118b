//! Counts over time, drawn here: an SVG that takes its colours from the stylesheet, with the numbers beside it.

use askama::Template;

/// The drawing's width and height. Units: of the drawing.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 120.0;

/// Counts over time.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/chart.html")]
pub struct Chart {
    /// The element's id.
    pub id: &'static str,
    /// What is counted.
    pub title: String,
    /// What the first and the second part of each bar count.
    pub parts: (&'static str, &'static str),
    /// The bars, oldest first.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// When.
    pub label: String,
    /// The first part.
    pub good: i64,
    /// The second part, on top of it.
    pub bad: i64,
}

/// A bar as it is drawn.
#[derive(Debug, Clone, PartialEq)]
struct Drawn {
    x: String,
    width: String,
    good: (String, String),
    bad: (String, String),
    label: String,
}

impl Chart {
    fn total(&self) -> (i64, i64) {
        self.bars.iter().fold((0, 0), |(good, bad), bar| (good + bar.good, bad + bar.bad))
    }

    fn highest(&self) -> i64 {
        self.bars.iter().map(|bar| bar.good + bar.bad).max().unwrap_or_default().max(1)
    }

    #[expect(clippy::cast_precision_loss, reason = "a bar's height needs no more than fifty bits")]
    fn drawn(&self) -> Vec<Drawn> {
        let highest = self.highest() as f64;
        let step = WIDTH / self.bars.len().max(1) as f64;
        let number = |value: f64| format!("{value:.1}");
        self.bars
            .iter()
            .enumerate()
            .map(|(at, bar)| {
                let (good, bad) = (bar.good as f64 / highest * HEIGHT, bar.bad as f64 / highest * HEIGHT);
                Drawn {
                    x: number(step.mul_add(at as f64, step * 0.12)),
                    width: number(step * 0.76),
                    good: (number(HEIGHT - good), number(good)),
                    bad: (number(HEIGHT - good - bad), number(bad)),
                    label: format!("{}: {} {}, {} {}", bar.label, bar.good, self.parts.0, bar.bad, self.parts.1),
                }
            })
            .collect()
    }

    fn ends(&self) -> (&str, &str) {
        (self.bars.first().map_or("", |bar| &bar.label), self.bars.last().map_or("", |bar| &bar.label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_drawing_and_its_parts_stand_on_each_other() {
        let bar = |good, bad| Bar { label: "d".to_owned(), good, bad };
        let chart = Chart { id: "c", title: String::new(), parts: ("ok", "refused"), bars: vec![bar(3, 1), bar(0, 0)] };
        let drawn = chart.drawn();
        assert_eq!(drawn[0].good, ("30.0".to_owned(), "90.0".to_owned()));
        assert_eq!(drawn[0].bad, ("0.0".to_owned(), "30.0".to_owned()));
        assert_eq!(drawn[1].good.1, "0.0");
        assert_eq!(chart.total(), (3, 1));
    }
}

//! The files under `/static/`, compiled in: the binary is the whole installation.

/// Each file as (name under `/static/`, content type, bytes).
pub const ASSETS: &[(&str, &str, &[u8])] = &[
    ("latchkey.css", CSS, include_bytes!("../../static/latchkey.css")),
    ("console.css", CSS, include_bytes!("../../static/console.css")),
    ("demo.css", CSS, include_bytes!("../../static/demo.css")),
    ("form-post.js", "text/javascript; charset=utf-8", include_bytes!("../../static/form-post.js")),
    ("favicon.svg", SVG, include_bytes!("../../static/favicon.svg")),
    ("roofline.svg", SVG, include_bytes!("../../static/roofline.svg")),
    ("mls-cascade-valley.svg", SVG, include_bytes!("../../static/mls-cascade-valley.svg")),
    ("mls-harbor-coast.svg", SVG, include_bytes!("../../static/mls-harbor-coast.svg")),
    ("demo-icon.svg", SVG, include_bytes!("../../static/demo-icon.svg")),
    ("demo-ada.svg", SVG, include_bytes!("../../static/demo-ada.svg")),
    ("demo-ben.svg", SVG, include_bytes!("../../static/demo-ben.svg")),
    ("demo-mia.svg", SVG, include_bytes!("../../static/demo-mia.svg")),
    ("demo-harborview.svg", SVG, include_bytes!("../../static/demo-harborview.svg")),
];

const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
